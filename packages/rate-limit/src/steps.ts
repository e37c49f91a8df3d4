import { allRoutes, type Exchange, type Route, type Snapshot } from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { RateLimit } from './rate-limit.js'

/** Adds a step that tells clients of their limits to every route whose limits show themselves. */
export function limitSteps(
  next: Snapshot,
  limitsOf: (route: Route | null) => readonly RateLimit[],
  fieldsOf: (exchange: Exchange) => readonly [name: string, value: string][]
): void {
  function run({ exchange }: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    for (const [name, value] of fieldsOf(exchange as Exchange)) reply.header(name, value)
    done()
  }
  for (const route of [null, ...allRoutes(next)]) {
    const limits = limitsOf(route)
    if (limits.some(({ settings: { headers, observe } }) => headers !== 'none' && !observe))
      next.steps.add(route, { name: `rate limit ${limits.map(shown).join(', ')}`, phase: 'onRequest', run })
  }
}

function shown({ settings: { name, quota, seconds } }: RateLimit): string {
  return `${name} (${quota} in ${seconds} s)`
}
