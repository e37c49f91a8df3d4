import { type CoreReason, REASONS, type Reason, type ReasonInfo } from '../config/reason.js'
import type { Endpoint } from './endpoint.js'
import { GatewayError } from './gateway-error.js'

/**
 * One try at one endpoint: the record that balancers, breakers, health, logs and metrics read.
 * Filled in as the attempt goes on; complete when observers are notified by `ended`.
 */
export interface AttemptRecord {
  readonly endpoint: Endpoint
  /** 1 for the first attempt of the exchange. */
  readonly number: number
  /** When it began, in milliseconds of the exchange's clock. */
  readonly startedAt: number
  /** When it had a connection, open or yet to be opened: waiting in line was over; 0 while it waits. */
  dispatchedAt: number
  /** When the first byte of the request was about to be sent: connecting was over; 0 when none was. */
  sentAt: number
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
  /** Whether it began beside another one. */
  readonly hedge: boolean
  /** Whether a stale connection made the transport send this attempt again on a fresh one. */
  reconnected: boolean
  /** Why it failed; `null` if the response was complete. `client_closed` blames neither side. */
  failure: Reason | null
  /** What the failure looked like to the transport; for the log only. */
  error: unknown
  /** How long the gateway itself stood still while the head was waited for, in milliseconds: no latency of the endpoint. */
  stalledMs: number
  /** Set-Cookie lines that go to the client with this attempt's answer; `null` for none. */
  readonly setCookies: readonly string[] | null
  /** The response's `Retry-After`, of a response of 400 and above; `''` for none. */
  retryAfter: string
  /**
   * Whether it was given up for a reason that says nothing of the endpoint: another attempt had answered first
   * (hedging), or the client's own deadline was over.
   */
  cancelled: boolean
  /**
   * Whether it had been waited for so much longer than answers of its pool take that it does say something, though it was
   * cancelled: an endpoint that hangs behind hedges would never be noticed. A fault for health.
   */
  overdue: boolean
  /**
   * Whether it found no connection because its client had all that it may have (`connections.perClient`): that says nothing
   * of the endpoint.
   */
  overShare: boolean
  /** Whether its response was given up because another attempt goes on in its place. */
  superseded: boolean
}

/** What an attempt says of its endpoint. */
export type Verdict = 'success' | 'fault' | 'neutral'

/**
 * The verdict of an ended attempt on its endpoint: `neutral` if the client disconnected, the gateway gave up,
 * another attempt was faster, or its response, a 429 for example, was given up for another one. Breakers, health and
 * budgets all count by this one.
 */
export function verdictOf(
  attempt: Pick<AttemptRecord, 'failure' | 'status' | 'cancelled' | 'superseded'> & {
    readonly error?: unknown
  }
): Verdict {
  if (attempt.cancelled) return 'neutral'
  if (isUpstreamFault(attempt)) return 'fault'
  return attempt.failure === null && !attempt.superseded ? 'success' : 'neutral'
}

/**
 * Milliseconds from the beginning to the head in which the gateway was awake, or for the loser of two attempts what it was
 * waited for in vain: at least so long would its head have taken. `null` where nothing was measured.
 */
export function measuredMs({
  dispatchedAt,
  startedAt,
  headAt,
  endedAt,
  cancelled,
  failure,
  stalledMs
}: AttemptRecord): number | null {
  if (headAt > 0) return Math.max(0, headAt - startedAt - stalledMs)
  if (!cancelled || failure !== null || dispatchedAt === 0) return null
  return Math.max(0, endedAt - dispatchedAt - stalledMs)
}

/**
 * Whether an attempt failed because all connections to its endpoint were busy and the line for one was full, or took too
 * long. Nothing was sent; another endpoint may have one.
 */
export function foundNoConnection(failure: Reason | null): boolean {
  return failure === 'pool_queue_full' || failure === 'pool_queue_timeout'
}

/**
 * Whether the upstream is to blame: it failed to answer, or answered 5xx. A client that left and a limit of
 * the gateway's own are neutral; breakers and health must not count them.
 */
export function isUpstreamFault({
  failure,
  status,
  error
}: Pick<AttemptRecord, 'failure' | 'status'> & { readonly error?: unknown }): boolean {
  if (failure === null) return status >= 500
  const info = REASONS[failure as CoreReason] as ReasonInfo | undefined
  // What a feature's reason says, its error has with it.
  const blames = info === undefined ? error instanceof GatewayError && error.blames : info.blames
  return blames === 'upstream'
}
