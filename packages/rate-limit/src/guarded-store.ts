import type { Clock, Timers } from '@gatewright/core'
import type { RateLimitRequest, RateLimitState, RateLimitStore } from './store.js'

/** How far a store is trusted. */
export interface StoreGuardSettings {
  /** How long a request waits for it, in milliseconds. */
  readonly timeoutMs: number
  /** After so many failures in a row it is not asked for a time. */
  readonly failures: number
  /** That time, in milliseconds. Then one request tries it. */
  readonly retryMs: number
}

/** What the guard needs of the gateway. */
export interface StoreGuardSeams {
  readonly clock: Clock
  readonly timers: Timers
  /** Told of every failure. */
  failed(error: unknown): void
}

/** A store that never holds a request for longer than its time limit, and is left alone while it fails. */
export class GuardedStore {
  readonly store: RateLimitStore
  readonly #settings: StoreGuardSettings
  readonly #seams: StoreGuardSeams
  #inRow = 0
  #closedUntil = 0
  #trying = false
  /** Calls that failed or took too long. */
  failures = 0

  constructor(store: RateLimitStore, settings: StoreGuardSettings, seams: StoreGuardSeams) {
    this.store = store
    this.#settings = settings
    this.#seams = seams
  }

  /** Whether the store is asked. */
  get isUp(): boolean {
    return this.#inRow < this.#settings.failures
  }

  /** Asks the store. `done` is called once, with `null` where it failed, took too long or is left alone. */
  take(
    requests: readonly RateLimitRequest[],
    done: (states: readonly RateLimitState[] | null) => void
  ): void {
    if (this.#isLeftAlone()) {
      done(null)
      return
    }
    this.#bounded(
      () => this.store.take(requests),
      (states) => {
        const usable = states !== null && states.length === requests.length
        done(usable ? states : null)
      }
    )
  }

  /** Charges, as far as the store can be reached; nobody waits for it. */
  charge(requests: readonly RateLimitRequest[]): void {
    if (this.#isLeftAlone()) return
    this.#bounded(
      () => this.store.charge(requests),
      () => {}
    )
  }

  #isLeftAlone(): boolean {
    if (this.isUp) return false
    if (this.#trying || this.#seams.clock() < this.#closedUntil) return true
    this.#trying = true
    return false
  }

  #bounded<Answer>(call: () => Promise<Answer>, done: (answer: Answer | null) => void): void {
    let over = false
    const end = (error: unknown, answer: Answer | null): void => {
      if (over) return
      over = true
      cancel()
      this.#trying = false
      if (answer === null) this.#failed(error)
      else this.#inRow = 0
      done(answer)
    }
    const { timeoutMs } = this.#settings
    const cancel = this.#seams.timers.after(
      timeoutMs,
      () => end(new Error(`no answer within ${timeoutMs} ms`), null),
      true
    )
    let called: Promise<Answer>
    try {
      called = call()
    } catch (error) {
      end(error, null)
      return
    }
    // `charge` resolves to nothing, which is a response too.
    called.then(
      (answer) => end(null, answer ?? (undefined as Answer)),
      (error: unknown) => end(error, null)
    )
  }

  #failed(error: unknown): void {
    this.failures++
    this.#inRow++
    if (!this.isUp) this.#closedUntil = this.#seams.clock() + this.#settings.retryMs
    this.#seams.failed(error)
  }
}
