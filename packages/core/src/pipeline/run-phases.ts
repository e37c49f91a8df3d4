import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { admit } from '../attempts/stage-calls.js'
import type { Exchange } from '../model/exchange.js'
import { EMPTY_PIPELINE, type Pipeline } from '../model/pipeline.js'
import type { Snapshot } from '../model/snapshot.js'
import { editOwnResponse } from './own-response.js'
import { runHooks, runSendHooks } from './run-hooks.js'
import { nodePayload } from './web-payload.js'

/** What a request goes through. One that was refused before it had an exchange has no route either. */
function pipelineOf(exchange: Exchange | null): Pipeline {
  if (exchange === null) return EMPTY_PIPELINE
  const { route, snapshot } = exchange
  return route === null ? snapshot.pipeline : route.pipeline
}

/** Begins what the request's route has before the body; called when the route is known. */
export function enterRoute(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction
): void {
  const { onRequest } = pipelineOf(request.exchange)
  if (onRequest.length === 0) done()
  else runHooks(app, onRequest, request, reply, done)
}

/** The step that asks the admissions of the request's configuration. */
export function admitStep(
  { exchange }: FastifyRequest,
  _reply: FastifyReply,
  done: (refusal?: Error) => void
): void {
  const { snapshot } = exchange as Exchange
  admit(snapshot.stages, exchange as Exchange, done)
}

/** Fastify's `preHandler` hook of every gateway route. */
export function runPreHandlers(
  this: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction
): void {
  const { preHandler } = pipelineOf(request.exchange)
  if (preHandler.length === 0) done()
  else runHooks(this, preHandler, request, reply, done)
}

type SendDone = (error?: Error | null, payload?: unknown) => void

/** Makes Fastify's `onSend` hook of every gateway route. */
export function createSendHook() {
  // Run again for the response to their own error they would fail again, and Fastify would send the error's message.
  const failed = new WeakSet<FastifyReply>()
  return function runOnSend(
    this: FastifyInstance,
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: SendDone
  ): void {
    const { exchange } = request
    if (exchange?.thrown === true && reply.statusCode >= 500 && exchange.snapshot.ingress.reasonHeader)
      reply.header('x-gw-reason', 'internal_error')
    const { onSend, responseEdits } = pipelineOf(exchange)
    const given = onSend.length + responseEdits.length === 0 ? payload : nodePayload(payload, reply)
    if (responseEdits.length > 0 && exchange?.answeredBy === null)
      editOwnResponse(responseEdits, exchange, reply)
    if (onSend.length === 0 || failed.has(reply)) done(null, given)
    else
      runSendHooks(this, onSend, request, reply, given, (error, changed) => {
        if (error) failed.add(reply)
        try {
          done(error, changed)
        } catch (thrown) {
          // A hook has set a header that Node refuses to write: inside a promise the error would be lost.
          if (failed.has(reply)) throw thrown
          failed.add(reply)
          done(thrown as Error)
        }
      })
  }
}

/** Whether any route of a configuration has something to do when a response has ended. */
export function usesOnResponse({ pipeline, routes, native }: Snapshot): boolean {
  if (pipeline.onResponse.length > 0) return true
  return [...routes, ...native.values()].some((route) => route.pipeline.onResponse.length > 0)
}

/** Fastify's `onResponse` hook, where a configuration began with any: Fastify measures `reply.elapsedTime` only then. */
export function runOnResponse(
  this: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction
): void {
  const { onResponse } = pipelineOf(request.exchange)
  if (onResponse.length === 0) done()
  else runHooks(this, onResponse, request, reply, done)
}

/** The same for one request, where the first ones came with a later configuration. */
export function whenResponded(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = reply
  const ended = (): void => {
    raw.removeListener('finish', ended)
    raw.removeListener('error', ended)
    Reflect.apply(runOnResponse, app, [request, reply, failed])
  }
  const failed = (error?: Error): void => {
    if (error) request.log.error({ err: error, res: reply }, 'an onResponse hook failed')
  }
  raw.on('finish', ended)
  raw.on('error', ended)
}
