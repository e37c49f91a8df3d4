import { exactMs } from './duration.js'

/** How long a duration may be, as the keyword `lasts` of a schema says it. */
export interface DurationLimits {
  readonly least: string
  readonly most: string
  /** Whether `0ms` has a meaning, though it is less than `least`. */
  readonly zero: boolean
}

/** Whether a text is a duration within limits. Other texts are left to the pattern check. */
export function isInRange({ least, most, zero }: DurationLimits, text: string): boolean {
  const ms = exactMs(text)
  if (ms === undefined || (zero && ms === 0)) return true
  return ms >= (exactMs(least) as number) && ms <= (exactMs(most) as number)
}

/** The limits in words that follow "must be": `from 1ms to 596h, or 0ms`. */
export function rangeRule({ least, most, zero }: DurationLimits): string {
  return `from ${least} to ${most}${zero ? ', or 0ms' : ''}`
}
