import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../model/gateway-error.js'
import { pluginFault, thrower } from '../model/plugin-fault.js'

/**
 * Fastify's `onError` hook of every gateway route: the exchange records the error, whichever handler answers it. One that a
 * hook of the app has thrown before the exchange was opened has one from now on.
 */
export function createErrorNote(begin: (request: FastifyRequest, reply: FastifyReply) => unknown) {
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
        const { reason, detail } = error.known(exchange.snapshot.reasons)
        exchange.reason = reason
        exchange.detail = detail
      } else {
        exchange.thrown = !isMeant(error)
        exchange.detail = pluginFault(thrower(exchange), error).detail
      }
    }
    done()
  }
}

const MADE_TO_BE_ANSWERED = Symbol.for('fastify-error-generic')

/**
 * Whether an error's author meant its status and message for the client: those of 400 to 499, and of those above 500 what
 * was made by `@fastify/error`, such as the 503 of `@fastify/under-pressure`. Other libraries' errors have statuses too.
 */
export function isMeant(error: unknown): boolean {
  const { statusCode, [MADE_TO_BE_ANSWERED]: made } = error as {
    readonly statusCode?: unknown
    readonly [MADE_TO_BE_ANSWERED]?: unknown
  }
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 599) return false
  return statusCode < 500 || (statusCode > 500 && made !== undefined)
}
