// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'
import type { RateLimitKey } from '../key.js'
import type { RateLimitCost } from '../cost.js'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** How many requests may come in a time; of a list, all limits must hold. Exceeded: 429 rate_limited. At the top it holds for all requests, besides those of routes; those of a route take the place of its policies’. */
    rateLimit?: RateLimitConfig
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
  /** Its name in headers, logs and metrics. Routes with a limit of the same name share it, and must agree on its numbers. Default: `default`, and a limit of each route alone. */
  name?: string
  /** A token bucket that is refilled so fast, for each key. This, or `limit` and `window`. Danger behind several processes: each has a bucket of its own. */
  requestsPerSecond?: number
  /** With a token bucket: what the bucket holds, so what may come at once. Default: `limit`, or `requestsPerSecond` rounded up. A whole number, 1 to 2147483647. */
  burst?: number
  /** Most requests, or their cost, in `window`, for each key. A whole number, 1 to 2147483647. */
  limit?: number
  /** The time that `limit` is for. 1ms to 596h. */
  window?: Duration
  /** How `limit` and `window` are counted. 'token-bucket' (default): an even rate with bursts (GCRA). 'fixed-window': anew at the end of each window; up to twice the limit may pass around that moment. 'sliding-window': the share of the window before that is still in sight counts too. */
  algorithm?: 'token-bucket' | 'fixed-window' | 'sliding-window'
  /** What requests are counted by: 'client' (default: the address, seen through `trustedProxies`), 'route', 'pool', { header }, { cookie }, { constant }, a function of the exchange, or a list of these which count together. Danger of what clients choose, such as a header that nobody has checked: each value has a count of its own. */
  key?: RateLimitKey
  /** For a request that has no such header or cookie: 'by-client' (default) counts its address, 'reject' answers 429, 'exempt' lets it pass. Danger of exempt: whoever leaves it out has no limit. */
  withoutKey?: 'by-client' | 'reject' | 'exempt'
  /** Clients with as many leading bits of their IPv6 address in common are one. Default 64. A whole number, 1 to 128. */
  ipv6Prefix?: number
  /** What a request takes of the limit: a number from 0 to 1000000, or a function of the exchange that returns one. Default 1. */
  cost?: number | RateLimitCost
  /** 'draft' (default): `RateLimit-Policy` and `RateLimit` (IETF draft 10) on every response; 'legacy': `X-RateLimit-Limit`, `-Remaining` and `-Reset`. `Retry-After` is on every refusal. */
  headers?: 'draft' | 'legacy' | 'none'
  /** Keys that have a count of their own at one time, about 150 bytes each. Default 100000. Beyond, new ones share 1024 counts: a flood of keys never sets back one that is limited. A whole number, 1 to 10000000. */
  maxKeys?: number
}
