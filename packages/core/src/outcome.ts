import type { Endpoint } from './endpoint.js'
import type { Reason } from './reason.js'

/**
 * One try at one endpoint: the record that balancers, breakers, health, logs and metrics read.
 * Filled in as the attempt goes on; complete when observers are told `ended`.
 */
export interface AttemptRecord {
  readonly endpoint: Endpoint
  /** 1 for the first attempt of the exchange. */
  readonly number: number
  /** When it began, in milliseconds of the exchange's clock. */
  readonly startedAt: number
  /** When the response head arrived; 0 when none did. */
  headAt: number
  /** When it was over, however it ended; 0 while it runs. */
  endedAt: number
  /** The upstream's status; 0 when no response head arrived. */
  status: number
  /** Whether a byte of the request may have reached the upstream. False makes a retry safe for any method. */
  sent: boolean
  /** Whether the connection had served an earlier request. */
  reused: boolean
  /** Whether a stale connection made the transport send this attempt again on a fresh one. */
  reconnected: boolean
  /** Why it failed, or `null` when the response arrived whole. `client_closed` is nobody's fault. */
  failure: Reason | null
  /** What the failure looked like to the transport; for the log only. */
  error: unknown
}

const LOCAL: ReadonlySet<Reason> = new Set<Reason>([
  'client_closed',
  'body_too_large',
  'request_timeout',
  'pool_queue_full',
  'pool_queue_timeout',
  'internal_error',
  'draining'
])

/**
 * Whether the upstream is to blame: it failed to answer, or answered 5xx. A client that left and a limit of
 * the gateway's own are neutral; breakers and health must not count them.
 */
export function isUpstreamFault({ failure, status }: Pick<AttemptRecord, 'failure' | 'status'>): boolean {
  return failure === null ? status >= 500 : !LOCAL.has(failure)
}
