import { randomUUID } from 'node:crypto'
import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import {
  type CoreReason,
  cutShort,
  Exchange,
  endLingering,
  faultOf,
  Ingress,
  nameOfPart,
  nameOfRequest,
  plainAddress,
  problem,
  REASONS,
  turnAway
} from '@gatewright/core'
import type { FastifyInstance } from 'fastify'

/** Answers what never becomes a request of Fastify's, and ends its connection. */
export type Refuse = (
  socket: Socket,
  reason: CoreReason,
  detail: string,
  request: IncomingMessage | null
) => void

/**
 * Builds the response for unparsable requests and for CONNECT. Observers of exchanges are notified of
 * it as of any other, by `request` or as far as is known.
 */
export function createRefusals(app: FastifyInstance): Refuse {
  return function refuse(socket, reason, detail, request) {
    // A request that has begun is reported by its own exchange.
    const { _httpMessage: due = null } = socket as Socket & { readonly _httpMessage?: ServerResponse | null }
    const { id = randomUUID(), traceId = '' } = due === null ? {} : nameOfRequest(due)
    const exchange = due === null ? recordOf(app, id, request ?? new IncomingMessage(socket)) : null
    if (exchange !== null) turnAway(exchange, app.gateway.faults.report)
    const { reasonHeader, settings } = app.gateway.snapshot.ingress
    const info = REASONS[reason]
    const { status } = info
    const body = problem(reason, info, id, exchange?.traceId ?? traceId)
    const fields = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `${settings.requestIdHeader}: ${id}`,
      'content-type: application/problem+json',
      'cache-control: no-store',
      `content-length: ${Buffer.byteLength(body)}`,
      `date: ${new Date().toUTCString()}`,
      ...(reasonHeader ? [`x-gw-reason: ${reason}`] : []),
      'connection: close'
    ]
    if (due !== null) cutShort(due, reason, detail, body.length)
    socket.write(`${fields.join('\r\n')}\r\n\r\n${body}`)
    endLingering(socket)
    if (exchange !== null) tell(app, exchange, reason, detail, body.length)
  }
}

function recordOf({ gateway }: FastifyInstance, id: string, raw: IncomingMessage): Exchange {
  raw.method ??= ''
  const ingress = new Ingress()
  ingress.peer = ingress.client = plainAddress(raw.socket.remoteAddress)
  return new Exchange(id, raw, new ServerResponse(raw), gateway.snapshot, gateway.clock(), '', '', ingress)
}

function tell(
  app: FastifyInstance,
  exchange: Exchange,
  reason: CoreReason,
  detail: string,
  bytes: number
): void {
  exchange.reason = reason
  exchange.detail = detail
  exchange.status = REASONS[reason].status
  exchange.complete = true
  exchange.bytesSent = bytes
  exchange.endedAt = exchange.startedAt
  for (const observer of exchange.snapshot.stages.exchangeObservers) {
    try {
      observer.closed(exchange)
    } catch (error) {
      app.gateway.faults.report(faultOf(nameOfPart('an observer of exchanges', observer), error), exchange)
    }
  }
}
