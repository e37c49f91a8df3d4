import { type CharSet, intersect } from './char-set.js'
import { type Automaton, readPattern, UnsupportedSyntax } from './regex-automaton.js'

/** Longest pattern taken, in characters. */
const MAX_LENGTH = 512
/** Most ways in which a text may be matched, loops apart: the constant in front of the linear time. */
const MAX_CHOICES = 10_000
/** Most steps spent on a check; a pattern that needs more is refused. */
const MAX_STEPS = 200_000

/** Whether the text compiles as a regular expression. */
export function isRegExpSource(source: string): boolean {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}

/** How a pattern will be used. */
export interface RegExpUse {
  /** It is anchored at both ends. Default false. */
  readonly whole?: boolean
  /** It gets the flag `i`. Default false. */
  readonly ignoreCase?: boolean
}

/**
 * The problem of a pattern that is matched against client input, or `undefined`: it is not a
 * regular expression, is longer than 512 characters, or could take more than linear time in a backtracking matcher.
 * Look-around and back-references are refused, as in every linear-time engine. Line breaks in the input void the
 * verdict unless the pattern gets the flag `s`.
 *
 * The criterion is that of Weber and Seidl, "On the degree of ambiguity of finite automata" (1991): the ways to
 * match a text grow without bound exactly when two states can both return to themselves on a text that also leads
 * from the one to the other.
 */
export function checkRegExp(
  source: string,
  { whole = false, ignoreCase = false }: RegExpUse = {}
): string | undefined {
  if (!isRegExpSource(source)) return 'is not a regular expression'
  if (source.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`
  const open = withoutFreeEnd(source)
  try {
    const automaton = readPattern(whole ? `^(?:${open})` : open, ignoreCase)
    const endsFreely = !automaton.asserts && (!whole || takesAnyEnd(open))
    const risky = statesThatCanFail(automaton, endsFreely)
    if (hasManyChoices(automaton, risky) || isAmbiguous(automaton, risky))
      return 'could take more than linear time: two of its repetitions can match the same text'
  } catch (error) {
    if (error instanceof UnsupportedSyntax) return `could take more than linear time: it ${error.message}`
    throw error
  }
  return undefined
}

// Nothing can make the `$` of `.*$` fail.
function withoutFreeEnd(source: string): string {
  const open = source.replace(/\$$/, '')
  return takesAnyEnd(open) ? open : source
}

function takesAnyEnd(source: string): boolean {
  return /(?:^|[^\\])\.\*\)*$/.test(source) && !source.includes('|')
}

// A state from which every way leads to a match is never come back from.
function statesThatCanFail({ follow, last }: Automaton, endsFreely: boolean): ReadonlySet<number> {
  const all = new Set(follow.keys())
  if (!endsFreely) return all
  const safe = new Set(last)
  for (let size = -1; size !== safe.size; ) {
    size = safe.size
    for (const state of safe) if (follow[state]?.some((next) => !safe.has(next))) safe.delete(state)
  }
  for (const state of safe) all.delete(state)
  return all
}

function hasManyChoices({ sets, follow }: Automaton, risky: ReadonlySet<number>): boolean {
  let product = 1
  for (const state of risky) {
    const next = (follow[state] as readonly number[]).filter((other) => risky.has(other))
    const intervals = next.flatMap((other) => sets[other] as CharSet)
    // Where most intervals overlap, one of them begins.
    const most = intervals.map(([at]) => intervals.filter(([low, high]) => low <= at && at <= high).length)
    product *= Math.max(1, ...most)
    if (product > MAX_CHOICES) return true
  }
  return false
}

function isAmbiguous({ sets, follow }: Automaton, risky: ReadonlySet<number>): boolean {
  const next = follow.map((states, from) => (risky.has(from) ? states.filter((to) => risky.has(to)) : []))
  const reach = next.map((_, state) => reachable(next, state))
  const loops = [...risky].filter((state) => reach[state]?.has(state))
  let steps = 0

  // Whether some text leads from `p` to `p`, from `p` to `q` and from `q` to `q`.
  function share(p: number, q: number): boolean {
    const seen = new Set<string>()
    const queue: (readonly [number, number, number])[] = [[p, p, q]]
    for (const [a, b, c] of queue) {
      for (const a2 of next[a] as number[]) {
        if (!reach[a2]?.has(p)) continue
        for (const b2 of next[b] as number[]) {
          if (b2 !== q && !reach[b2]?.has(q)) continue
          const both = intersect(sets[a2] as CharSet, sets[b2] as CharSet)
          if (both.length === 0) continue
          for (const c2 of next[c] as number[]) {
            if (!reach[c2]?.has(q)) continue
            if (++steps > MAX_STEPS) return true
            if (intersect(both, sets[c2] as CharSet).length === 0) continue
            if (a2 === p && b2 === q && c2 === q) return true
            const key = `${a2},${b2},${c2}`
            if (seen.size !== seen.add(key).size) queue.push([a2, b2, c2])
          }
        }
      }
    }
    return false
  }

  return loops.some((p) => loops.some((q) => p !== q && reach[p]?.has(q) && share(p, q)))
}

function reachable(next: readonly (readonly number[])[], from: number): ReadonlySet<number> {
  const seen = new Set<number>(next[from])
  for (const state of seen) for (const other of next[state] as readonly number[]) seen.add(other)
  return seen
}
