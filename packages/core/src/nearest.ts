import { distance } from 'fastest-levenshtein'

/** The name among `names` that looks most like `name`, if one is near enough to be what was meant. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of names) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase())
    if (d < bestDistance) {
      best = candidate
      bestDistance = d
    }
  }
  return best
}

/** `; did you mean 'users'?`, or the list of valid names when none is near, or nothing when there are none. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const all = [...names]
  const guess = nearest(name, all)
  if (guess !== undefined) return `; did you mean '${guess}'?`
  if (all.length === 0) return ''
  const shown = all.slice(0, 12).map((n) => `'${n}'`)
  return `; valid: ${shown.join(', ')}${all.length > shown.length ? ', …' : ''}`
}
