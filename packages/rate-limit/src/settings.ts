import { durationMs } from '@gatewright/core'
import { type Algorithm, fixedWindow, slidingWindow, tokenBucket } from './algorithms.js'
import type { RateLimitConfig, RateLimitOptions } from './config/config.js'
import type { RateLimitCost } from './cost.js'
import type { RateLimitCostAfter } from './cost-after.js'
import { needsIdentity, type RateLimitKey, type RateLimitKeyFunction, readerOf } from './key.js'
import type { RateLimitRequest } from './store.js'

/** What a limit without a name is called. */
export const UNNAMED = 'default'

/** A limit's settings: nothing optional. */
export interface RateLimitSettings {
  readonly name: string
  /** Whether routes with a limit of this name share it. */
  readonly named: boolean
  /** Whether it limits how many run at a time, and not how many come. */
  readonly concurrent: boolean
  /** What is counted, as `RateLimit-Policy` names it. */
  readonly unit: 'requests' | 'concurrent-requests' | 'content-bytes'
  readonly observe: boolean
  /** What differs between two limits that cannot go on with each other's counts. */
  readonly kind: string
  readonly algorithm: Algorithm
  /** The same with a share of the limit: what this process admits where several count each for itself. */
  share(instances: number): Algorithm
  /** How a store is asked for it. */
  readonly asked: Pick<RateLimitRequest, 'algorithm' | 'capacity' | 'intervalMs'>
  /** Where it is counted; `null` for wherever the gateway does. */
  readonly store: 'memory' | 'shared' | null
  readonly onStoreFailure: 'local' | 'open' | 'closed'
  /** What may be taken at once. */
  readonly quota: number
  /** The time in which the quota is there again, in seconds. */
  readonly seconds: number
  readonly key: RateLimitKey
  readonly read: RateLimitKeyFunction
  /** Whether the key is known only when it is known who the request is from. */
  readonly byIdentity: boolean
  readonly ipv6Prefix: number
  readonly withoutKey: 'by-client' | 'reject' | 'exempt'
  readonly cost: number | RateLimitCost
  readonly costAfter: RateLimitCostAfter | null
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
  const { name, key = 'client', ipv6Prefix = 64, costAfter = null, headers = 'draft' } = options
  const bytes = costAfter === 'request-bytes' || costAfter === 'response-bytes'
  const counting = countingOf(options)
  return {
    ...counting,
    name: name ?? UNNAMED,
    named: name !== undefined,
    unit: counting.concurrent ? 'concurrent-requests' : bytes ? 'content-bytes' : 'requests',
    observe: options.mode === 'observe',
    store: counting.concurrent ? 'memory' : (options.store ?? null),
    onStoreFailure: options.onStoreFailure ?? 'local',
    key,
    read: readerOf(key, ipv6Prefix),
    byIdentity: needsIdentity(key),
    ipv6Prefix,
    withoutKey: options.withoutKey ?? 'by-client',
    cost: options.cost ?? (costAfter === null ? 1 : 0),
    costAfter,
    headers,
    maxKeys: options.maxKeys ?? 100_000
  }
}

type Counting = Pick<
  RateLimitSettings,
  'kind' | 'concurrent' | 'algorithm' | 'share' | 'asked' | 'quota' | 'seconds'
>

function countingOf(options: RateLimitOptions): Counting {
  const { concurrent, requestsPerSecond, limit = 1, window, algorithm, cost } = options
  // A share that has less than a request costs would admit none.
  const least = typeof cost === 'number' ? cost : 1
  if (concurrent !== undefined) return concurrency(concurrent)
  const windowMs = durationMs(window ?? '1s') as number
  if (algorithm === 'fixed-window' || algorithm === 'sliding-window') {
    const make = algorithm === 'fixed-window' ? fixedWindow : slidingWindow
    return {
      kind: `${algorithm} ${windowMs}`,
      concurrent: false,
      algorithm: make(limit, windowMs),
      share: (instances) => make(shareOf(limit, instances, least), windowMs),
      asked: { algorithm, capacity: limit, intervalMs: windowMs },
      quota: limit,
      seconds: windowMs / 1_000
    }
  }
  const intervalMs = requestsPerSecond === undefined ? windowMs / limit : 1_000 / requestsPerSecond
  const quota = options.burst ?? Math.ceil(requestsPerSecond ?? limit)
  return {
    kind: 'token-bucket',
    concurrent: false,
    algorithm: tokenBucket(intervalMs, quota),
    share: (instances) => tokenBucket(intervalMs * instances, shareOf(quota, instances, least)),
    asked: { algorithm: 'token-bucket', capacity: quota, intervalMs },
    quota,
    seconds: (intervalMs * quota) / 1_000
  }
}

function concurrency(quota: number): Counting {
  const algorithm = fixedWindow(quota, 1)
  const asked = { algorithm: 'fixed-window', capacity: quota, intervalMs: 1 } as const
  return { kind: 'concurrent', concurrent: true, algorithm, share: () => algorithm, asked, quota, seconds: 0 }
}

/** The part of a limit that one of several processes admits, but never less than one request costs. */
export function shareOf(limit: number, instances: number, least = 1): number {
  return Math.max(Math.min(limit, Math.max(1, least)), Math.floor(limit / instances))
}
