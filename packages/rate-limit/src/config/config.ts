// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'
import type { RateLimitKey } from '../key.js'
import type { RateLimitCost } from '../cost.js'
import type { RateLimitCostAfter } from '../cost-after.js'
import type { RedisClient } from '../redis-store.js'
import type { RateLimitStore } from '../store.js'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** How many requests may come in a time; of a list, all limits must hold. Exceeded: 429 rate_limited. At the top it holds for all requests, besides those of routes; those of a route take the place of its policies’. */
    rateLimit?: RateLimitConfig
    /** Counts rate limits for all processes together. Without it each counts its own. Danger: everybody who can reach the store can change the counts. */
    rateLimitStore?: RateLimitStoreConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** How many requests may come in a time; of a list, all limits must hold. Exceeded: 429 rate_limited. At the top it holds for all requests, besides those of routes; those of a route take the place of its policies’. */
    rateLimit?: RateLimitConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** How many requests may come in a time; of a list, all limits must hold. Exceeded: 429 rate_limited. At the top it holds for all requests, besides those of routes; those of a route take the place of its policies’. */
    rateLimit?: RateLimitConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** How many requests may come in a time; of a list, all limits must hold. Exceeded: 429 rate_limited. At the top it holds for all requests, besides those of routes; those of a route take the place of its policies’. */
    rateLimit?: RateLimitConfig
  }
}

/** How many requests may come in a time; of a list, all limits must hold. Exceeded: 429 rate_limited. At the top it holds for all requests, besides those of routes; those of a route take the place of its policies’. */
export type RateLimitConfig = RateLimitOptions | readonly RateLimitOptions[] | false

/** How many requests may come in a time. */
export interface RateLimitOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Its name in headers, logs and metrics. Routes with a limit of the same name share it, and must agree on its numbers and its key. Default: `default`, and a limit of each route alone. */
  name?: string
  /** A token bucket that is refilled so fast, for each key. This, or `limit` and `window`. Danger behind several processes without `rateLimitStore`: each has a bucket of its own; workers of one gateway divide it. */
  requestsPerSecond?: number
  /** With a token bucket: what the bucket holds, so what may come at once. Default: `limit`, or `requestsPerSecond` rounded up. A whole number, 1 to 2147483647. */
  burst?: number
  /** Most requests that run at one time, for each key. In place of a rate; counted by each process alone, and divided among the workers of a gateway. A whole number, 1 to 2147483647. */
  concurrent?: number
  /** Most requests, or their cost, in `window`, for each key. A whole number, 1 to 2147483647. */
  limit?: number
  /** The time that `limit` is for. 1ms to 596h. */
  window?: Duration
  /** How `limit` and `window` are counted. 'token-bucket' (default): an even rate with bursts (GCRA). 'fixed-window': anew at the end of each window; up to twice the limit may pass around that moment. 'sliding-window': the share of the window before that is still in sight counts too. */
  algorithm?: 'token-bucket' | 'fixed-window' | 'sliding-window'
  /** What requests are counted by: 'client' (default: the address, seen through `trustedProxies`), 'route', 'pool', 'consumer' or 'subject' (as authentication has found out), { claim } (its name, or a path such as realm.tenant), { header }, { cookie }, { constant }, a function of the exchange, or a list of these which count together. Danger of what clients choose, such as a header that nobody has checked: each value has a count of its own. */
  key?: RateLimitKey
  /** For a request that has no such header, cookie, consumer or claim: 'by-client' (default) counts its address, 'reject' answers 429, 'exempt' lets it pass. Danger of exempt: whoever leaves it out has no limit. */
  withoutKey?: 'by-client' | 'reject' | 'exempt'
  /** Clients with as many leading bits of their IPv6 address in common are one. Default 64. A whole number, 1 to 128. */
  ipv6Prefix?: number
  /** What a request takes of the limit: a number from 0 to 1000000, or a function of the exchange that returns one. Default 1; with `costAfter` 0. */
  cost?: number | RateLimitCost
  /** What is charged besides when the response has ended, so that later requests pay: 'request-bytes', 'response-bytes', { header } or { trailer } of the response that holds a number, or a function of the finished exchange. A request is admitted while anything is left. Default: nothing. */
  costAfter?: RateLimitCostAfter
  /** Where it is counted: 'shared' (default where there is a `rateLimitStore`), or in the 'memory' of each process. */
  store?: 'shared' | 'memory'
  /** While the store cannot be reached: 'local' (default) counts in this process, which admits its share of the limit (`rateLimitStore.instances`), 'open' admits everything, 'closed' answers 503 rate_limit_unavailable. */
  onStoreFailure?: 'local' | 'open' | 'closed'
  /** 'draft' (default): `RateLimit-Policy` and `RateLimit` (IETF draft 10) on every response; 'legacy': `X-RateLimit-Limit`, `-Remaining` and `-Reset`. `Retry-After` is on every refusal. */
  headers?: 'draft' | 'legacy' | 'none'
  /** Keys that have a count of their own at one time, about 150 bytes each. Default 100000. Beyond, new ones share 1024 counts: a flood of keys never sets back one that is limited. A whole number, 1 to 10000000. */
  maxKeys?: number
}

/** Counts rate limits for all processes together. Without it each counts its own. Danger: everybody who can reach the store can change the counts. */
export type RateLimitStoreConfig = RateLimitStoreOptions | false

/** A store that several processes count in. */
export interface RateLimitStoreOptions {
  /** A URL such as 'redis://127.0.0.1:6379' ('rediss://' with TLS), which needs the package iovalkey, or a client of ioredis or iovalkey. Redis 5 or newer, or Valkey. */
  redis?: string | RedisClient
  /** A store of your own, in place of `redis`. */
  store?: RateLimitStore
  /** What the keys in Redis begin with. Default `gatewright:rate-limit:`. In a cluster it needs a hash tag, such as `{limits}:`. */
  prefix?: string
  /** What a request waits for the store at most. Default 50ms. 1ms to 10s. */
  timeout?: Duration
  /** After so many failures in a row the store is not asked for `retryAfter`. Default 5. A whole number, 1 to 1000. */
  failures?: number
  /** Then one request tries it again. Default 1s. 10ms to 10m. */
  retryAfter?: Duration
  /** Processes that share the store, for what each admits while it cannot be reached. Default: the workers of this gateway, else 1. A whole number, 1 to 10000. */
  instances?: number
}
