import type { Exchange, ReasonDefinition } from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { AUTH_UNAVAILABLE, FORBIDDEN, UNAUTHENTICATED } from '../reasons.js'
import type { Refusals } from '../refusals.js'
import type { RouteAuth } from '../route-auth.js'
import type { Authorizer, Ruling } from './authorizer.js'

/** The step of a route that asks its rules. `auth` is what finds out who a request is from; `null` for nothing. */
export function authorizeStep(
  rules: Authorizer,
  observe: boolean,
  auth: RouteAuth | null,
  refusals: Refusals
) {
  return function authorize(
    request: FastifyRequest,
    _reply: FastifyReply,
    done: HookHandlerDoneFunction
  ): void {
    const exchange = request.exchange as Exchange
    rules.ask(exchange, (ruling) => {
      if (exchange.endedAt > 0) return
      if (ruling === null) return done()
      const reason = reasonOf(ruling, exchange, auth)
      if (observe) {
        refusals.observed(exchange, reason, ruling.detail)
        done()
      } else {
        const challenge = reason === UNAUTHENTICATED ? (auth?.challenge([]) ?? '') : ''
        done(refusals.refusal(exchange, reason, ruling.detail, { challenge }))
      }
    })
  }
}

// Whoever has not said who it is may do so.
function reasonOf(
  { kind }: NonNullable<Ruling>,
  { identity }: Exchange,
  auth: RouteAuth | null
): ReasonDefinition {
  if (kind === 'unavailable') return AUTH_UNAVAILABLE
  return identity === null && auth !== null ? UNAUTHENTICATED : FORBIDDEN
}
