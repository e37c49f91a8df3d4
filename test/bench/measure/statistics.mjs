/** The middle of some numbers, or the mean of the two in the middle. `null` of none. */
export function median(values) {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * How many times `ours` is of `theirs`: the median over rounds of the ratio within one round.
 * Noise of the machine lasts longer than a round, so it cancels out; it would not between medians.
 */
export function medianRatio(ours, theirs) {
  return median(ours.map((value, round) => value / theirs[round]))
}
