import type { Exchange, Gateway, ResolvedHooks, RouteHooks } from '@gatewright/core'
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RouteOptions
} from 'fastify'
import { type AnyHook, runHooks, runSendHooks } from './hook-runners.js'

type Phase = keyof ResolvedHooks
type PhaseHook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/**
 * The hooks that run those of the matched route, for the phases in which any route, policy or the gateway itself has
 * some: other phases cost nothing.
 */
export function routeHooks(app: FastifyInstance): Pick<RouteOptions, Phase> {
  const used = phasesIn(app.gateway)
  const added: Partial<Record<Phase, unknown>> = {}
  for (const phase of ['onRequest', 'preHandler', 'onResponse'] as const)
    if (used.has(phase)) added[phase] = hookOf(app, phase)
  if (used.has('onSend')) added.onSend = sendHook(app)
  return added as Pick<RouteOptions, Phase>
}

function hookOf(app: FastifyInstance, phase: Exclude<Phase, 'onSend'>): PhaseHook {
  return function runRouteHooks(request, reply, done) {
    const hooks = hooksOf(request.exchange, phase)
    if (hooks.length === 0) done()
    else runHooks(app, hooks, request, reply, done)
  }
}

function sendHook(app: FastifyInstance) {
  // Run again for the answer to their own error they would fail again, and Fastify would send the error's message.
  const failed = new WeakSet<FastifyReply>()
  return function runRouteSendHooks(
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error?: Error | null, payload?: unknown) => void
  ): void {
    const hooks = hooksOf(request.exchange, 'onSend')
    if (hooks.length === 0 || failed.has(reply)) done(null, payload)
    else
      runSendHooks(app, hooks, request, reply, payload, (error, changed) => {
        if (error) failed.add(reply)
        try {
          done(error, changed)
        } catch (thrown) {
          // A hook has set a header that Node will not write: in a promise nobody would hear of it.
          if (failed.has(reply)) throw thrown
          failed.add(reply)
          done(thrown as Error)
        }
      })
  }
}

const NONE: readonly AnyHook[] = []

// A request that was refused before it had an exchange has no route either.
function hooksOf(exchange: Exchange | null, phase: Phase): readonly AnyHook[] {
  if (exchange === null) return NONE
  const { route, snapshot } = exchange
  const hooks = route === null ? snapshot.hooks : route.hooks
  return hooks === null ? NONE : (hooks[phase] as readonly AnyHook[])
}

// The configuration has not been checked yet: whatever has another shape is reported when it is compiled.
function phasesIn({ config }: Gateway): ReadonlySet<string> {
  const parts = [config, ...Object.values(config.policies ?? {}), ...Object.values(config.routes ?? {})]
  return new Set(parts.flatMap((part: { hooks?: RouteHooks } | null) => Object.keys(part?.hooks ?? {})))
}
