import { allRoutes, type Exchange, type Route, type Snapshot } from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { type Counted, legacyFields, policyField, shows, stateField } from './header-fields.js'
import type { RateLimit } from './rate-limit.js'

type Run = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/** What a step has to know of a request. */
export interface Told {
  now(): number
  /** The limits that a request was counted by. */
  countedOf(exchange: Exchange): readonly Counted[]
}

/** Adds a step that tells clients of their limits to every route whose limits show themselves. */
export function limitSteps(
  next: Snapshot,
  limitsOf: (route: Route | null) => readonly RateLimit[],
  told: Told
): void {
  for (const route of [null, ...allRoutes(next)]) {
    const limits = limitsOf(route)
    const legacy = limits.some((limit) => shows(limit, 'legacy'))
    const policy = policyField(limits)
    if (legacy || policy !== '')
      next.steps.add(route, {
        name: `rate limit ${limits.map(shown).join(', ')}`,
        phase: 'onRequest',
        run: legacy ? both(policy, told) : draft(policy, told)
      })
  }
}

function draft(policy: string, { now, countedOf }: Told): Run {
  return function tellLimits({ exchange }, reply, done) {
    const state = stateField(countedOf(exchange as Exchange), now())
    if (state !== '') {
      reply.header('ratelimit-policy', policy)
      reply.header('ratelimit', state)
    }
    done()
  }
}

function both(policy: string, told: Told): Run {
  const run = draft(policy, told)
  return function tellAllLimits(request, reply, done) {
    const counted = told.countedOf(request.exchange as Exchange)
    for (const [name, value] of legacyFields(counted, told.now())) reply.header(name, value)
    run(request, reply, done)
  }
}

function shown({ settings: { name, quota, seconds } }: RateLimit): string {
  return `${name} (${quota} in ${seconds} s)`
}
