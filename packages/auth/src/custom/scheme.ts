import { durationMs, type Exchange, show, toldError } from '@gatewright/core'
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
import { callUser, type UserFunction } from '../user-function.js'
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
    const asked: UserFunction<Outcome> = {
      call: () => this.#ask(exchange),
      judge: (found) => this.#outcomeOf(found),
      failed: (error) => this.#failed(error),
      late: () => unavailable(`the scheme '${this.name}': no answer within ${this.#timeoutMs} ms`),
      timeoutMs: this.#timeoutMs
    }
    callUser(asked, this.#context.gateway.timers, done)
  }

  #outcomeOf(found: unknown): Outcome {
    if (found === null || found === undefined) return ABSENT
    const { invalid: wrong } = found as { readonly invalid?: unknown }
    if (typeof wrong === 'string') return invalid(wrong)
    if (!isFound(found))
      throw new TypeError(`returned ${show(found)} instead of { subject, … }, { invalid } or null`)
    return { kind: 'identified', identity: this.#context.identify(found), removes: [], sets: null }
  }

  #failed(error: unknown): Outcome {
    const whose = `the scheme '${this.name}'`
    this.#context.gateway.faults.warn(whose, `failed: ${toldError(error)}`, error)
    return unavailable(`${whose}: ${toldError(error)}`)
  }
}

function isFound(value: unknown): value is Found {
  if (typeof value !== 'object') return false
  const {
    subject,
    consumer = null,
    scopes = [],
    roles = [],
    claims = {},
    metadata = {}
  } = value as Record<string, unknown>
  return (
    typeof subject === 'string' &&
    subject !== '' &&
    (consumer === null || typeof consumer === 'string') &&
    [scopes, roles].every((list) => Array.isArray(list) && list.every((one) => typeof one === 'string')) &&
    [claims, metadata].every(
      (record) => typeof record === 'object' && record !== null && !Array.isArray(record)
    )
  )
}
