import { type Exchange, GatewayError, type Pool, type Route, type RouteHandler } from '@gatewright/core'
import type { FastifyReply } from 'fastify'

/** The pool that a failed request goes on to, or `null`. It is asked once, and only for a request that can be sent again. */
export function mayFallBack(error: GatewayError, exchange: Exchange, { fallback }: Route): Pool | null {
  if (fallback === null || exchange.fallback !== null || !fallback.on.has(error.reason)) return null
  if (error.reason === 'client_closed') return null
  if (fallback.action.kind !== 'pool') return null
  const sent = exchange.attempts.some((attempt) => attempt.sent)
  return sent && !exchange.replayable ? null : fallback.action.pool
}

/** Answers with the route's direct response or handler in place of an error. False when it has none for it. */
export function answerInstead(
  error: GatewayError,
  exchange: Exchange,
  { fallback }: Route,
  reply: FastifyReply
): boolean {
  if (fallback === null || exchange.fallback !== null || !fallback.on.has(error.reason)) return false
  const { action } = fallback
  if (action.kind === 'pool') return false
  fellBack(error, exchange)
  if (action.kind === 'respond') {
    const { status = 200, headers = {}, body = '' } = action.respond
    // Without a serializer of its own Fastify would append a charset to the media type.
    reply.code(status).headers(headers).serializer(String).send(body)
    return true
  }
  reply.code(200)
  answerBy(action.handler, reply)
  return true
}

/** From now on the response is the fallback's: its trigger is not the reason of the response. */
export function fellBack({ reason, detail }: GatewayError, exchange: Exchange): void {
  exchange.fallback = reason
  exchange.detail = detail
  exchange.reason = null
}

// Called like Fastify's own handlers: a returned value is sent, and a thrown one is an error like any other.
function answerBy(handler: RouteHandler, reply: FastifyReply): void {
  try {
    const result: unknown = handler.call(reply.server, reply.request, reply)
    if (result instanceof Promise) {
      result.then(
        (payload) => {
          if (!reply.sent) reply.send(payload)
        },
        (error) => fail(error, reply)
      )
    } else if (result !== undefined && result !== reply && !reply.sent) reply.send(result)
  } catch (error) {
    fail(error, reply)
  }
}

// Anything but an error would be sent as the response.
function fail(thrown: unknown, reply: FastifyReply): void {
  const detail = 'what the fallback threw is no error'
  reply.send(thrown instanceof Error ? thrown : new GatewayError('internal_error', { detail, cause: thrown }))
}
