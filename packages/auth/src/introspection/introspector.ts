import { type Clock, toldError } from '@gatewright/core'
import type { Json } from '../tokens/strict-json.js'
import { type Digest, digestOf, type GoodToken, TokenCache } from '../tokens/token-cache.js'
import { TokenProblem } from '../tokens/token-problem.js'
import type { TokenVerifier, Verdict } from '../tokens/token-scheme.js'
import { ANSWERS, asked, type Backoff, failed, mayAsk } from './backoff.js'
import { type ActiveToken, type IntrospectionRules, readResponse } from './response.js'

/** By what tokens are looked up. Times are in milliseconds. */
export interface IntrospectorRules extends IntrospectionRules {
  readonly maxTokenBytes: number
  readonly timeoutMs: number
  /** For how long an answer holds, at most until the token expires. */
  readonly activeMs: number
  readonly inactiveMs: number
  /** Active tokens that are remembered; 0 for none. */
  readonly maxCached: number
}

/** What an introspector works with. */
export interface IntrospectorContext<T> {
  /** Asks about a token. Rejects when there is no answer; settles within its time. */
  ask(token: string): { readonly answer: Promise<Json>; abort(): void }
  /** Milliseconds since the epoch. */
  readonly wallClock: Clock
  readonly clock: Clock
  /** What is remembered of an active token; a {@link TokenProblem} where it lacks what is needed of it. */
  make(token: ActiveToken): T
  /** Told of every look-up that fails. */
  report(failure: string): void
}

/** RFC 6750, section 2.1. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/
/** Look-ups under way at once. */
const MOST_ASKED = 256
const GROUND = { live: true }

type Done<T> = (verdict: Verdict<T>) => void
interface LookUp<T> {
  readonly waiting: Done<T>[]
  abort(): void
}

/**
 * Looks tokens up where they were issued (RFC 7662): each once at a time, however many requests bring it, and then remembers the
 * answer. A service that fails again and again is left alone for a while: nobody waits for it, and nobody is taken for wrong.
 */
export class Introspector<T> implements TokenVerifier<T> {
  readonly #rules: IntrospectorRules
  readonly #context: IntrospectorContext<T>
  readonly #cache: TokenCache<GoodToken & { readonly made: T }>
  readonly #lookUps = new Map<Digest, LookUp<T>>()
  #backoff: Backoff = ANSWERS
  /** Tokens that were found in the cache, that were asked about, and about which there was no answer. */
  readonly counts = { hits: 0, asked: 0, failures: 0 }

  constructor(rules: IntrospectorRules, context: IntrospectorContext<T>) {
    this.#rules = rules
    this.#context = context
    this.#cache = new TokenCache(rules.maxCached)
  }

  /** How many active tokens are remembered. */
  get cached(): number {
    return this.#cache.size
  }

  recall(token: string): T | null {
    const now = this.#context.wallClock()
    return (this.#cache.recent(token, now) ?? this.#cache.find(token, digestOf(token), now))?.made ?? null
  }

  verify(token: string, done: Done<T>): void {
    const { wallClock, clock } = this.#context
    const now = wallClock()
    const recent = this.#cache.recent(token, now)
    if (recent !== null) {
      this.#hit(recent.made, done)
      return
    }
    if (token.length > this.#rules.maxTokenBytes || !TOKEN.test(token)) {
      done({ kind: 'invalid', why: 'it is no bearer token, or too long' })
      return
    }
    const digest = digestOf(token)
    const known = this.#cache.find(token, digest, now)
    if (known !== null) {
      this.#hit(known.made, done)
      return
    }
    const problem = this.#cache.problem(digest, now)
    if (problem !== null) {
      done({ kind: 'invalid', why: problem })
      return
    }
    const underWay = this.#lookUps.get(digest)
    if (underWay !== undefined) underWay.waiting.push(done)
    else if (!mayAsk(this.#backoff, clock()))
      done({ kind: 'unavailable', why: 'introspection has failed again and again, and pauses' })
    else if (this.#lookUps.size >= MOST_ASKED)
      done({ kind: 'unavailable', why: `${MOST_ASKED} tokens are being looked up already` })
    else this.#ask(token, digest, done)
  }

  /** No configuration has these rules any more: what was remembered goes, and nobody waits. */
  close(): void {
    this.#cache.clear()
    for (const { abort } of this.#lookUps.values()) abort()
  }

  #hit(made: T, done: Done<T>): void {
    this.counts.hits++
    done({ kind: 'valid', token: made })
  }

  #ask(token: string, digest: Digest, done: Done<T>): void {
    const { ask, clock } = this.#context
    const askedAt = clock()
    this.#backoff = asked(this.#backoff, askedAt, this.#rules.timeoutMs)
    this.counts.asked++
    const waiting = [done]
    const { answer, abort } = ask(token)
    this.#lookUps.set(digest, { waiting, abort })
    const end = (verdict: Verdict<T>): void => {
      this.#lookUps.delete(digest)
      for (const one of waiting) one(verdict)
    }
    answer.then(
      (response) => end(this.#read(token, digest, response, askedAt)),
      (error: unknown) => end(this.#failed(error, askedAt))
    )
  }

  #read(token: string, digest: Digest, response: Json, askedAt: number): Verdict<T> {
    const { wallClock, make } = this.#context
    const { activeMs, inactiveMs } = this.#rules
    const now = wallClock()
    try {
      const active = readResponse(response, this.#rules, now)
      this.#backoff = ANSWERS
      const made = make(active)
      const untilMs = Math.min(active.expiresMs, now + activeMs)
      this.#cache.add(token, digest, { fromMs: now, untilMs, ground: GROUND, made })
      return { kind: 'valid', token: made }
    } catch (error) {
      if (!(error instanceof TokenProblem)) return this.#failed(error, askedAt)
      this.#backoff = ANSWERS
      this.#cache.addBad(digest, { detail: error.message, untilMs: now + inactiveMs, grounds: [] })
      return { kind: 'invalid', why: error.message }
    }
  }

  #failed(error: unknown, askedAt: number): Verdict<T> {
    const why = error instanceof Error ? error.message : toldError(error)
    this.counts.failures++
    this.#backoff = failed(this.#backoff, askedAt, this.#context.clock())
    this.#context.report(why)
    return { kind: 'unavailable', why }
  }
}
