import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../model/gateway-error.js'
import type { IngressPlan } from '../model/ingress-plan.js'
import { PluginFault } from '../model/plugin-fault.js'
import { isBehindLast, respondLast } from './last-response.js'
import { lingerAfterResponse } from './linger.js'
import { PROBLEM_TYPE, problem } from './problem.js'
import { canKeepConnection, forgetBody, isBodyUnread } from './unread-body.js'

/** Fastify's error handler signature. */
export type ErrorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => unknown

/**
 * Answers a {@link GatewayError} with its problem body and lets every other error pass to the error handler
 * of the app around it.
 */
export function createErrorHandler(ingress: () => Pick<IngressPlan, 'reasonHeader'>): ErrorHandler {
  return function respondWithProblem(thrown, request, reply) {
    const { table } = request.server.gateway.reasons
    const error = gatewayErrorOf(thrown).known(table)
    const { exchange } = request
    const { reason, headers } = error
    if (exchange !== null && exchange.endedAt === 0) {
      exchange.reason = reason
      exchange.detail = error.detail
    }
    if (headers !== undefined) reply.headers(headers)
    if (reason === 'internal_error') tellFault(request, error)
    const { raw } = request
    if (isBodyUnread(raw)) {
      if (!isBehindLast(raw) && canKeepConnection(raw, reason)) {
        // reply-from has set it, as it knows nothing of the body's length.
        reply.removeHeader('connection')
        forgetBody(raw)
      } else respondLast(raw, reply)
    }
    if (isBehindLast(raw)) lingerAfterResponse(raw)
    if ((exchange?.snapshot.ingress ?? ingress()).reasonHeader) reply.header('x-gw-reason', reason)
    const info = table[reason]
    reply.code(info.status).header('content-type', PROBLEM_TYPE).header('cache-control', 'no-store')
    const id = exchange?.id ?? String(request.id)
    reply.serializer(asIs).send(problem(reason, info, id, exchange?.traceId, error.members))
  }
}

function gatewayErrorOf(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  if (thrown instanceof Error) throw thrown
  // Thrown again, Fastify would take it for the payload of a response.
  return new GatewayError('internal_error', {
    detail: 'a value that is not an Error was thrown',
    cause: thrown
  })
}

function tellFault({ server, log }: FastifyRequest, error: GatewayError): void {
  const whose = error instanceof PluginFault ? error.whose : 'the gateway'
  const text = error.detail || 'the gateway failed to handle the request'
  server.gateway.faults.write(whose, text, error.cause ?? error, log)
}

// Without a serializer of its own Fastify would append a charset to the media type.
function asIs(body: unknown): string {
  return body as string
}
