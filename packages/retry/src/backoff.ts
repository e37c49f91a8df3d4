import type { Chance } from '@gatewright/core'
import type { RetrySettings } from './settings.js'

/**
 * The delay before a retry, in whole milliseconds: uniformly random between 0 and a limit that doubles each time ("full
 * jitter", M. Brooker, "Exponential Backoff And Jitter", 2015). `retries`: the number of earlier retries, from 0.
 */
export function backoffMs(
  { baseMs, maxMs }: Pick<RetrySettings, 'baseMs' | 'maxMs'>,
  retries: number,
  chance: Chance
): number {
  return Math.round(chance() * Math.min(maxMs, baseMs * 2 ** Math.min(retries, 30)))
}
