import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from './gateway-error.js'
import type { Opening } from './opening.js'
import { pluginFault, thrower } from './plugin-fault.js'

/**
 * Fastify's `onError` hook of every gateway route: whoever answers the error, the exchange tells what it was. One that a
 * hook of the app has thrown before the exchange was opened has one from now on.
 */
export function createErrorNote(begin: Opening['begin']) {
  return function noteError(
    request: FastifyRequest,
    reply: FastifyReply,
    error: Error,
    done: () => void
  ): void {
    if (request.exchange === null) begin(request, reply)
    const { exchange } = request
    if (exchange !== null && exchange.endedAt === 0) {
      if (error instanceof GatewayError) {
        exchange.reason = error.reason
        exchange.detail = error.detail
      } else {
        exchange.thrown = true
        exchange.detail = pluginFault(thrower(exchange), error).detail
      }
    }
    done()
  }
}

/** Fastify's `onSend` hook where `reasonHeader` is set: what the app's own error handler has made a server error. */
export function tellThrown(
  { exchange }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload: unknown) => void
): void {
  if (exchange?.thrown === true && reply.statusCode >= 500) reply.header('x-gw-reason', 'internal_error')
  done(null, payload)
}
