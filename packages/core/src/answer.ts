import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from './gateway-error.js'
import { lingerAfterAnswer } from './linger.js'
import { PROBLEM_TYPE, problem } from './problem.js'

/** Fastify's error handler signature. */
export type ErrorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => unknown

/**
 * Answers a {@link GatewayError} with its problem body and lets every other error pass to the error handler
 * of the app around it.
 */
export function createErrorHandler(reasonHeader: boolean): ErrorHandler {
  return function answerProblem(error, request, reply) {
    if (!(error instanceof GatewayError)) throw error
    const { exchange } = request
    const { reason, headers } = error
    if (exchange !== null) {
      exchange.reason = reason
      exchange.detail = error.detail
    }
    if (headers !== undefined) reply.headers(headers)
    if (!request.raw.complete) {
      reply.header('connection', 'close')
      lingerAfterAnswer(request.raw)
    }
    if (reasonHeader) reply.header('x-gateway-reason', reason)
    reply.code(error.statusCode).header('content-type', PROBLEM_TYPE).header('cache-control', 'no-store')
    reply.serializer(asIs).send(problem(reason, exchange?.id ?? String(request.id)))
  }
}

// Without a serializer of its own Fastify would append a charset to the media type.
function asIs(body: unknown): string {
  return body as string
}
