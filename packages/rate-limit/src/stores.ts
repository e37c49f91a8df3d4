import {
  type Gateway,
  type Prepared,
  type Snapshot,
  sameConfig,
  settingIn,
  toldError
} from '@gatewright/core'
import { GuardedStore } from './guarded-store.js'
import { rateLimitStoreKey } from './keys.js'
import type { SharedCounting } from './rate-limits.js'
import { connectRedis, type RedisConnection } from './redis-connection.js'
import { RedisStore } from './redis-store.js'
import type { StoreSettings } from './store-settings.js'

/** A store that a configuration has. */
interface Opened {
  readonly settings: StoreSettings
  readonly guarded: GuardedStore
  /** The connection that is the gateway's own; `null` for a client or store of the user's. */
  readonly connection: RedisConnection | null
}

/** The stores of configurations (`rateLimitStore`): one that both have goes on. */
export class Stores {
  readonly #gateway: Gateway
  readonly #of = new WeakMap<Snapshot, Opened>()
  #current: Opened | null = null

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  /** The store of a configuration; `null` for none. */
  of(snapshot: Snapshot): GuardedStore | null {
    return this.#of.get(snapshot)?.guarded ?? null
  }

  /** Whether and with how many others a configuration counts. */
  sharing(snapshot: Snapshot): SharedCounting {
    const opened = this.#of.get(snapshot)
    const { processes } = this.#gateway
    return { isThere: opened !== undefined, instances: opened?.settings.instances ?? processes, processes }
  }

  /** The store that runs; `null` for none. */
  get current(): GuardedStore | null {
    return this.#current?.guarded ?? null
  }

  /** Makes the store of the next configuration ready. Rejects when a Redis client is to be had that is not installed. */
  prepare(next: Snapshot): Prepared | Promise<Prepared> {
    const settings = settingIn(rateLimitStoreKey, next.config)
    const known = this.#current
    if (settings === null) return this.#ready(next, null)
    if (known !== null && sameConfig(known.settings, settings)) return this.#ready(next, known)
    if (typeof settings.redis !== 'string') return this.#ready(next, this.#open(settings, null))
    return connectRedis(settings.redis, settings.timeoutMs, (error) => this.#report(error)).then(
      (connection) => this.#ready(next, this.#open(settings, connection))
    )
  }

  /** The gateway stops. */
  close(): void {
    this.#current?.connection?.disconnect()
  }

  #ready(next: Snapshot, opened: Opened | null): Prepared {
    if (opened !== null) this.#of.set(next, opened)
    const before = this.#current
    if (opened === before) return {}
    return {
      reset: [{ pool: null, what: 'shared rate limits', because: 'rateLimitStore has changed' }],
      commit: () => {
        this.#current = opened
      },
      retire: () => before?.connection?.disconnect(),
      abandon: () => opened?.connection?.disconnect()
    }
  }

  #open(settings: StoreSettings, connection: RedisConnection | null): Opened {
    const { clock, timers } = this.#gateway
    const { prefix, store, redis } = settings
    const client = connection ?? (typeof redis === 'string' ? null : redis)
    const counting =
      store ?? new RedisStore({ client: client as RedisConnection, ...(prefix !== undefined && { prefix }) })
    const guarded = new GuardedStore(counting, settings, {
      clock,
      timers,
      failed: (error) => this.#report(error)
    })
    return { settings, guarded, connection }
  }

  #report(error: unknown): void {
    this.#gateway.faults.warn('the rate limit store', `failed: ${toldError(error)}`, error)
  }
}
