import type { AttemptRecord, Reason } from '@gatewright/core'
import type { Condition, RetrySettings } from './settings.js'

/**
 * The retry condition of each failure reason. Malformed responses are not retried. A full connection queue is retried only
 * at another endpoint, which the policy decides.
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

/** The retry condition that an attempt meets under these settings; `null` for none. */
export function conditionOf(
  { failure, status }: Pick<AttemptRecord, 'failure' | 'status'>,
  { on, statuses }: Pick<RetrySettings, 'on' | 'statuses'>
): Condition | null {
  const condition = failure === null ? (statuses.has(status) ? 'status' : undefined) : CONDITIONS[failure]
  return condition !== undefined && on.has(condition) ? condition : null
}
