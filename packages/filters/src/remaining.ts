import type { Exchange } from '@gatewright/core'

/**
 * Whether the time of a request is up, so that what was asked for it says nothing about who was asked: a client may set it as
 * short as it likes. Timers may be early by a millisecond.
 */
export function isTimeUp(exchange: Exchange, now: number): boolean {
  return remainingMs(exchange, now) <= 1
}

/** Milliseconds that are left for a request, by its route and by its client; `Infinity` where nobody says. */
export function remainingMs({ startedAt, route, ingress }: Exchange, now: number): number {
  const totalMs = route?.timeouts.totalMs ?? 0
  const ours = totalMs > 0 ? startedAt + totalMs : Number.POSITIVE_INFINITY
  const clients = ingress.timeoutMs > 0 ? startedAt + ingress.timeoutMs : Number.POSITIVE_INFINITY
  return Math.min(ours, clients) - now
}
