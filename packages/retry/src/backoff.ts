import type { Chance } from '@gatewright/core'
import type { RetrySettings } from './settings.js'

/**
 * The wait before an attempt, in whole milliseconds: evenly drawn from 0 to a limit that doubles each time ("full jitter",
 * M. Brooker, "Exponential Backoff And Jitter", 2015). `retries`: how many there were before, from 0.
 */
export function backoffMs(
  { baseMs, maxMs }: Pick<RetrySettings, 'baseMs' | 'maxMs'>,
  retries: number,
  chance: Chance
): number {
  return Math.round(chance() * Math.min(maxMs, baseMs * 2 ** Math.min(retries, 30)))
}
