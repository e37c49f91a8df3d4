import { type Chance, type Clock, monotonic } from '@gatewright/core'
import { type Algorithm, type Bucket, fixedWindow, slidingWindow, tokenBucket } from './algorithms.js'
import { KeyTable } from './key-table.js'
import type { RateLimitRequest, RateLimitState, RateLimitStore } from './store.js'

/** Options of {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /** The time in milliseconds, from above 0. Default: that of the process. */
  readonly clock?: Clock
  readonly chance?: Chance
  /** Keys of one limit that are counted apart. Default 100000. */
  readonly maxKeys?: number
}

/**
 * A store in memory, for several gateways of one process and for tests. A single gateway counts in its own memory without one.
 *
 * @example createGateway({ rateLimitStore: { store: new MemoryStore() }, … })
 */
export class MemoryStore implements RateLimitStore {
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #maxKeys: number
  readonly #tables = new Map<string, { readonly algorithm: Algorithm; readonly keys: KeyTable }>()

  constructor({ clock = monotonic, chance = Math.random, maxKeys = 100_000 }: MemoryStoreOptions = {}) {
    this.#clock = clock
    this.#chance = chance
    this.#maxKeys = maxKeys
  }

  async take(requests: readonly RateLimitRequest[]): Promise<readonly RateLimitState[]> {
    const now = this.#clock()
    const asked = requests.map((request) => {
      const { algorithm, bucket } = this.#find(request, now)
      return { request, algorithm, bucket, waitMs: algorithm.wait(bucket, now, request.asks) }
    })
    const refused = asked.some(({ request, waitMs }) => request.enforces && waitMs > 0)
    return asked.map(({ request, algorithm, bucket, waitMs }) => {
      if (!refused && waitMs === 0) algorithm.take(bucket, now, request.cost)
      return { waitMs, left: algorithm.left(bucket, now), resetMs: algorithm.reset(bucket, now) }
    })
  }

  async charge(requests: readonly RateLimitRequest[]): Promise<void> {
    const now = this.#clock()
    for (const request of requests) {
      const { algorithm, bucket } = this.#find(request, now)
      algorithm.take(bucket, now, request.cost)
    }
  }

  #find({ key, algorithm, capacity, intervalMs }: RateLimitRequest, now: number) {
    const kind = `${algorithm} ${capacity} ${intervalMs}`
    let table = this.#tables.get(kind)
    if (table === undefined) {
      table = {
        algorithm: MAKE[algorithm](intervalMs, capacity),
        keys: new KeyTable(this.#maxKeys, this.#chance)
      }
      this.#tables.set(kind, table)
    }
    const bucket: Bucket = table.keys.of(key, table.algorithm, now)
    return { algorithm: table.algorithm, bucket }
  }
}

const MAKE = {
  'token-bucket': tokenBucket,
  'fixed-window': (intervalMs: number, capacity: number) => fixedWindow(capacity, intervalMs),
  'sliding-window': (intervalMs: number, capacity: number) => slidingWindow(capacity, intervalMs)
}
