export { DURATION_PATTERN } from './terms.js'

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A length of time: `'250ms'`, `'1.5s'`, `'5m'`, `'1h'`. Always with a unit. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`

const SHAPE = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

/** Whole milliseconds of a duration, at least 1 for more than nothing; `undefined` when the text is not one. */
export function durationMs(text: string): number | undefined {
  const ms = exactMs(text)
  return ms !== undefined && ms > 0 && ms < 1 ? 1 : ms && Math.round(ms)
}

/** The milliseconds of a duration, which may be no whole number; `undefined` when the text is not one. */
export function exactMs(text: string): number | undefined {
  const match = SHAPE.exec(text)
  return match === null ? undefined : Number(match[1]) * (UNITS[match[2] as string] as number)
}
