// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration, Method, Size } from '@gatewright/core'
import type { HedgeDelay } from './hedge-delay.js'

declare module '@gatewright/core' {
  interface PoolConfig<B extends string = never> {
    /** Another attempt, at another endpoint if there is one. 'safe' and 'idempotent' are short for that choice of methods with defaults. Default: none. */
    retry?: RetryConfig
    /** A second attempt beside a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first head wins, the other is aborted. Counted in the retry budget. Default: none. */
    hedge?: HedgeConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Another attempt, at another endpoint if there is one. 'safe' and 'idempotent' are short for that choice of methods with defaults. Default: none. */
    retry?: RetryConfig
    /** A second attempt beside a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first head wins, the other is aborted. Counted in the retry budget. Default: none. */
    hedge?: HedgeConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Another attempt, at another endpoint if there is one. 'safe' and 'idempotent' are short for that choice of methods with defaults. Default: none. */
    retry?: RetryConfig
    /** A second attempt beside a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first head wins, the other is aborted. Counted in the retry budget. Default: none. */
    hedge?: HedgeConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Another attempt, at another endpoint if there is one. 'safe' and 'idempotent' are short for that choice of methods with defaults. Default: none. */
    retry?: RetryConfig
    /** A second attempt beside a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first head wins, the other is aborted. Counted in the retry budget. Default: none. */
    hedge?: HedgeConfig
  }
}

/** Another attempt, at another endpoint if there is one. 'safe' and 'idempotent' are short for that choice of methods with defaults. Default: none. */
export type RetryConfig = false | 'safe' | 'idempotent' | RetryOptions

/** Another attempt, at another endpoint if there is one. */
export interface RetryOptions {
  /** 'enforce' (default) acts; 'observe' only tells what it would have done (event `observed`, `exchange.observed`) and lets everything through. */
  mode?: 'enforce' | 'observe'
  /** Most attempts in all, the first one included, up to 20. Default 2. A whole number, 1 to 20. */
  attempts?: number
  /** Methods that may be sent again: 'idempotent' (default; RFC 9110, section 9.2.2), 'safe' (GET, HEAD, OPTIONS), or a list. A request of which nothing was sent may always be, and one with Idempotency-Key too. */
  methods?: 'safe' | 'idempotent' | readonly Method[]
  /** What is tried again. `connect_failure`: no connection was made, or none was free in time. Default: all four. */
  on?: readonly ('connect_failure' | 'reset' | 'timeout' | 'status')[]
  /** Statuses that are tried again, when `on` has 'status'. Default 502, 503, 504. */
  statuses?: readonly number[]
  /** The wait before an attempt: evenly drawn from 0 to the limit (full jitter). */
  backoff?: BackoffConfig
  /** Longest Retry-After that is waited for; a longer one ends the tries. Default 1s. 1ms to 596h; 0ms: none is waited for. */
  maxRetryAfter?: Duration
  /** How much of a request body is kept, so that it can be sent again. Default 64KiB; 0B keeps none. */
  bufferBody?: Size
  /** Retries and hedges as a share of the successes of the last 10 s. All routes of a pool whose budgets are configured alike share one. Default 10. A number, 0 to 100. */
  budgetPercent?: number
  /** Retries a second that the budget allows besides that share. Default 3. Danger: more than the endpoints can bear while they fail. A whole number, 0 to 2147483647. */
  budgetMinPerSecond?: number
}

/** The wait before an attempt: evenly drawn from 0 to the limit (full jitter). */
export interface BackoffConfig {
  /** Upper limit of the first wait; doubled each time. Default 25ms. 1ms to 596h; 0ms: no wait. */
  base?: Duration
  /** Upper limit of any wait. Default 250ms. 1ms to 596h; 0ms: no wait. */
  max?: Duration
}

/** A second attempt beside a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first head wins, the other is aborted. Counted in the retry budget. Default: none. */
export type HedgeConfig = false | HedgeOptions

/** A second attempt beside a slow first one. */
export interface HedgeOptions {
  /** 'enforce' (default) acts; 'observe' only tells what it would have done (event `observed`, `exchange.observed`) and lets everything through. */
  mode?: 'enforce' | 'observe'
  /** When the second attempt begins: a duration (1ms to 596h), or 'p95' of the pool's recent latency (p50 to p99.9). */
  after: HedgeDelay
  /** With a percentile: never sooner than this. Default 5ms. 1ms to 596h; 0ms: as soon as it says. */
  minDelay?: Duration
}
