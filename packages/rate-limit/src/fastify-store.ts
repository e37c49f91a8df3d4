import type { RateLimitRequest, RateLimitState, RateLimitStore } from './store.js'

/** What `@fastify/rate-limit` is told of a request: it refuses what is above its `max`. */
export interface FastifyRateLimitCount {
  readonly current: number
  /** Milliseconds until there is room again. */
  readonly ttl: number
}

type Done = (error: Error | null, count?: FastifyRateLimitCount) => void

/** What a route of `@fastify/rate-limit` hands on to its store. */
export interface FastifyRouteOptions {
  readonly url?: string
  readonly routeInfo?: { readonly method?: string | string[]; readonly url?: string }
}

/** A store as `@fastify/rate-limit` makes and uses it. */
export interface FastifyRateLimitStore {
  incr(key: string, done: Done, timeWindow: number, max: number): void
  read(key: string, done: Done, timeWindow: number, max: number): void
  child(route: FastifyRouteOptions): FastifyRateLimitStore
}

/** The class that `@fastify/rate-limit` takes as its `store`. */
export type FastifyRateLimitStoreClass = new (options: object) => FastifyRateLimitStore

/**
 * A store for `@fastify/rate-limit`, for routes of the app that are not the gateway's: they count where the gateway does, by
 * the same algorithms, and no flood of keys sets a count back. Not for `ban`, `continueExceeding` and `exponentialBackoff`,
 * which go by counts beyond the limit: such requests are refused and not counted here.
 *
 * @example app.register(rateLimit, { max: 100, timeWindow: '1 minute', store: fastifyStore(new RedisStore({ client })) })
 */
export function fastifyStore(
  store: RateLimitStore,
  algorithm: RateLimitRequest['algorithm'] = 'token-bucket'
): FastifyRateLimitStoreClass {
  return class GatewrightStore implements FastifyRateLimitStore {
    #scope = 'fastify'

    incr(key: string, done: Done, timeWindow: number, max: number): void {
      this.#ask(key, 1, done, timeWindow, max)
    }

    read(key: string, done: Done, timeWindow: number, max: number): void {
      this.#ask(key, 0, done, timeWindow, max)
    }

    child({ routeInfo }: FastifyRouteOptions): FastifyRateLimitStore {
      const own = new GatewrightStore()
      own.#scope = `fastify ${routeInfo?.method ?? ''} ${routeInfo?.url ?? ''}`
      return own
    }

    #ask(key: string, cost: number, done: Done, timeWindow: number, max: number): void {
      const intervalMs = algorithm === 'token-bucket' ? timeWindow / max : timeWindow
      const request = {
        key: `${this.#scope}|${key}`,
        algorithm,
        capacity: max,
        intervalMs,
        cost,
        asks: cost,
        enforces: true
      }
      store.take([request]).then(
        ([state]) => done(null, countOf(state as RateLimitState, max)),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)))
      )
    }
  }
}

function countOf({ waitMs, left, resetMs }: RateLimitState, max: number): FastifyRateLimitCount {
  if (waitMs > 0) return { current: max + 1, ttl: Math.min(Math.ceil(waitMs), Number.MAX_SAFE_INTEGER) }
  return { current: max - left, ttl: Math.ceil(resetMs) }
}
