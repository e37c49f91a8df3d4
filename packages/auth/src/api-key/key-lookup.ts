import { timingSafeEqual } from 'node:crypto'
import { type Gateway, schemaProblems, toldError } from '@gatewright/core'
import type { ApiKeyCacheConfig } from '../config/config.js'
import { apiKeys } from '../config/validate.js'
import { durationOf } from '../duration-of.js'
import { BoundedMap } from '../tokens/bounded-map.js'
import { callUser, type UserFunction } from '../user-function.js'
import { type ApiKey, apiKeyOf, checkEntries } from './entry.js'
import type { ApiKeyLookup } from './lookup-function.js'

/** What a lookup has found: a key, `null` for none, or why it could not tell. */
export type LookedUp = ApiKey | null | { readonly failed: string }

interface Known {
  readonly key: ApiKey | null
  readonly untilMs: number
}

/** Calls of the function at one time; more count as failed, so that a flood of made-up keys does not bury what it asks. */
const MOST_PENDING = 256

/** Asks a function of the user's for keys, each once at a time, and remembers what it has found. */
export class KeyLookup {
  readonly #gateway: Gateway
  #lookup: ApiKeyLookup
  #settings = ''
  #timeoutMs = 0
  #foundMs = 0
  #notFoundMs = 0
  // Apart, so that made-up keys do not push out right ones.
  #found: BoundedMap<Known> = new BoundedMap(1)
  #notFound: BoundedMap<Known> = new BoundedMap(1)
  readonly #pending = new Map<string, ((result: LookedUp) => void)[]>()

  constructor(lookup: ApiKeyLookup, gateway: Gateway) {
    this.#lookup = lookup
    this.#gateway = gateway
  }

  /** From now on with these settings; with other ones, or another function, what was remembered is forgotten. */
  use(lookup: ApiKeyLookup, timeoutMs: number, cache: ApiKeyCacheConfig | false): void {
    const { found = '1m', notFound = '10s', maxKeys = 10_000 } = cache === false ? {} : cache
    const settings = JSON.stringify([cache === false, found, notFound, maxKeys])
    this.#timeoutMs = timeoutMs
    if (lookup === this.#lookup && settings === this.#settings) return
    this.#settings = settings
    this.#foundMs = cache === false ? 0 : durationOf(found)
    this.#notFoundMs = cache === false ? 0 : durationOf(notFound)
    this.#lookup = lookup
    this.#found = new BoundedMap(maxKeys)
    this.#notFound = new BoundedMap(maxKeys)
  }

  /** What is remembered of a key; `undefined` for nothing. */
  recall(digest: string): ApiKey | null | undefined {
    const known = this.#found.get(digest) ?? this.#notFound.get(digest)
    return known !== undefined && this.#gateway.clock() < known.untilMs ? known.key : undefined
  }

  /** Asks for a key that is not remembered; `done` is called once, maybe at once. */
  find(digest: string, id: string | null, done: (result: LookedUp) => void): void {
    const waiting = this.#pending.get(digest)
    if (waiting !== undefined) waiting.push(done)
    else if (this.#pending.size >= MOST_PENDING)
      done({ failed: `more than ${MOST_PENDING} look-ups at one time` })
    else this.#ask(digest, id, done)
  }

  #ask(digest: string, id: string | null, done: (result: LookedUp) => void): void {
    const waiting = [done]
    this.#pending.set(digest, waiting)
    const asked: UserFunction<LookedUp> = {
      call: () => this.#lookup({ hash: `sha256:${digest}`, id }),
      judge: (entry) => this.#taken(digest, entry),
      failed: (error) => this.#failed(toldError(error), error),
      late: () => ({ failed: `no answer within ${this.#timeoutMs} ms` }),
      timeoutMs: this.#timeoutMs
    }
    callUser(asked, this.#gateway.timers, (result) => {
      this.#pending.delete(digest)
      for (const tell of waiting) tell(result)
    })
  }

  #taken(digest: string, entry: unknown): LookedUp {
    const now = this.#gateway.clock()
    if (entry === null || entry === undefined) return this.#remember(digest, null, now)
    const problems = schemaProblems(apiKeys, [entry], 'keys')
    if (problems.length === 0) problems.push(...checkEntries([entry as never], null, 'keys'))
    if (problems.length > 0) return this.#failed(`it returned no key: ${problems.join('; ')}`, null)
    const key = apiKeyOf(entry as never)
    // What was found by an id alone is somebody else's until the hash says so.
    return this.#remember(digest, isSame(key.digest, digest) ? key : null, now)
  }

  #remember(digest: string, key: ApiKey | null, now: number): ApiKey | null {
    const [map, ms] = key === null ? [this.#notFound, this.#notFoundMs] : [this.#found, this.#foundMs]
    if (ms > 0) map.set(digest, { key, untilMs: now + ms })
    return key
  }

  #failed(because: string, error: unknown): LookedUp {
    this.#gateway.faults.warn('the look-up of API keys', `failed: ${because}`, error)
    return { failed: because }
  }
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
