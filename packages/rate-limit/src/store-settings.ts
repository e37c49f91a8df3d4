import { durationMs } from '@gatewright/core'
import type { RateLimitStoreConfig } from './config/config.js'
import type { StoreGuardSettings } from './guarded-store.js'
import type { RedisClient } from './redis-store.js'
import type { RateLimitStore } from './store.js'

/** Settings of `rateLimitStore`. */
export interface StoreSettings extends StoreGuardSettings {
  readonly redis: string | RedisClient | undefined
  readonly store: RateLimitStore | undefined
  readonly prefix: string | undefined
  /** Processes that share the store; `undefined` for those of this gateway. */
  readonly instances: number | undefined
}

/** Settings of a validated `rateLimitStore`; `null` for none. */
export function resolveStore(config: RateLimitStoreConfig | undefined): StoreSettings | null {
  if (config === undefined || config === false) return null
  const { redis, store, prefix, timeout = '50ms', failures = 5, retryAfter = '1s', instances } = config
  const timeoutMs = durationMs(timeout) as number
  return { redis, store, prefix, timeoutMs, failures, retryMs: durationMs(retryAfter) as number, instances }
}

/** Yields the problems of `rateLimitStore` that the schema cannot see. */
export function* checkStore(config: RateLimitStoreConfig, at: string): Iterable<string> {
  if (config === false) return
  const { redis, store, prefix } = config
  if (redis === undefined && store === undefined) yield `${at}: has no store; give 'redis' or 'store'`
  if (redis !== undefined && store !== undefined) yield `${at}.store: does nothing beside 'redis'`
  if (store !== undefined && !has(store, 'take', 'charge'))
    yield `${at}.store: must have the methods take and charge`
  if (store !== undefined && prefix !== undefined)
    yield `${at}.prefix: does nothing with 'store'; it is for 'redis'`
  if (typeof redis === 'string') yield* checkUrl(redis, `${at}.redis`)
  else if (redis !== undefined && !has(redis, 'evalsha', 'eval'))
    yield `${at}.redis: must be a URL such as 'redis://127.0.0.1:6379', or a client of ioredis or iovalkey`
}

function* checkUrl(url: string, at: string): Iterable<string> {
  // The URL may hold a password, so that no message has it.
  const { protocol } = URL.canParse(url) ? new URL(url) : { protocol: '' }
  if (protocol !== 'redis:' && protocol !== 'rediss:')
    yield `${at}: must be a URL such as 'redis://127.0.0.1:6379', or 'rediss://' with TLS`
}

function has(value: unknown, ...methods: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}
