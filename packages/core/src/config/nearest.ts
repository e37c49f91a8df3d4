import { distance } from 'fastest-levenshtein'

/** Letters from which on a name within another one says something. */
const TELLING = 4

/**
 * The name in `names` closest to `name`, if near enough to be a likely intent: a few typing errors
 * away, or one within the other.
 */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const given = name.toLowerCase()
  let best: string | undefined
  let bestDistance = slipsOf(name) + 1
  let kin: string | undefined
  let kinDistance = Number.POSITIVE_INFINITY
  for (const candidate of names) {
    const other = candidate.toLowerCase()
    const d = distance(given, other)
    if (d < bestDistance && (name.length > TELLING || d < 2 || isSwapped(given, other))) {
      best = candidate
      bestDistance = d
    }
    if (d < kinDistance && isWithin(given, other)) {
      kin = candidate
      kinDistance = d
    }
  }
  return best ?? kin
}

function slipsOf(name: string): number {
  return Math.max(2, Math.floor(name.length / 3))
}

// 'auth' and 'path' differ in two letters and are two words; 'ptah' is a slip.
function isSwapped(a: string, b: string): boolean {
  return [...a].sort().join('') === [...b].sort().join('')
}

function isWithin(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.length >= TELLING && (long.startsWith(short) || long.endsWith(short))
}

/**
 * `; did you mean 'users'?`, or the list of valid names when none is near, the first `most` of them, or nothing when
 * there are none.
 */
export function didYouMean(name: string, names: Iterable<string>, most = 12): string {
  const all = [...names]
  const guess = nearest(name, all)
  if (guess !== undefined) return `; did you mean '${guess}'?`
  if (all.length === 0) return ''
  const shown = all.slice(0, most).map((n) => `'${n}'`)
  return `; valid: ${shown.join(', ')}${all.length > shown.length ? ', …' : ''}`
}
