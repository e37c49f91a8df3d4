import type { Reason, Timeouts } from '@gatewright/core'

/** Where a forwarding stands. `waiting`: for the next attempt. */
export type Phase = 'queued' | 'connecting' | 'sent' | 'answered' | 'waiting' | 'over'

/** What the limits are measured against; times in milliseconds of one clock. */
export interface Progress {
  readonly phase: Phase
  /** When the phase began. */
  readonly phaseAt: number
  /** When bytes last moved, either way. */
  readonly activeAt: number
  readonly timeouts: Timeouts
  readonly queueTimeoutMs: number
  /** The client is still sending the body. */
  readonly uploading: boolean
  /** The upstream takes no more of the body for now. */
  readonly upstreamStalled: boolean
  /** The client takes no more of the answer for now. */
  readonly clientStalled: boolean
}

/** The reason for which a forwarding must end now, or `null` while it is within its limits. Pure. */
export function overdue(now: number, progress: Progress): Reason | null {
  const { phase, phaseAt, activeAt, timeouts } = progress
  const { connectMs, tlsHandshakeMs, firstByteMs, idleMs, requestIdleMs } = timeouts
  switch (phase) {
    case 'queued':
      return isOver(now, phaseAt, progress.queueTimeoutMs) ? 'pool_queue_timeout' : null
    case 'connecting':
      return isOver(now, phaseAt, connectMs + tlsHandshakeMs) ? 'upstream_connect_timeout' : null
    case 'sent':
      if (!progress.uploading) return isOver(now, activeAt, firstByteMs) ? 'upstream_timeout' : null
      if (progress.upstreamStalled) return isOver(now, activeAt, idleMs) ? 'upstream_timeout' : null
      return isOver(now, activeAt, requestIdleMs) ? 'request_timeout' : null
    case 'answered':
      if (!isOver(now, activeAt, idleMs)) return null
      return progress.clientStalled ? 'client_closed' : 'upstream_idle_timeout'
    default:
      return null
  }
}

/** The shortest of the limits that are set, in milliseconds: a forwarding looks at the time this often. */
export function shortest(
  { connectMs, firstByteMs, idleMs, requestIdleMs, totalMs }: Timeouts,
  queueTimeoutMs: number
): number {
  let least = queueTimeoutMs
  if (connectMs > 0 && connectMs < least) least = connectMs
  if (firstByteMs > 0 && firstByteMs < least) least = firstByteMs
  if (idleMs > 0 && idleMs < least) least = idleMs
  if (requestIdleMs > 0 && requestIdleMs < least) least = requestIdleMs
  if (totalMs > 0 && totalMs < least) least = totalMs
  return least
}

function isOver(now: number, since: number, limitMs: number): boolean {
  return limitMs > 0 && now - since >= limitMs
}
