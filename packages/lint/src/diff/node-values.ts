import type { Node } from '../meaning/node.js'

/** Whether a part is there and on. */
export function isOn(node: Node | undefined): boolean {
  return node !== undefined && !(node.kind === 'leaf' && node.meaning === false)
}

/** Whether a part only observes. */
export function observes(node: Node | undefined): boolean {
  return partOf(node, 'mode')?.shown === 'observe'
}

/** A part of an object; `undefined` where there is none. */
export function partOf(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'branch' ? node.entries.get(key)?.node : undefined
}

/** The number that a value means; `undefined` for none. */
export function numberOf(node: Node | undefined): number | undefined {
  return node?.kind === 'leaf' && typeof node.meaning === 'number' ? node.meaning : undefined
}

/** How a list, or one value, has changed. */
export function listChange(from: Node | undefined, to: Node | undefined): 'more' | 'fewer' | 'other' {
  const [old, next] = [entriesOf(from), entriesOf(to)]
  if (old.every((one) => next.includes(one))) return 'more'
  return next.every((one) => old.includes(one)) ? 'fewer' : 'other'
}

function entriesOf(node: Node | undefined): readonly string[] {
  if (node === undefined) return []
  if (node.kind === 'branch') return [...node.entries.keys()]
  return Array.isArray(node.meaning) ? (node.meaning as string[]) : [JSON.stringify(node.meaning)]
}
