import { median } from './statistics.mjs'

const rounded = (value) => Number(value.toPrecision(6))

/** Turns measurements, one object a round, into one list per metric with its median: `{ rounds, median }`. */
export function columns(measurements) {
  const names = Object.keys(measurements[0] ?? {})
  const rounds = Object.fromEntries(names.map((name) => [name, measurements.map((m) => rounded(m[name]))]))
  const medians = Object.fromEntries(names.map((name) => [name, rounded(median(rounds[name]))]))
  return { rounds, median: medians }
}
