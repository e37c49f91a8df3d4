import type { Exchange, Reason, Timeouts } from '@gatewright/core'

/** Where a forwarding stands. `admission`: until the pool it moves to lets it in; `waiting`: for the next attempt. */
export type Phase = 'admission' | 'queued' | 'connecting' | 'sent' | 'answered' | 'waiting' | 'over'

/** What the limits are measured against; times in milliseconds of one clock. */
export interface Progress {
  readonly phase: Phase
  /** When the phase began. */
  readonly phaseAt: number
  /** When the present attempt began. */
  readonly attemptAt: number
  /** When bytes last moved, either way. */
  readonly activeAt: number
  /** The overall deadline; 0 for none. */
  readonly deadlineAt: number
  readonly timeouts: Timeouts
  readonly queueTimeoutMs: number
  /** The client is still sending the body. */
  readonly uploading: boolean
  /** The upstream takes no more of the body for now. */
  readonly upstreamStalled: boolean
  /** The client takes no more of the response for now. */
  readonly clientStalled: boolean
}

/** The deadline of an exchange: the route's `total`, or the client's own deadline if sooner; 0 for none. */
export function deadlineOf({ ingress, startedAt }: Exchange, { totalMs }: Timeouts): number {
  const { timeoutMs } = ingress
  if (timeoutMs > 0 && (totalMs === 0 || timeoutMs < totalMs)) return startedAt + timeoutMs
  return totalMs > 0 ? startedAt + totalMs : 0
}

/** Whether the deadline is one that the client has set. */
export function isClients({ deadlineAt, startedAt }: Exchange, { totalMs }: Timeouts): boolean {
  return totalMs === 0 || deadlineAt < startedAt + totalMs
}

/** A limit that holds. */
export interface Limit {
  /** When it is reached; `Infinity` for never. */
  readonly at: number
  /** The reason for which the forwarding ends then. */
  readonly reason: Reason
}

/** The limit that is reached first, unless the phase changes or bytes move. Pure. */
export function nextLimit(progress: Progress): Limit {
  const { deadlineAt, phase, attemptAt, timeouts } = progress
  const limit =
    phase === 'connecting' || phase === 'sent'
      ? sooner(phaseLimit(progress), after(attemptAt, timeouts.perTryMs, 'upstream_timeout'))
      : phaseLimit(progress)
  return deadlineAt > 0 && deadlineAt <= limit.at ? { at: deadlineAt, reason: 'deadline_exceeded' } : limit
}

function sooner(one: Limit, other: Limit): Limit {
  return other.at < one.at ? other : one
}

function phaseLimit(progress: Progress): Limit {
  const { phase, phaseAt, activeAt, timeouts, uploading, upstreamStalled, clientStalled } = progress
  const { connectMs, tlsHandshakeMs, firstByteMs, idleMs, requestIdleMs } = timeouts
  switch (phase) {
    case 'queued':
      return after(phaseAt, progress.queueTimeoutMs, 'pool_queue_timeout')
    case 'connecting':
      return after(
        phaseAt,
        connectMs > 0 && tlsHandshakeMs > 0 ? connectMs + tlsHandshakeMs : 0,
        'upstream_connect_timeout'
      )
    case 'sent':
      if (!uploading) return after(activeAt, firstByteMs, 'upstream_timeout')
      if (upstreamStalled) return after(activeAt, idleMs, 'upstream_timeout')
      return after(activeAt, requestIdleMs, 'request_timeout')
    case 'answered':
      return after(activeAt, idleMs, clientStalled ? 'client_closed' : 'upstream_idle_timeout')
    default:
      return NEVER
  }
}

// How often the time is looked at when there is no limit at all.
const STEP_MS = 60_000

/**
 * The shortest of the limits that are set, in milliseconds: a forwarding that looks at the time this often misses
 * none, whichever begins to hold in between.
 */
export function shortest(
  { connectMs, firstByteMs, idleMs, requestIdleMs, perTryMs, totalMs }: Timeouts,
  queueTimeoutMs: number
): number {
  let least = STEP_MS
  for (const ms of [queueTimeoutMs, connectMs, firstByteMs, idleMs, requestIdleMs, perTryMs, totalMs])
    if (ms > 0 && ms < least) least = ms
  return least
}

const NEVER: Limit = { at: Number.POSITIVE_INFINITY, reason: 'internal_error' }

function after(since: number, limitMs: number, reason: Reason): Limit {
  return limitMs > 0 ? { at: since + limitMs, reason } : NEVER
}
