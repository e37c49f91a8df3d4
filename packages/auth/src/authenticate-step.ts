import { type Exchange, faultOf, type Identity } from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { AuthenticationRun, type RunOwner } from './authentication-run.js'
import { removeCredential } from './credential-removal.js'
import type { Failures } from './failures.js'
import type { IdentityHeaders } from './identity-headers.js'
import { AUTH_THROTTLED, AUTH_UNAVAILABLE, UNAUTHENTICATED } from './reasons.js'
import type { Refusals } from './refusals.js'
import type { RouteAuth } from './route-auth.js'
import type { Identified, Passed } from './scheme.js'

/** The step of a route that finds out who its requests are from, and refuses those that it must. */
export class AuthenticateStep implements RunOwner {
  readonly #auth: RouteAuth
  readonly #headers: IdentityHeaders
  readonly #failures: Failures
  readonly #refusals: Refusals

  constructor(auth: RouteAuth, headers: IdentityHeaders, failures: Failures, refusals: Refusals) {
    this.#auth = auth
    this.#headers = headers
    this.#failures = failures
    this.#refusals = refusals
  }

  readonly run = ({ exchange }: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const throttled = !this.#auth.observe && this.#failures.waitOf((exchange as Exchange).ingress.client) > 0
    new AuthenticationRun(this, this.#auth, exchange as Exchange, throttled, reply, done).advance()
  }

  satisfied(
    { exchange, done }: AuthenticationRun,
    by: readonly (Identified | Passed)[],
    identity: Identity | null
  ): void {
    // A scheme may answer in a promise, where nobody would hear of what is thrown.
    try {
      for (const outcome of by) this.#takeOver(exchange, outcome)
      exchange.identity = identity
      if (identity !== null) this.#headers.set(exchange, identity)
    } catch (error) {
      done(faultOf('authentication', error))
      return
    }
    done()
  }

  #takeOver(exchange: Exchange, outcome: Identified | Passed): void {
    if (outcome.kind === 'identified') for (const place of outcome.removes) removeCredential(exchange, place)
    else if (outcome.because !== null) this.#refusals.observed(exchange, AUTH_UNAVAILABLE, outcome.because)
    for (const [name, value] of outcome.sets ?? [])
      if (value === null) exchange.dropHeader(name)
      else exchange.forwardHeader(name, value)
  }

  notSatisfied(run: AuthenticationRun): void {
    const { exchange, done } = run
    const { client } = exchange.ingress
    const broken = run.first('error')
    const failed = run.first('unavailable')
    const wrong = run.first('invalid')
    const answered = run.first('answered')
    const anonymous = failed === undefined && wrong === undefined && answered === undefined
    if (broken !== undefined) done(broken.error)
    else if (anonymous && this.#auth.optional) done()
    else if (this.#auth.observe) {
      const because = (failed ?? wrong ?? answered)?.detail ?? NO_CREDENTIALS
      this.#refusals.observed(exchange, failed === undefined ? UNAUTHENTICATED : AUTH_UNAVAILABLE, because)
      done()
    } else if (run.refusedUnasked) {
      this.#failures.throttled++
      const retryAfter = Math.max(1, Math.ceil(this.#failures.waitOf(client) / 1_000))
      done(
        this.#refusals.refusal(exchange, AUTH_THROTTLED, 'its client has failed too often', { retryAfter })
      )
    } else if (failed !== undefined) done(this.#refusals.refusal(exchange, AUTH_UNAVAILABLE, failed.detail))
    else {
      if (wrong !== undefined) this.#failures.record(client)
      if (answered !== undefined) this.#refusals.relay(exchange, run.reply, answered)
      else {
        const challenge = this.#auth.challenge(run.outcomes)
        const because = wrong?.detail ?? NO_CREDENTIALS
        done(this.#refusals.refusal(exchange, UNAUTHENTICATED, because, { challenge }))
      }
    }
  }
}

const NO_CREDENTIALS = 'no credentials'
