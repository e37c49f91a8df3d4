import { type Clock, toldError } from '@gatewright/core'
import type { JsonObject } from '../tokens/strict-json.js'
import { type Digest, digestOf, type GoodToken, TokenCache } from '../tokens/token-cache.js'
import { TokenProblem } from '../tokens/token-problem.js'
import type { TokenVerifier, Verdict } from '../tokens/token-scheme.js'
import { type ClaimRules, checkClaims } from './claim-checks.js'
import { type ReadToken, readToken } from './compact.js'
import { checkHeader, type HeaderFacts, type HeaderRules } from './header-checks.js'
import type { Jose } from './jose.js'
import type { KeySource } from './key-source.js'
import type { VerificationKey } from './verification-key.js'

/** What a good token says. */
export interface VerifiedToken extends GoodToken {
  readonly claims: JsonObject
}

/** What tokens are checked by. */
export interface VerifierRules extends HeaderRules, ClaimRules {
  readonly maxTokenBytes: number
  /** Good tokens that are remembered; 0 for none. */
  readonly maxCached: number
}

/** What a verifier works with. */
export interface VerifierContext<T extends VerifiedToken> {
  readonly keys: KeySource
  readonly jose: Jose
  /** Milliseconds since the epoch. */
  readonly wallClock: Clock
  /** What is remembered of a good token; a {@link TokenProblem} where it lacks what is needed of it. */
  make(token: VerifiedToken): T
}

/** For how long a wrong signature is remembered: a flood of one token costs one look-up each. */
const BAD_MS = 10_000

type Done<T> = (verdict: Verdict<T>) => void

/**
 * Verifies tokens by one set of rules: whether they are well formed, say what they must and are signed with one of the keys.
 * Each token is verified once at a time, however many requests bring it, and then remembered.
 */
export class Verifier<T extends VerifiedToken> implements TokenVerifier<T> {
  readonly #rules: VerifierRules
  readonly #context: VerifierContext<T>
  readonly #cache: TokenCache<T>
  readonly #waiting = new Map<Digest, Done<T>[]>()
  /** Tokens that were found in the cache, that were verified, and that were refused. */
  readonly counts = { hits: 0, verified: 0, refused: 0 }

  constructor(rules: VerifierRules, context: VerifierContext<T>) {
    this.#rules = rules
    this.#context = context
    this.#cache = new TokenCache(rules.maxCached)
  }

  /** How many good tokens are remembered. */
  get cached(): number {
    return this.#cache.size
  }

  /** A good token that is remembered, without any work; `null` for anything else. */
  recall(token: string): T | null {
    const now = this.#context.wallClock()
    return this.#cache.recent(token, now) ?? this.#cache.find(token, digestOf(token), now)
  }

  /** Verifies a token, and calls `done` once: at once where it is remembered. */
  verify(token: string, done: Done<T>): void {
    const now = this.#context.wallClock()
    const recent = this.#cache.recent(token, now)
    if (recent !== null) {
      this.#hit(recent, done)
      return
    }
    if (token.length > this.#rules.maxTokenBytes) {
      this.#refuse(`it is longer than ${this.#rules.maxTokenBytes} bytes`, done)
      return
    }
    const digest = digestOf(token)
    const known = this.#cache.find(token, digest, now)
    if (known !== null) {
      this.#hit(known, done)
      return
    }
    const problem = this.#cache.problem(digest, now)
    if (problem !== null) {
      this.#refuse(problem, done)
      return
    }
    const waiting = this.#waiting.get(digest)
    if (waiting !== undefined) waiting.push(done)
    else this.#begin(token, digest, now, done)
  }

  /** No configuration has these rules any more: what was remembered goes. */
  close(): void {
    this.#cache.clear()
  }

  #hit(token: T, done: Done<T>): void {
    this.counts.hits++
    done({ kind: 'valid', token })
  }

  #refuse(why: string, done: Done<T>): void {
    this.counts.refused++
    done({ kind: 'invalid', why })
  }

  #begin(token: string, digest: Digest, now: number, done: Done<T>): void {
    let read: ReadToken
    let facts: HeaderFacts
    try {
      read = readToken(token, this.#rules.maxTokenBytes)
      facts = checkHeader(read.header, this.#rules)
      checkClaims(read.claims, this.#rules, now)
    } catch (error) {
      if (!(error instanceof TokenProblem)) throw error
      this.#refuse(error.message, done)
      return
    }
    const waiting = [done]
    this.#waiting.set(digest, waiting)
    const end = (verdict: Verdict<T>): void => {
      this.#waiting.delete(digest)
      if (verdict.kind === 'valid') this.counts.verified++
      else if (verdict.kind === 'invalid') this.counts.refused += waiting.length
      for (const one of waiting) one(verdict)
    }
    const { keys: source } = this.#context
    const tried: VerificationKey[] = []
    const judge = (key: VerificationKey | null): void =>
      end(this.#judge(token, digest, read.claims, key, tried))
    const attempt = (keys: readonly VerificationKey[], next: () => void): void => {
      tried.push(...keys)
      this.#signedWith(token, facts, keys).then(
        (key) => (key === null ? next() : judge(key)),
        (error: unknown) => end({ kind: 'unavailable', why: toldError(error) })
      )
    }
    source.find(facts.algorithm, facts.kid, (keys) => {
      if (typeof keys === 'string') end({ kind: 'unavailable', why: keys })
      else if (keys.length === 0) end({ kind: 'invalid', why: 'no key is known that it may be signed with' })
      else
        attempt(keys, () =>
          // Some issuers put a new key in the place of the old one, under its id.
          source.findOthers(facts.algorithm, facts.kid, tried, (others) =>
            others.length === 0 ? judge(null) : attempt(others, () => judge(null))
          )
        )
    })
  }

  /** The key that has signed a token; `null` for none. */
  async #signedWith(
    token: string,
    { algorithm }: HeaderFacts,
    keys: readonly VerificationKey[]
  ): Promise<VerificationKey | null> {
    const { importKey, verify } = this.#context.jose
    for (const key of keys)
      try {
        await verify(token, await key.import(algorithm, importKey), algorithm)
        return key
      } catch {
        // Wrong for this key, or a key that cannot be one after all: the next may be right.
      }
    return null
  }

  #judge(
    token: string,
    digest: Digest,
    claims: JsonObject,
    key: VerificationKey | null,
    keys: readonly VerificationKey[]
  ): Verdict<T> {
    const now = this.#context.wallClock()
    if (key === null) {
      const why = 'its signature is wrong'
      this.#cache.addBad(digest, { detail: why, grounds: keys, untilMs: now + BAD_MS })
      return { kind: 'invalid', why }
    }
    if (!key.live) return { kind: 'invalid', why: 'its key was withdrawn meanwhile' }
    try {
      const good = this.#context.make({ claims, ground: key, ...checkClaims(claims, this.#rules, now) })
      this.#cache.add(token, digest, good)
      return { kind: 'valid', token: good }
    } catch (error) {
      return error instanceof TokenProblem
        ? { kind: 'invalid', why: error.message }
        : { kind: 'unavailable', why: toldError(error) }
    }
  }
}
