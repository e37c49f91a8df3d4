import type { Clock, Exchange, GatewayError } from '@gatewright/core'
import { type Counted, worstOf } from './counted.js'
import type { GuardedStore } from './guarded-store.js'
import type { RateLimit } from './rate-limit.js'
import type { Excess } from './refusal.js'
import type { RequestCounts } from './request-counts.js'
import type { RateLimitState } from './store.js'

/** Lets a request go on, or answers it. */
export type Done = (refusal?: GatewayError) => void

/** Whom is told what the limits say. */
export interface AskingHost {
  /** How a request is counted, before anything is decided. */
  counted(exchange: Exchange, counted: readonly Counted[]): void
  /** Which limit it exceeds, `null` for none, or which one cannot be asked. Called once for a request. */
  decided(exchange: Exchange, excess: Excess | null, unreachable: RateLimit | null, done: Done): void
}

/** A request that the store is asked about. */
interface Asked {
  readonly exchange: Exchange
  readonly done: Done
  readonly counted: readonly Counted[]
  /** Those among them that the store counts. */
  readonly shared: readonly Counted[]
  readonly keyless: RateLimit | null
}

/** Asks limits about requests: all of them admit a request, or nothing is taken. */
export class Asking {
  readonly #clock: Clock
  readonly #requests: RequestCounts
  readonly #host: AskingHost

  constructor(clock: Clock, requests: RequestCounts, host: AskingHost) {
    this.#clock = clock
    this.#requests = requests
    this.#host = host
  }

  /** Asks them; what they say is decided at once where the store has no part in it. */
  ask(exchange: Exchange, limits: readonly RateLimit[], store: GuardedStore | null, done: Done): void {
    const now = this.#clock()
    const counted: Counted[] = []
    let shared: Counted[] | null = null
    let keyless: RateLimit | null = null
    for (const limit of limits) {
      const one = this.#requests.of(limit, exchange)
      if (one === null) {
        if (limit.settings.withoutKey === 'reject' && (keyless === null || keyless.settings.observe))
          keyless = limit
        continue
      }
      counted.push(one)
      if (limit.isShared) {
        shared ??= []
        shared.push(one)
      } else one.ask(now)
    }
    this.#host.counted(exchange, counted)
    const excess = excessOf(counted, keyless)
    if (refuses(excess)) {
      for (const one of counted) one.tell(now)
      this.#host.decided(exchange, excess, null, done)
      return
    }
    // Those that this process counts come first: they cost nothing, and are given back when the store refuses.
    for (const one of counted) if (!one.limit.isShared) one.take(now)
    if (shared === null) this.#host.decided(exchange, excess, null, done)
    else this.#askStore({ exchange, done, counted, shared, keyless }, store)
  }

  #askStore(asked: Asked, store: GuardedStore | null): void {
    const { shared } = asked
    if (store === null) {
      this.#withoutStore(asked)
      return
    }
    store.take(
      shared.map((one) => one.asRequest(one.cost)),
      (states) => {
        if (states === null) {
          this.#withoutStore(asked)
          return
        }
        for (const [index, one] of shared.entries()) one.answered(states[index] as RateLimitState)
        this.#decide(asked)
      }
    )
  }

  #withoutStore(asked: Asked): void {
    const { exchange, done, counted, shared } = asked
    const now = this.#clock()
    const closed = shared.find(
      ({ limit: { settings } }) => settings.onStoreFailure === 'closed' && !settings.observe
    )
    if (closed !== undefined) {
      for (const one of counted) one.giveBack(now)
      this.#host.decided(exchange, null, closed.limit, done)
      return
    }
    const local: Counted[] = []
    for (const one of shared) {
      if (one.limit.settings.onStoreFailure === 'local') {
        one.ask(now)
        local.push(one)
      } else one.pass()
    }
    if (!refuses(excessOf(local, null))) for (const one of local) one.take(now)
    this.#decide(asked)
  }

  #decide({ exchange, done, counted, keyless }: Asked): void {
    const excess = excessOf(counted, keyless)
    // Whoever has gone meanwhile holds nothing.
    if (refuses(excess) || exchange.endedAt > 0) {
      const now = this.#clock()
      for (const one of counted) one.giveBack(now)
    }
    this.#host.decided(exchange, excess, null, done)
  }
}

// A limit that enforces goes before one that observes; a request without a key before one that must wait.
function excessOf(counted: readonly Counted[], keyless: RateLimit | null): Excess | null {
  const worst = worstOf(counted)
  if (keyless !== null && (worst === null || worst.limit.settings.observe || !keyless.settings.observe))
    return { limit: keyless, counted: null }
  return worst === null ? null : { limit: worst.limit, counted: worst }
}

function refuses(excess: Excess | null): boolean {
  return excess !== null && !excess.limit.settings.observe
}
