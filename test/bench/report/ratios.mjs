import { medianRatio } from '../measure/statistics.mjs'

/**
 * How many times the metric of `one` is that of `other`, both contestants of the case: the median of the
 * per-round ratios. `null` when one of them was not measured.
 */
export function ratio({ contestants }, metric, one, other) {
  const ours = contestants[one]?.rounds[metric]
  const theirs = contestants[other]?.rounds[metric]
  if (ours === undefined || theirs === undefined) return null
  return medianRatio(ours, theirs)
}

/** The ratio that the case's table shows in the row of `name`: the gateway to it, or it to the reference. */
export function shownRatio(entry, metric, name) {
  if (name === (entry.ratioOf ?? entry.ratioTo)) return null
  return entry.ratioOf === undefined
    ? ratio(entry, metric, name, entry.ratioTo)
    : ratio(entry, metric, entry.ratioOf, name)
}
