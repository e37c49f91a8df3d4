import type { ServerResponse } from 'node:http'
import { type CoreReason, REASONS } from '../config/reason.js'
import { knownRequestId } from '../ingress/request-id.js'
import type { Exchange } from '../model/exchange.js'

/** Where the opening keeps the exchange of a response. */
export const kExchange: unique symbol = Symbol('gatewright.exchange')

/** A response with its exchange. */
export type Owned = ServerResponse & { [kExchange]?: Exchange }

/** By what a request is known whose response is not over: its id, and its trace where it has one. */
export function nameOfRequest(response: Owned): {
  readonly id: string | undefined
  readonly traceId: string
} {
  const exchange = response[kExchange]
  return { id: exchange?.id ?? knownRequestId(response.req), traceId: exchange?.traceId ?? '' }
}

/**
 * Ends the work for a request whose client learns so outside its response, or by the end of its connection: the exchange
 * has this reason from now on, and not that the client has left. `bytes` is the body of the response that was given.
 */
export function cutShort(response: Owned, reason: CoreReason, detail: string, bytes: number): void {
  const exchange = response[kExchange]
  if (exchange === undefined || exchange.endedAt > 0) return
  exchange.inProgress?.clientGone()
  exchange.reason = reason
  exchange.detail = detail
  if (response.headersSent) return
  exchange.status = REASONS[reason].status
  exchange.bytesSent = bytes
}
