// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration, Method, Size } from '@gatewright/core'
import type { HedgeDelay } from './hedge-delay.js'

declare module '@gatewright/core' {
  interface PoolConfig<B extends string = never> {
    /** Retries, at another endpoint if there is one. 'safe' and 'idempotent' are short for these methods with defaults. Default: none. */
    retry?: RetryConfig
    /** Hedging: a second attempt in parallel to a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first response head wins; the other attempt is aborted. Counts against the retry budget. Default: none. */
    hedge?: HedgeConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Retries, at another endpoint if there is one. 'safe' and 'idempotent' are short for these methods with defaults. Default: none. */
    retry?: RetryConfig
    /** Hedging: a second attempt in parallel to a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first response head wins; the other attempt is aborted. Counts against the retry budget. Default: none. */
    hedge?: HedgeConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Retries, at another endpoint if there is one. 'safe' and 'idempotent' are short for these methods with defaults. Default: none. */
    retry?: RetryConfig
    /** Hedging: a second attempt in parallel to a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first response head wins; the other attempt is aborted. Counts against the retry budget. Default: none. */
    hedge?: HedgeConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Retries, at another endpoint if there is one. 'safe' and 'idempotent' are short for these methods with defaults. Default: none. */
    retry?: RetryConfig
    /** Hedging: a second attempt in parallel to a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first response head wins; the other attempt is aborted. Counts against the retry budget. Default: none. */
    hedge?: HedgeConfig
  }
}

/** Retries, at another endpoint if there is one. 'safe' and 'idempotent' are short for these methods with defaults. Default: none. */
export type RetryConfig = false | 'safe' | 'idempotent' | RetryOptions

/** Retries, at another endpoint if there is one. */
export interface RetryOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Maximum number of attempts, including the first, up to 20. Default 2. A whole number, 1 to 20. */
  attempts?: number
  /** Methods that may be retried: 'idempotent' (default; RFC 9110, section 9.2.2), 'safe' (GET, HEAD, OPTIONS), or a list. A request of which nothing was sent, or with an Idempotency-Key, may always be retried. */
  methods?: 'safe' | 'idempotent' | readonly Method[]
  /** Conditions that are retried. `connect_failure`: no connection could be established, or none became free in time. Default: all four. */
  on?: readonly ('connect_failure' | 'reset' | 'timeout' | 'status')[]
  /** Statuses that are retried when `on` contains 'status'. Default 502, 503, 504. */
  statuses?: readonly number[]
  /** Exponential backoff: the delay before a retry is uniformly random between 0 and the limit (full jitter). */
  backoff?: BackoffConfig
  /** Longest Retry-After that is honoured; a longer one ends the retries. Default 1s. 1ms to 596h; 0ms: none is honoured. */
  maxRetryAfter?: Duration
  /** How much of a request body is buffered so that it can be sent again. Default 64KiB; 0B buffers none. */
  bufferBody?: Size
  /** Retry budget: retries and hedges allowed, as a percentage of the successes of the last 10 s. Routes of a pool with the same budget settings share one budget. Default 10. A number, 0 to 100. */
  budgetPercent?: number
  /** Retries per second that the budget allows in addition to that percentage. Default 3. Danger of a high value: retries overload endpoints that are failing. A whole number, 0 to 2147483647. */
  budgetMinPerSecond?: number
}

/** Exponential backoff: the delay before a retry is uniformly random between 0 and the limit (full jitter). */
export interface BackoffConfig {
  /** Upper limit of the first delay; doubled each time. Default 25ms. 1ms to 596h; 0ms: no delay. */
  base?: Duration
  /** Upper limit of every delay. Default 250ms. 1ms to 596h; 0ms: no delay. */
  max?: Duration
}

/** Hedging: a second attempt in parallel to a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first response head wins; the other attempt is aborted. Counts against the retry budget. Default: none. */
export type HedgeConfig = false | HedgeOptions

/** A second attempt in parallel to a slow first one. */
export interface HedgeOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Delay before the second attempt: a duration (1ms to 596h), or a percentile of the pool's recent latency (p50 to p99.9), such as 'p95'. */
  after: HedgeDelay
  /** With a percentile: shortest delay. Default 5ms. 1ms to 596h; 0ms: no lower bound. */
  minDelay?: Duration
}
