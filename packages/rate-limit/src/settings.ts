import { durationMs } from '@gatewright/core'
import { type Algorithm, fixedWindow, slidingWindow, tokenBucket } from './algorithms.js'
import type { RateLimitConfig, RateLimitOptions } from './config/config.js'
import type { RateLimitCost } from './cost.js'
import { type RateLimitKey, type RateLimitKeyFunction, readerOf } from './key.js'

/** What a limit without a name is called. */
export const UNNAMED = 'default'

/** A limit's settings: nothing optional. */
export interface RateLimitSettings {
  readonly name: string
  /** Whether routes with a limit of this name share it. */
  readonly shared: boolean
  readonly observe: boolean
  /** What differs between two limits that cannot go on with each other's counts. */
  readonly kind: string
  readonly algorithm: Algorithm
  /** What may be taken at once. */
  readonly quota: number
  /** The time in which the quota is there again, in seconds. */
  readonly seconds: number
  readonly key: RateLimitKey
  readonly read: RateLimitKeyFunction
  readonly ipv6Prefix: number
  readonly withoutKey: 'by-client' | 'reject' | 'exempt'
  readonly cost: number | RateLimitCost
  readonly headers: 'draft' | 'legacy' | 'none'
  readonly maxKeys: number
}

const NONE: readonly RateLimitSettings[] = []

/** Settings of a validated `rateLimit`, one for each limit. */
export function resolveRateLimit(config: RateLimitConfig | undefined): readonly RateLimitSettings[] {
  if (config === undefined || config === false) return NONE
  return [config].flat().map((one) => settingsOf(one as RateLimitOptions))
}

function settingsOf(options: RateLimitOptions): RateLimitSettings {
  const { name, key = 'client', ipv6Prefix = 64, cost = 1, headers = 'draft' } = options
  return {
    ...countingOf(options),
    name: name ?? UNNAMED,
    shared: name !== undefined,
    observe: options.mode === 'observe',
    key,
    read: readerOf(key, ipv6Prefix),
    ipv6Prefix,
    withoutKey: options.withoutKey ?? 'by-client',
    cost,
    headers,
    maxKeys: options.maxKeys ?? 100_000
  }
}

type Counting = Pick<RateLimitSettings, 'kind' | 'algorithm' | 'quota' | 'seconds'>

function countingOf({ requestsPerSecond, burst, limit = 1, window, algorithm }: RateLimitOptions): Counting {
  const windowMs = durationMs(window ?? '1s') as number
  if (algorithm === 'fixed-window' || algorithm === 'sliding-window') {
    const make = algorithm === 'fixed-window' ? fixedWindow : slidingWindow
    const kind = `${algorithm} ${windowMs}`
    return { kind, algorithm: make(limit, windowMs), quota: limit, seconds: windowMs / 1_000 }
  }
  const interval = requestsPerSecond === undefined ? windowMs / limit : 1_000 / requestsPerSecond
  const quota = burst ?? Math.ceil(requestsPerSecond ?? limit)
  return {
    kind: 'token-bucket',
    algorithm: tokenBucket(interval, quota),
    quota,
    seconds: (interval * quota) / 1_000
  }
}
