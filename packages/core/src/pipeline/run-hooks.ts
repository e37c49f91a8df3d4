import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../model/gateway-error.js'
import type { AnyHook } from '../model/pipeline.js'

type Done = (error?: Error | null, payload?: unknown) => void

/**
 * Runs hooks one after another as Fastify runs its own: each calls back or returns a promise. Before the response none
 * runs once the reply has been sent, and `done` is not called when a hook sends it instead of going on.
 */
export function runHooks(
  app: FastifyInstance,
  hooks: readonly AnyHook[],
  request: FastifyRequest,
  reply: FastifyReply,
  done: (error?: Error) => void
): void {
  const answered = reply.sent
  let index = 0
  const next: Done = (error) => {
    if (error) return done(error)
    if (index === hooks.length) return done()
    if (reply.sent !== answered) return
    const hook = hooks[index++] as AnyHook
    call(() => hook.apply(app, [request, reply, next] as never[]), next, false)
  }
  next()
}

/** Runs `onSend` hooks: each may replace the payload by what it calls back with, or resolves to. */
export function runSendHooks(
  app: FastifyInstance,
  hooks: readonly AnyHook[],
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: Done
): void {
  let index = 0
  let current = payload
  const next: Done = (error, replaced) => {
    if (error) return done(error)
    if (replaced !== undefined) current = replaced
    if (index === hooks.length) return done(null, current)
    const hook = hooks[index++] as AnyHook
    call(() => hook.apply(app, [request, reply, current, next] as never[]), next, true)
  }
  next()
}

function call(hook: () => unknown, next: Done, replaces: boolean): void {
  let result: unknown
  try {
    result = hook()
  } catch (error) {
    next(asError(error))
    return
  }
  if (isThenable(result))
    result.then(
      (value) => next(null, replaces ? value : undefined),
      (error) => next(asError(error))
    )
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

// A hook may reject with anything, even with nothing, and still must stop the chain.
function asError(error: unknown): Error {
  return error ? (error as Error) : new GatewayError('internal_error', { detail: 'a hook threw nothing' })
}
