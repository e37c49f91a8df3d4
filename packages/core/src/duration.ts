const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A length of time: `'250ms'`, `'1.5s'`, `'5m'`, `'1h'`. Always with a unit. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`

/** What a duration looks like, for the configuration schema. */
export const DURATION_PATTERN = '^\\d+(\\.\\d+)?(ms|s|m|h)$'

const SHAPE = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

/** Milliseconds of a duration, or `undefined` when the text is not one. */
export function durationMs(text: string): number | undefined {
  const match = SHAPE.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * (UNITS[match[2] as string] as number)
}
