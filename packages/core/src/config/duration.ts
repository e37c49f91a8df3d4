const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A length of time: `'250ms'`, `'1.5s'`, `'5m'`, `'1h'`. Always with a unit. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`

/** When a hedged attempt begins: a {@link Duration}, or a percentile of the pool's recent latency such as `'p95'`. */
export type HedgeDelay = Duration | `p${number}`

/** What a duration looks like, for the configuration schema. */
export const DURATION_PATTERN = '^\\d+(\\.\\d+)?(ms|s|m|h)$'

const SHAPE = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

/** Whole milliseconds of a duration, at least 1 for more than nothing; `undefined` when the text is not one. */
export function durationMs(text: string): number | undefined {
  const match = SHAPE.exec(text)
  if (match === null) return undefined
  const ms = Number(match[1]) * (UNITS[match[2] as string] as number)
  return ms > 0 && ms < 1 ? 1 : Math.round(ms)
}
