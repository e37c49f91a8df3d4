import type { Cancel, Chance, Clock, Timers } from '@gatewright/core'
import type { JwtAlgorithm } from './algorithms.js'
import { type KeySet, replaceKeys } from './key-set.js'
import type { KeySource, TakeKeys } from './key-source.js'
import type { VerificationKey } from './verification-key.js'

/** Keys as they were fetched. */
export interface FetchedKeys {
  readonly keys: KeySet
  /** How long they may be taken for the latest ones, in milliseconds; `null` when the response does not say. */
  readonly maxAgeMs: number | null
}

/** Fetches the keys. `previous`: those that were fetched before. It must settle within its time. */
export type FetchKeys = (previous: KeySet | null) => { readonly keys: Promise<FetchedKeys>; abort(): void }

/** How keys of others are kept. Times are in milliseconds. */
export interface RemoteKeySettings {
  /** After how long they are fetched again where the response does not say. */
  readonly refreshMs: number
  /** How long they are used beyond that, while they cannot be fetched. */
  readonly staleIfErrorMs: number
  /** Time between two fetches for the sake of tokens with an unknown key id. */
  readonly cooldownMs: number
}

/** What the keys of others run on. */
export interface RemoteKeyContext {
  readonly fetch: FetchKeys
  readonly clock: Clock
  readonly chance: Chance
  readonly timers: Timers
  /** Told of every fetch that fails, and of the first one that succeeds after that (`null`). */
  report(failure: string | null): void
}

/** What is known of the keys of others. */
export interface RemoteKeysReport {
  /** How many are in use; 0 while there are none. */
  readonly keys: number
  /** Age of the last fetch that succeeded, in milliseconds; `null` before. */
  readonly ageMs: number | null
  /** Whether they are used beyond their time, as newer ones cannot be fetched. */
  readonly isStale: boolean
  readonly fetches: number
  readonly failures: number
}

/** Keys are fetched again this soon at least, and this late at most, whatever the response says. */
const REFRESH_MS = { least: 60_000, most: 24 * 3_600_000 }
/** Time between two tries while keys cannot be fetched: from the first, doubled up to the most. */
const RETRY_MS = { first: 1_000, most: 60_000 }

/**
 * Keys that somebody else publishes. They are fetched at the start, without holding it up, and again before they are too old,
 * by one request at a time. A token with an unknown key id, or with a wrong signature, has them fetched at once, but not more
 * often than once in a cooldown. Where they cannot be fetched, those that are there stay in use for a time.
 */
export class RemoteKeys implements KeySource {
  readonly #settings: RemoteKeySettings
  readonly #context: RemoteKeyContext
  #keys: KeySet | null = null
  #fetchedAt = 0
  #freshUntil = 0
  #askedAt = Number.NEGATIVE_INFINITY
  #failed = 0
  #lastFailure = ''
  #fetches = 0
  #failures = 0
  #isOver = false
  #waiting: (() => void)[] | null = null
  #abort: () => void = () => {}
  #cancelRefresh: Cancel = () => {}
  #cancelExpiry: Cancel = () => {}

  constructor(settings: RemoteKeySettings, context: RemoteKeyContext) {
    this.#settings = settings
    this.#context = context
    this.#fetch()
  }

  /** What is known now. */
  state(): RemoteKeysReport {
    const now = this.#context.clock()
    return {
      keys: this.#keys?.keys.length ?? 0,
      ageMs: this.#fetchedAt === 0 ? null : now - this.#fetchedAt,
      isStale: this.#keys !== null && now >= this.#freshUntil && this.#failed > 0,
      fetches: this.#fetches,
      failures: this.#failures
    }
  }

  find(algorithm: JwtAlgorithm, kid: string | null, take: TakeKeys): void {
    const known = this.#keys?.candidates(algorithm, kid) ?? []
    if (known.length > 0) {
      take(known)
      return
    }
    if (this.#mayAsk()) this.#fetch()
    if (this.#waiting === null) {
      take(this.#answer(algorithm, kid))
      return
    }
    this.#waiting.push(() => take(this.#answer(algorithm, kid)))
  }

  findOthers(
    algorithm: JwtAlgorithm,
    kid: string | null,
    tried: readonly VerificationKey[],
    take: (keys: readonly VerificationKey[]) => void
  ): void {
    const others = (): readonly VerificationKey[] =>
      (this.#keys?.candidates(algorithm, kid) ?? []).filter((key) => !tried.includes(key))
    if (this.#mayAsk()) this.#fetch()
    if (this.#waiting === null) take(others())
    else this.#waiting.push(() => take(others()))
  }

  /** Nothing is fetched any more, and nobody waits. */
  close(): void {
    this.#isOver = true
    this.#cancelRefresh()
    this.#cancelExpiry()
    this.#abort()
  }

  // Whether one asks for a key that is not known: without any keys, only the tries that are scheduled count.
  #mayAsk(): boolean {
    if (this.#isOver || this.#waiting !== null || this.#keys === null) return false
    return this.#context.clock() - this.#askedAt >= this.#settings.cooldownMs
  }

  // After a fetch that failed nobody knows whether the key is a new one.
  #answer(algorithm: JwtAlgorithm, kid: string | null): ReturnType<KeySet['candidates']> | string {
    const known = this.#keys?.candidates(algorithm, kid) ?? []
    if (known.length > 0 || this.#failed === 0) return known
    return `keys cannot be fetched: ${this.#lastFailure}`
  }

  #fetch(): void {
    const { fetch, clock } = this.#context
    this.#cancelRefresh()
    this.#askedAt = clock()
    this.#fetches++
    this.#waiting = []
    const { keys, abort } = fetch(this.#keys)
    this.#abort = abort
    keys.then(
      (fetched) => this.#ended(() => this.#succeeded(fetched)),
      (error: unknown) => this.#ended(() => this.#couldNot(error))
    )
  }

  #ended(how: () => void): void {
    const waiting = this.#waiting ?? []
    this.#waiting = null
    this.#abort = () => {}
    how()
    for (const go of waiting) go()
  }

  #succeeded({ keys, maxAgeMs }: FetchedKeys): void {
    const { clock, chance, timers, report } = this.#context
    const now = clock()
    replaceKeys(this.#keys, keys)
    this.#keys = keys
    this.#fetchedAt = now
    const freshMs = Math.min(
      Math.max(maxAgeMs ?? this.#settings.refreshMs, REFRESH_MS.least),
      REFRESH_MS.most
    )
    this.#freshUntil = now + freshMs
    if (this.#failed > 0) report(null)
    this.#failed = 0
    if (this.#isOver) return
    // Before they are too old, and not at the same moment as all other gateways.
    this.#cancelRefresh = timers.after(freshMs * (0.75 + 0.15 * chance()), () => this.#fetch())
    this.#cancelExpiry()
    this.#cancelExpiry = timers.after(freshMs + this.#settings.staleIfErrorMs, () => this.#expire())
  }

  #couldNot(error: unknown): void {
    const { chance, timers, report } = this.#context
    this.#failed++
    this.#failures++
    this.#lastFailure = error instanceof Error ? error.message : 'it failed'
    if (this.#isOver) return
    report(this.#lastFailure)
    const waitMs = Math.min(RETRY_MS.first * 2 ** (this.#failed - 1), RETRY_MS.most)
    this.#cancelRefresh = timers.after(waitMs * (0.5 + 0.5 * chance()), () => this.#fetch())
  }

  #expire(): void {
    this.#keys?.withdraw()
    this.#keys = null
  }
}
