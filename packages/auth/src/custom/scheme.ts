import { type Cancel, durationMs, type Exchange, show, toldError, waitFor } from '@gatewright/core'
import type { CustomSchemeConfig } from '../config/config.js'
import type { Found } from '../found.js'
import {
  ABSENT,
  invalid,
  type Outcome,
  type Scheme,
  type SchemeContext,
  type SchemeKind,
  unavailable
} from '../scheme.js'
import type { AuthenticateFunction } from './authenticate-function.js'

/** A scheme that is a function of the user's own. */
export const customKind: SchemeKind<CustomSchemeConfig> = {
  type: 'custom',
  *check({ authenticate }, at) {
    if (typeof authenticate !== 'function') yield `${at}.authenticate: must be a function`
  },
  create: (config, context) => new CustomScheme(config, context)
}

class CustomScheme implements Scheme {
  readonly name: string
  readonly challenge: string
  readonly #ask: AuthenticateFunction
  readonly #timeoutMs: number
  readonly #context: SchemeContext

  constructor({ authenticate, challenge, timeout = '5s' }: CustomSchemeConfig, context: SchemeContext) {
    this.name = context.name
    this.challenge = challenge ?? `Custom realm="${context.realm}"`
    this.#ask = authenticate
    this.#timeoutMs = durationMs(timeout) as number
    this.#context = context
  }

  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void {
    let result: unknown
    try {
      result = this.#ask(exchange)
    } catch (error) {
      done(this.#failed(error))
      return
    }
    if (!(result instanceof Promise)) {
      done(this.#outcomeOf(result))
      return
    }
    let cancel: Cancel | null = waitFor(this.#context.gateway.timers, this.#timeoutMs, () => {
      cancel = null
      done(unavailable(`scheme '${this.name}': no answer within ${this.#timeoutMs} ms`))
    })
    const end = (outcome: Outcome): void => {
      if (cancel === null) return
      cancel()
      cancel = null
      done(outcome)
    }
    result.then(
      (found) => end(this.#outcomeOf(found)),
      (error) => end(this.#failed(error))
    )
  }

  #outcomeOf(found: unknown): Outcome {
    if (found === null || found === undefined) return ABSENT
    const { subject, invalid: wrong } = found as { readonly subject?: unknown; readonly invalid?: unknown }
    if (typeof wrong === 'string') return invalid(wrong)
    if (typeof subject === 'string' && subject !== '')
      return { kind: 'identified', identity: this.#context.identify(found as Found), removes: [], sets: null }
    return this.#failed(new TypeError(`returned ${show(found)} instead of { subject }, { invalid } or null`))
  }

  #failed(error: unknown): Outcome {
    const whose = `the scheme '${this.name}'`
    this.#context.gateway.faults.warn(whose, `failed: ${toldError(error)}`, error)
    return unavailable(`${whose}: ${toldError(error)}`)
  }
}
