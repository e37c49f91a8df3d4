import { REDIS_SCRIPT, REDIS_SCRIPT_SHA } from './redis-script.js'
import type { RateLimitRequest, RateLimitState, RateLimitStore } from './store.js'

/** What is needed of a client of ioredis or iovalkey, a single server's or a cluster's. */
export interface RedisClient {
  evalsha(sha: string, keys: number, ...args: string[]): Promise<unknown>
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>
}

/** Options of {@link RedisStore}. */
export interface RedisStoreOptions {
  readonly client: RedisClient
  /**
   * What the keys begin with. Default `gatewright:rate-limit:`. In a cluster the keys of one request must be in one slot:
   * give the prefix a hash tag, such as `{limits}:`.
   */
  readonly prefix?: string
}

/**
 * Counts in Redis (5 or newer) or Valkey: one round trip for all limits of a request, by a script that reads the server's
 * time, so that clocks of gateways do not matter. Keys expire when their limit is whole again.
 *
 * @example new RedisStore({ client: new Redis({ enableOfflineQueue: false, maxRetriesPerRequest: 0 }) })
 */
export class RedisStore implements RateLimitStore {
  readonly #client: RedisClient
  readonly #prefix: string

  constructor({ client, prefix = 'gatewright:rate-limit:' }: RedisStoreOptions) {
    this.#client = client
    this.#prefix = prefix
  }

  async take(requests: readonly RateLimitRequest[]): Promise<readonly RateLimitState[]> {
    const answer = await this.#run('take', requests)
    if (!Array.isArray(answer) || answer.length !== requests.length * 3)
      throw new TypeError('Redis answered with something else than the limits')
    const numbers = answer.map(Number)
    return requests.map((_request, index) => {
      const [waitMs = 0, left = 0, resetMs = 0] = numbers.slice(index * 3)
      return { waitMs: waitMs === -1 ? Number.POSITIVE_INFINITY : waitMs, left, resetMs }
    })
  }

  async charge(requests: readonly RateLimitRequest[]): Promise<void> {
    await this.#run('charge', requests)
  }

  async #run(what: 'take' | 'charge', requests: readonly RateLimitRequest[]): Promise<unknown> {
    const args: string[] = requests.map(({ key }) => this.#prefix + key)
    args.push(what)
    for (const { algorithm, capacity, intervalMs, cost, asks, enforces } of requests)
      args.push(
        algorithm,
        String(capacity),
        String(intervalMs),
        String(cost),
        String(asks),
        enforces ? '1' : '0'
      )
    try {
      return await this.#client.evalsha(REDIS_SCRIPT_SHA, requests.length, ...args)
    } catch (error) {
      // A server that was restarted, or whose scripts were flushed, is given it again.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await this.#client.eval(REDIS_SCRIPT, requests.length, ...args)
    }
  }
}
