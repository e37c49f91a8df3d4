import { didYouMean } from '@gatewright/core'
import { STATUS_RULE, type StatusRange, statusRange } from '../status-range.js'

/** For which statuses something is done, as configured. */
export type WhenConfig = string | number | readonly (string | number)[]

/** The ranges that a checked condition stands for; `null` for all statuses. */
export function resolveWhen(when: WhenConfig = 'always'): readonly StatusRange[] | null {
  const ranges = [when].flat().map((one) => statusRange(one) as StatusRange)
  return ranges.some(([from, to]) => from === 200 && to === 599) ? null : ranges
}

/** Whether it is done for a status. */
export function holdsFor(ranges: readonly StatusRange[] | null, status: number): boolean {
  return ranges === null || ranges.some(([from, to]) => status >= from && status <= to)
}

/** Yields what is wrong with a condition. */
export function* checkWhen(when: WhenConfig, at: string): Iterable<string> {
  for (const one of [when].flat())
    if (statusRange(one) === null)
      yield `${at}: '${one}' ${STATUS_RULE}, 'always', 'success' or 'error'${/^\d/.test(String(one)) ? '' : didYouMean(String(one), ['always', 'success', 'error'])}`
}
