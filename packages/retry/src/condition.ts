import type { AttemptRecord, Reason } from '@gatewright/core'
import type { Condition, RetrySettings } from './settings.js'

/**
 * What each reason of a failure is called as a condition. A malformed answer stays malformed. A full line is no reason to
 * stand in it again: see where it is asked elsewhere.
 */
export const CONDITIONS: Partial<Record<Reason, Condition>> = {
  upstream_connect_failed: 'connect_failure',
  upstream_connect_timeout: 'connect_failure',
  upstream_tls_failed: 'connect_failure',
  pool_queue_full: 'connect_failure',
  pool_queue_timeout: 'connect_failure',
  upstream_reset: 'reset',
  upstream_timeout: 'timeout'
}

/** What is wrong with an attempt that may be tried again; `null` when nothing is, or nothing that these settings name. */
export function conditionOf(
  { failure, status }: Pick<AttemptRecord, 'failure' | 'status'>,
  { on, statuses }: Pick<RetrySettings, 'on' | 'statuses'>
): Condition | null {
  const condition = failure === null ? (statuses.has(status) ? 'status' : undefined) : CONDITIONS[failure]
  return condition !== undefined && on.has(condition) ? condition : null
}
