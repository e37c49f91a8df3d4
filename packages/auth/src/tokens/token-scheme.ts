import type { Exchange } from '@gatewright/core'
import type { Found } from '../found.js'
import {
  ABSENT,
  type Absent,
  type Identified,
  invalid,
  type Outcome,
  type Scheme,
  type SchemeContext,
  unavailable
} from '../scheme.js'
import type { TokenSource } from './token-source.js'

/** What is found out about a token. `why` is for the log. */
export type Verdict<T> =
  | { readonly kind: 'valid'; readonly token: T }
  | { readonly kind: 'invalid' | 'unavailable'; readonly why: string }

/** Finds out whether tokens are good. */
export interface TokenVerifier<T> {
  /** Calls `done` once: at once where the token is remembered. */
  verify(token: string, done: (verdict: Verdict<T>) => void): void
  /** A good token that is remembered, without any work; `null` for anything else. */
  recall(token: string): T | null
}

/** A good token, and who it is from as the scheme says that has met it last. */
export interface KnownToken {
  readonly found: Found
  owner: object | null
  held: number
  outcome: Identified | null
}

/** A good token that no scheme has met. */
export function unmet(found: Found): KnownToken {
  return { found, owner: null, held: 0, outcome: null }
}

/** A scheme of bearer tokens (RFC 6750): reads them, has them verified and says whom they are from. */
export class TokenScheme implements Scheme {
  readonly name: string
  readonly challenge: string
  readonly #wrong: string
  readonly #context: SchemeContext
  readonly #source: TokenSource
  readonly #verifier: TokenVerifier<KnownToken>
  readonly figures: NonNullable<Scheme['figures']>

  constructor(
    context: SchemeContext,
    source: TokenSource,
    verifier: TokenVerifier<KnownToken>,
    figures: NonNullable<Scheme['figures']>
  ) {
    this.figures = figures
    this.name = context.name
    this.challenge = `Bearer realm="${context.realm}"`
    // RFC 6750, section 3.1. What is wrong with the token is for the log.
    this.#wrong = `${this.challenge}, error="invalid_token"`
    this.#context = context
    this.#source = source
    this.#verifier = verifier
  }

  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void {
    const token = this.#source.read(exchange)
    if (token === null) {
      done(ABSENT)
      return
    }
    if (typeof token !== 'string') {
      done(invalid(token.problem, this.#wrong))
      return
    }
    this.#verifier.verify(token, (verdict) => {
      if (verdict.kind === 'valid') done(this.#outcomeOf(verdict.token, exchange))
      else if (verdict.kind === 'invalid')
        done(invalid(`the token of '${this.name}': ${verdict.why}`, this.#wrong))
      else done(unavailable(`the token of '${this.name}' cannot be verified: ${verdict.why}`))
    })
  }

  recall(exchange: Exchange): Identified | Absent | null {
    const token = this.#source.read(exchange)
    if (token === null) return ABSENT
    const known = typeof token === 'string' ? this.#verifier.recall(token) : null
    return known === null ? null : this.#outcomeOf(known, exchange)
  }

  // Made once per token: consumers change with the configuration alone, and with it this scheme.
  #outcomeOf(token: KnownToken, exchange: Exchange): Identified {
    const held = this.#source.held(exchange)
    if (token.owner === this && token.held === held && token.outcome !== null) return token.outcome
    const identity = this.#context.identify(token.found)
    const outcome: Identified = {
      kind: 'identified',
      identity,
      removes: this.#source.removes(held),
      sets: null
    }
    token.owner = this
    token.held = held
    token.outcome = outcome
    return outcome
  }
}
