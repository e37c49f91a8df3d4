import { durationMs, type Exchange, show, toldError } from '@gatewright/core'
import type { CustomSchemeConfig } from '../config/config.js'
import type { Found } from '../found.js'
import {
  ABSENT,
  type CredentialPlace,
  invalid,
  type Outcome,
  type Scheme,
  type SchemeContext,
  type SchemeKind,
  unavailable
} from '../scheme.js'
import { checkTokenPlaces, TokenSource } from '../tokens/token-source.js'
import { callUser, type UserFunction } from '../user-function.js'
import type { AuthenticateFunction } from './authenticate-function.js'

const NOTHING: readonly CredentialPlace[] = []

/** A scheme that is a function of the user's own. */
export const customKind: SchemeKind<CustomSchemeConfig> = {
  type: 'custom',
  *check({ authenticate, from, forward }, at) {
    if (typeof authenticate !== 'function') yield `${at}.authenticate: must be a function`
    if (from !== undefined) yield* checkTokenPlaces(from, `${at}.from`)
    else if (forward !== undefined) yield `${at}.forward: does nothing without 'from'`
  },
  create: (config, context) => new CustomScheme(config, context)
}

class CustomScheme implements Scheme {
  readonly name: string
  readonly challenge: string
  readonly #ask: AuthenticateFunction
  readonly #timeoutMs: number
  readonly #context: SchemeContext
  /** `null` where nobody has said where the credential is. */
  readonly #source: TokenSource | null

  constructor(config: CustomSchemeConfig, context: SchemeContext) {
    const { authenticate, challenge, timeout = '5s', from, forward } = config
    this.name = context.name
    this.challenge = challenge ?? `Custom realm="${context.realm}"`
    this.#ask = authenticate
    this.#timeoutMs = durationMs(timeout) as number
    this.#context = context
    this.#source = from === undefined ? null : new TokenSource(from, forward)
  }

  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void {
    const asked: UserFunction<Outcome> = {
      call: () => this.#ask(exchange),
      judge: (found) => this.#outcomeOf(found, exchange),
      failed: (error) => this.#failed(error),
      late: () => unavailable(`the scheme '${this.name}': no answer within ${this.#timeoutMs} ms`),
      timeoutMs: this.#timeoutMs
    }
    callUser(asked, this.#context.gateway.timers, done)
  }

  #outcomeOf(found: unknown, exchange: Exchange): Outcome {
    if (found === null || found === undefined) return ABSENT
    const { invalid: wrong } = found as { readonly invalid?: unknown }
    if (typeof wrong === 'string') return invalid(wrong)
    if (!isFound(found))
      throw new TypeError(`returned ${show(found)} instead of { subject, … }, { invalid } or null`)
    const identity = this.#context.identify(found)
    return { kind: 'identified', identity, removes: this.#removes(exchange), sets: null }
  }

  // The function may have gone by something else: a place without a credential stays as it is.
  #removes(exchange: Exchange): readonly CredentialPlace[] {
    const source = this.#source
    return source === null || source.read(exchange) === null ? NOTHING : source.removes(source.held(exchange))
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
