import { durationMs, isSecretName, sizeBytes } from '@gatewright/core'
import type { Shape } from './shape.js'

/** A value in the one spelling of its meaning. */
export type Node =
  | {
      readonly kind: 'leaf'
      /** What is compared. */
      readonly meaning: unknown
      /** What is shown. */
      readonly shown: unknown
      /** It means the same as leaving it out. */
      readonly isNone?: true
    }
  | {
      readonly kind: 'branch'
      readonly entries: ReadonlyMap<string, Entry>
      readonly isList: boolean
      /** Whether the order of the entries says something. */
      readonly isOrdered?: boolean
      /** The value whole, as it is shown; `undefined` where it is left out. */
      readonly shown: unknown
    }

/** A part of a value, and how its path goes on: `.max`, `[3]`. */
interface Entry {
  readonly node: Node
  readonly step: string
}

/** What stands for a secret. */
const MASK = '***'

/** The meaning of a value; `undefined` for one that is not there. `name` is its key, for what no shape knows. */
export function nodeOf(value: unknown, shape: Shape, name = ''): Node | undefined {
  switch (shape.kind) {
    case 'scalar': {
      const given = value ?? shape.default
      if (given === undefined) return undefined
      return leaf(comparable(shape.fold?.(given) ?? given), shownOf(given, name))
    }
    case 'duration':
    case 'size': {
      const given = value ?? shape.default
      if (given === undefined) return undefined
      const number =
        typeof given !== 'string' ? given : shape.kind === 'size' ? sizeBytes(given) : durationMs(given)
      return leaf(number ?? given, given)
    }
    case 'url':
      return value === undefined ? undefined : leaf(sameUrl(value), shownUrl(value))
    case 'secret':
      return value === undefined ? undefined : leaf(comparable(value), MASK)
    case 'set': {
      const given = value ?? shape.default
      if (given === undefined) return undefined
      if (given === false) return leaf(false, false)
      const all = [given].flat()
      const folded = all.map((one) => comparable(shape.fold?.(one) ?? one))
      return leaf(
        [...new Set(folded.map((one) => JSON.stringify(one)))].sort(),
        shape.secret ? MASK : all.map((one) => shownOf(one, ''))
      )
    }
    case 'list': {
      if (value === undefined) return undefined
      if (value === false) return leaf(false, false)
      const items = Array.isArray(value)
        ? value
        : isPlain(value) && shape.of.kind === 'scalar'
          ? Object.entries(value)
          : [value]
      return branch(
        items.map((item, index) => [String(index), nodeOf(item, shape.of), `[${index}]`]),
        true
      )
    }
    case 'keyed': {
      if (value === undefined) return undefined
      if (value === false) return leaf(false, false)
      const isList = Array.isArray(value)
      const seen = new Map<string, number>()
      const node = branch(
        (isList ? value : [value]).map((item, index) => {
          const key = shape.key(item, index)
          const count = (seen.get(key) ?? 0) + 1
          seen.set(key, count)
          return [count === 1 ? key : `${key}#${count}`, nodeOf(item, shape.of), isList ? `[${index}]` : '']
        }),
        isList
      )
      return shape.ordered === true ? { ...node, isOrdered: true } : node
    }
    case 'map': {
      if (!isPlain(value))
        return value === undefined ? undefined : leaf(comparable(value), shownOf(value, name))
      return branch(
        Object.entries(value).map(([key, part]) => {
          const node = nodeOf(part, shape.of, key)
          const hidden = shape.secretNames === true && isSecretName(key) && node?.kind === 'leaf'
          return [shape.fold?.(key) ?? key, hidden ? { ...node, shown: MASK } : node, `.${key}`]
        }),
        false
      )
    }
    case 'object':
      return objectNode(value, shape)
  }
}

function objectNode(value: unknown, shape: Extract<Shape, { kind: 'object' }>): Node | undefined {
  const given = shape.long?.(value) ?? value
  if (given === undefined && shape.always !== true) return undefined
  if (given === false && shape.falseIsNone === true) return { ...leaf(false, false), isNone: true }
  if (given !== undefined && !isPlain(given)) return leaf(comparable(given), shownOf(given, ''))
  const plain = given ?? {}
  const keys = new Set([...Object.keys(shape.keys), ...Object.keys(plain)])
  const node = branch(
    [...keys].map((key) => {
      const known = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined
      return [
        key,
        nodeOf(Object.hasOwn(plain, key) ? plain[key] : undefined, known ?? UNKNOWN, key),
        isOfObject(known) ? '' : `.${key}`
      ]
    }),
    false
  )
  return { ...node, shown: given === undefined ? undefined : shownParts(plain, node, shape) }
}

function isOfObject(shape: Shape | undefined): boolean {
  return shape?.kind === 'scalar' && shape.ofObject === true
}

const UNKNOWN: Shape = { kind: 'scalar' }

function leaf(meaning: unknown, shown: unknown): Node & { kind: 'leaf' } {
  return { kind: 'leaf', meaning, shown }
}

type Part = readonly [key: string, node: Node | undefined, step: string]

function branch(parts: readonly Part[], isList: boolean): Node & { kind: 'branch' } {
  const entries = new Map<string, Entry>()
  for (const [key, node, step] of parts) if (node !== undefined) entries.set(key, { node, step })
  const all = [...entries]
  const shown = isList
    ? all.map(([, { node }]) => node.shown)
    : Object.fromEntries(
        all.flatMap(([key, { node }]) => (node.shown === undefined ? [] : [[key, node.shown]]))
      )
  return { kind: 'branch', entries, isList, shown }
}

// What is written down, without the defaults.
function shownParts(
  plain: Readonly<Record<string, unknown>>,
  { entries }: Node & { kind: 'branch' },
  { keys }: Extract<Shape, { kind: 'object' }>
): unknown {
  const parts: [string, unknown][] = []
  for (const key of Object.keys(plain)) {
    const node = entries.get(key)?.node
    if (node === undefined) continue
    if (!isOfObject(keys[key])) parts.push([key, node.shown])
    else if (typeof node.shown === 'object') parts.push(...Object.entries(node.shown as object))
    else return node.shown
  }
  return Object.fromEntries(parts)
}

/** A value that compares by `JSON.stringify`: functions and instances by what is written in them. */
function comparable(value: unknown): unknown {
  if (typeof value === 'function') return `function ${String(value)}`
  if (value instanceof RegExp || value instanceof URL) return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  if (!isPlain(value)) return `an instance of ${nameOf(value)}`
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  return Object.fromEntries(keys.sort().map((key) => [key, comparable(value[key])]))
}

function shownOf(value: unknown, name: string): unknown {
  if (name !== '' && typeof value === 'string' && name !== 'key' && isSecretName(name)) return MASK
  if (typeof value === 'function') return 'a function'
  if (value instanceof RegExp) return String(value)
  if (Array.isArray(value)) return value.map((one) => shownOf(one, ''))
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : value
  if (!isPlain(value)) return `an instance of ${nameOf(value)}`
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shownOf(part, key)]))
}

// A slash at the end, upper case and the usual port make no other URL.
function sameUrl(value: unknown): unknown {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value).href : comparable(value)
}

// Without the user, and without the query, either of which may be a secret.
function shownUrl(value: unknown): unknown {
  if (typeof value !== 'string') return shownOf(value, '')
  return value.replace(/^([a-z+]+:\/\/)[^/?#]*@/i, `$1${MASK}@`).replace(/[?#].*$/s, '?…')
}

function nameOf(value: object): string {
  return value.constructor?.name ?? 'Object'
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const inherited: unknown = Object.getPrototypeOf(value)
  return inherited === null || inherited === Object.prototype
}
