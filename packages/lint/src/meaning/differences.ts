import type { Node } from './node.js'

/** A place in which two values differ in meaning. */
export interface Difference {
  /** The path behind that of the whole: `.retry.attempts`, `.rateLimit[0].limit`. */
  readonly path: string
  /** The keys on the way; for entries of lists their names. */
  readonly keys: readonly string[]
  /** As it is shown; `undefined` where there is none. */
  readonly before: unknown
  readonly after: unknown
  /** The values themselves, in one spelling. */
  readonly from: Node | undefined
  readonly to: Node | undefined
}

/** The key of a difference in the order of a list. */
export const ORDER = '(order)'

/** Where two values differ in meaning, each place once, the smallest parts. */
export function* differences(
  from: Node | undefined,
  to: Node | undefined,
  path = '',
  keys: readonly string[] = []
): Iterable<Difference> {
  if (from === undefined && to === undefined) return
  if (from === undefined || to === undefined || from.kind === 'leaf' || to.kind === 'leaf') {
    if (!isSame(from, to)) yield { path, keys, before: shownOf(from), after: shownOf(to), from, to }
    return
  }
  if (from.isOrdered === true && to.isOrdered === true) {
    const [old, next] = [common(from, to), common(to, from)]
    if (old.join() !== next.join()) yield { path, keys: [...keys, ORDER], before: old, after: next, from, to }
  }
  for (const key of new Set([...from.entries.keys(), ...to.entries.keys()])) {
    const [old, next] = [from.entries.get(key), to.entries.get(key)]
    const step = (next ?? old)?.step as string
    yield* differences(old?.node, next?.node, path + step, [...keys, key])
  }
}

/** Whether two values mean the same. */
function isSame(from: Node | undefined, to: Node | undefined): boolean {
  if (isNone(from) || isNone(to)) return isNone(from) === isNone(to)
  if (from === undefined || to === undefined) return false
  if (from.kind === 'leaf' || to.kind === 'leaf')
    return (
      from.kind === to.kind && JSON.stringify((from as Leaf).meaning) === JSON.stringify((to as Leaf).meaning)
    )
  for (const key of new Set([...from.entries.keys(), ...to.entries.keys()]))
    if (!isSame(from.entries.get(key)?.node, to.entries.get(key)?.node)) return false
  return true
}

function isNone(node: Node | undefined): boolean {
  return node === undefined || (node.kind === 'leaf' && node.isNone === true)
}

type Leaf = Extract<Node, { kind: 'leaf' }>

// What means its defaults and is written nowhere.
function shownOf(node: Node | undefined): unknown {
  return node?.shown
}

function common(one: Branch, other: Branch): readonly string[] {
  return [...one.entries.keys()].filter((key) => other.entries.has(key))
}

type Branch = Extract<Node, { kind: 'branch' }>
