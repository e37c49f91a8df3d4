import {
  allRoutes,
  type Exchange,
  type GatewayError,
  type InSteps,
  type Route,
  type Snapshot
} from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { Counted } from './counted.js'
import { legacyFields, policyField, shows, stateField } from './header-fields.js'
import type { RateLimit } from './rate-limit.js'
import type { LimitsOfRoute } from './rate-limits.js'

type Run = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/** What the steps of a request ask. */
export interface Asking {
  /** Asks the limits that go by who the request is from. */
  ask(exchange: Exchange, done: (refusal?: GatewayError) => void): void
  /** How a request was counted. */
  countedOf(exchange: Exchange): readonly Counted[]
  /** The request will be answered by this reply, whose headers say what it cost. */
  answeredBy(exchange: Exchange, reply: FastifyReply): void
}

/** Adds to every route with limits what they do there: ask when it is known who it is, and tell the client. */
export function* limitSteps(
  next: Snapshot,
  limitsOf: (route: Route | null) => LimitsOfRoute,
  asking: Asking
): InSteps<void> {
  for (const route of [null, ...allRoutes(next)]) {
    yield
    const { all, byIdentity } = limitsOf(route)
    if (all.length === 0) continue
    if (byIdentity.length > 0)
      next.steps.add(route, {
        name: `rate limit of whoever it is from ${byIdentity.map(shown).join(', ')}`,
        phase: 'onRequest',
        run: ({ exchange }, _reply, done) => asking.ask(exchange as Exchange, done)
      })
    next.steps.add(route, {
      name: `rate limit ${all.map(shown).join(', ')}`,
      phase: 'onRequest',
      run: tell(all, asking)
    })
    if (
      all.some(
        ({ settings: { costAfter } }) =>
          costAfter !== null && typeof costAfter === 'object' && 'header' in costAfter
      )
    )
      next.steps.add(route, {
        name: 'rate limit charged by a header of the response',
        phase: 'onRequest',
        run({ exchange }, reply, done) {
          asking.answeredBy(exchange as Exchange, reply)
          done()
        }
      })
  }
}

function tell(limits: readonly RateLimit[], asking: Asking): Run {
  const policy = policyField(limits)
  if (limits.some((limit) => shows(limit, 'legacy'))) return both(policy, asking)
  return policy === '' ? nothing : draft(policy, asking)
}

function draft(policy: string, { countedOf }: Asking): Run {
  return function tellLimits({ exchange }, reply, done) {
    const state = stateField(countedOf(exchange as Exchange))
    if (state !== '') {
      reply.header('ratelimit-policy', policy)
      reply.header('ratelimit', state)
    }
    done()
  }
}

function both(policy: string, asking: Asking): Run {
  const run = draft(policy, asking)
  return function tellAllLimits(request, reply, done) {
    const counted = asking.countedOf(request.exchange as Exchange)
    for (const [name, value] of legacyFields(counted)) reply.header(name, value)
    run(request, reply, done)
  }
}

// Only shows in `explain` that there are limits.
function nothing(_request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  done()
}

function shown({ settings: { name, quota, seconds, concurrent } }: RateLimit): string {
  return concurrent ? `${name} (${quota} at a time)` : `${name} (${quota} in ${seconds} s)`
}
