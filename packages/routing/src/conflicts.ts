import { PAUSE } from '@gatewright/core'
import type { Group } from './group.js'
import { addTo } from './group-by.js'
import { patterns } from './path-tree.js'
import type { Variant } from './variant.js'

/** Patterns that match every path. */
const UNIVERSAL = /^\^?\/?(?:\.\*\$?)?$/

/** Yields one sentence for every two routes of a host of which one can never match, or that are equal in precedence. */
export function* findConflicts(group: Group): Iterable<string> {
  const { host } = group
  const where = host === '' ? '' : ` at host '${host}'`
  const told = new Set<string>()
  for (const conflict of conflictsOf(group)) {
    if (conflict === null) {
      yield PAUSE
      continue
    }
    const [first, second, problem] = conflict
    const pair = `${first.index} ${second.index}`
    if (told.size === told.add(pair).size) continue
    if (problem === 'equal')
      yield `${first.name} and ${second.name} match the same requests${where} and none goes first: give one of them a higher 'priority', or another condition`
    else
      yield `${second.name} can never match${where}: ${first.name} goes first and takes all of its requests`
  }
}

function* conflictsOf(group: Group): Iterable<Conflict | null> {
  yield* samePath(group)
  yield* coveredByRegex(group.variants)
}

type Conflict = readonly [first: Variant, second: Variant, problem: 'equal' | 'hidden']

function* samePath({ variants, folded }: Group): Iterable<Conflict | null> {
  const pathsOf = (variant: Variant): readonly string[] =>
    variant.shape === null ? [String(variant.regex)] : patterns(variant.shape, folded)
  const places = new Map<string, Variant[]>()
  for (const variant of variants) {
    // Routes with other conditions, or of another kind, are distinguished by precedence.
    for (const path of pathsOf(variant))
      addTo(places, `${variant.match.path.kind} ${path} ${variant.conditionsKey}`, variant)
    yield null
  }
  for (const here of places.values()) {
    yield null
    for (const [index, second] of here.entries())
      for (const first of here.slice(0, index)) {
        if (!sameCase(first, second)) continue
        if (first.match.priority === second.match.priority) {
          if (shareMethods(first, second)) yield [first, second, 'equal']
        } else if (
          takesAllMethods(first, second) &&
          takesAllCases(first, second) &&
          pathsOf(second).every((path) => pathsOf(first).includes(path))
        )
          yield [first, second, 'hidden']
      }
  }
}

// An expression goes before every prefix and before the expressions after it.
function* coveredByRegex(variants: readonly Variant[]): Iterable<Conflict> {
  for (const [index, first] of variants.entries()) {
    const { kind, value } = first.match.path
    if (kind !== 'regex' || first.conditions.length > 0 || !UNIVERSAL.test(value)) continue
    for (const second of variants.slice(index + 1))
      if (takesAllMethods(first, second)) yield [first, second, 'hidden']
  }
}

function shareMethods(a: Variant, b: Variant): boolean {
  return a.methods === null || b.methods === null || [...a.methods].some((method) => b.accepts(method))
}

function takesAllMethods(first: Variant, second: Variant): boolean {
  return [...second.allowed].every((method) => first.accepts(method))
}

// In a group that compares without regard to case, `/A` and `/a` stand at one path.
function sameCase(a: Variant, b: Variant): boolean {
  if (!a.match.caseSensitive || !b.match.caseSensitive) return true
  return spelling(a) === spelling(b)
}

function spelling({ shape }: Variant): string {
  return (shape?.segments.join('/') ?? '').replace(/\/$/, '')
}

function takesAllCases(first: Variant, second: Variant): boolean {
  return !first.match.caseSensitive || second.match.caseSensitive
}
