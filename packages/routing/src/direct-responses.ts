import { type Exchange, GatewayError, isBodyUnread, type RespondConfig, respondLast } from '@gatewright/core'
import type { FastifyReply } from 'fastify'

/** Why no route of the table takes the exchange: 405 with `Allow` when another method would have, else 404. */
export function noRoute(exchange: Exchange): GatewayError {
  const allowed = exchange.snapshot.table?.allowed(exchange) ?? []
  if (allowed.length === 0) return new GatewayError('route_not_found')
  return new GatewayError('method_not_allowed', { headers: { allow: allowed.join(', ') } })
}

/** Lets the app's not-found handler answer. The reason stands in logs and metrics all the same. */
export function leaveToApp(exchange: Exchange, reply: FastifyReply): void {
  exchange.reason = 'route_not_found'
  if (isBodyUnread(exchange.raw)) respondLast(exchange.raw, reply)
  reply.callNotFound()
}

/** Sends a fixed answer. To `HEAD`, Node sends its head alone. */
export function respond(
  reply: FastifyReply,
  { status = 200, headers = {}, body }: RespondConfig
): FastifyReply {
  reply.code(status)
  if (body === undefined) return reply.headers(headers).send()
  return reply.type('text/plain; charset=utf-8').headers(headers).serializer(asIs).send(body)
}

// Without a serializer of its own Fastify would append a charset to the media type.
function asIs(body: unknown): string {
  return body as string
}
