// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Refuses requests with 503 overloaded while the process itself is short of something. */
    overload?: OverloadConfig
  }
  interface PoolConfig<B extends string = never> {
    /** How many requests may run at one time. Counted from being let in to the end of the answer; with `adaptive` to its head. */
    concurrency?: ConcurrencyConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** How many requests may run at one time. Counted from being let in to the end of the answer; with `adaptive` to its head. */
    concurrency?: ConcurrencyConfig
    /** When not all can be served: 'bulk' goes first, then 'default'; 'critical' is only subject to its own limits. Default default. */
    importance?: Importance
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** How many requests may run at one time. Counted from being let in to the end of the answer; with `adaptive` to its head. */
    concurrency?: ConcurrencyConfig
    /** When not all can be served: 'bulk' goes first, then 'default'; 'critical' is only subject to its own limits. Default default. */
    importance?: Importance
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** How many requests may run at one time. Counted from being let in to the end of the answer; with `adaptive` to its head. */
    concurrency?: ConcurrencyConfig
    /** When not all can be served: 'bulk' goes first, then 'default'; 'critical' is only subject to its own limits. Default default. */
    importance?: Importance
  }
}

/** Refuses requests with 503 overloaded while the process itself is short of something. */
export interface OverloadConfig {
  /** 'enforce' (default) acts; 'observe' only tells what it would have done (event `observed`, `exchange.observed`) and lets everything through. */
  mode?: 'enforce' | 'observe'
  /** Mean delay of the event loop from which requests are refused; one pause in which the process has no CPU does not count. Default: no limit. 1ms to 596h. */
  maxEventLoopDelay?: Duration
  /** Share of time in which the event loop works, from which requests are refused. Default: no limit. */
  maxEventLoopUtilization?: number
  /** Share of V8's heap limit from which requests are refused. Default: no limit. */
  maxHeapPercent?: number
  /** How often it is measured. Default 500ms. 10ms to 596h. */
  sampleInterval?: Duration
  /** Retry-After of refused requests, in whole seconds. Default 1s. 1s to 596h. */
  retryAfter?: Duration
}

/** How many requests may run at one time. Counted from being let in to the end of the answer; with `adaptive` to its head. */
export interface ConcurrencyConfig {
  /** 'enforce' (default) acts; 'observe' only tells what it would have done (event `observed`, `exchange.observed`) and lets everything through. */
  mode?: 'enforce' | 'observe'
  /** Most requests at one time, to the end of their answers. Default: none; the upper end of `adaptive` is then 1000. A whole number, 1 to 2147483647. */
  max?: number
  /** Most requests that wait to be let in. Default 0. Exceeded: 503 overloaded, for the least important one. A whole number, 0 to 2147483647. */
  maxQueue?: number
  /** Longest wait to be let in. Default 1s. Exceeded: 503 queue_timeout. 1ms to 596h. */
  queueTimeout?: Duration
  /** 'fifo' (default), or 'adaptive': when the queue has not been empty for a while, the newest goes first and old ones are let go early (CoDel). */
  queueOrder?: 'fifo' | 'adaptive'
  /** Finds the limit by itself: it falls when the time to the heads of answers grows (gradient, as in Netflix concurrency-limits). It holds for requests whose answers have not begun; `max`, its upper end, holds for all. Default false. */
  adaptive?: boolean | AdaptiveLimitConfig
}

/** How the limit is found. */
export interface AdaptiveLimitConfig {
  /** Never below this. Default 10. A whole number, 1 to 2147483647. */
  min?: number
  /** Where it begins. Default 50. A whole number, 1 to 2147483647. */
  initial?: number
  /** How often the limit is set anew. Default 500ms. 10ms to 596h. */
  window?: Duration
  /** How often the best latency is measured anew, where the limit holds requests back: with 70 % of the limit for 50 requests, and with less while that makes them faster. Default 60s, and up to 15 % later by chance. 10ms to 596h; 0ms: never. */
  remeasure?: Duration
  /** How much latency may grow over its best before the limit falls. Default 1.5. A number, 1 or more. */
  tolerance?: number
}

/** When not all can be served: 'bulk' goes first, then 'default'; 'critical' is only subject to its own limits. Default default. */
export type Importance = 'critical' | 'default' | 'bulk'
