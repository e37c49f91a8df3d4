// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Refuses requests with 503 overloaded while the process is short of CPU or memory. */
    overload?: OverloadConfig
  }
  interface PoolConfig<B extends string = never> {
    /** Limit of concurrent requests, counted from admission to the end of the response; with `adaptive`, to the response head. */
    concurrency?: ConcurrencyConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Limit of concurrent requests, counted from admission to the end of the response; with `adaptive`, to the response head. */
    concurrency?: ConcurrencyConfig
    /** Priority under overload: 'bulk' requests are refused first, then 'default'; 'critical' requests are subject only to concurrency limits. Default default. */
    importance?: Importance
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Limit of concurrent requests, counted from admission to the end of the response; with `adaptive`, to the response head. */
    concurrency?: ConcurrencyConfig
    /** Priority under overload: 'bulk' requests are refused first, then 'default'; 'critical' requests are subject only to concurrency limits. Default default. */
    importance?: Importance
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Limit of concurrent requests, counted from admission to the end of the response; with `adaptive`, to the response head. */
    concurrency?: ConcurrencyConfig
    /** Priority under overload: 'bulk' requests are refused first, then 'default'; 'critical' requests are subject only to concurrency limits. Default default. */
    importance?: Importance
  }
}

/** Refuses requests with 503 overloaded while the process is short of CPU or memory. */
export interface OverloadConfig {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Mean event loop delay from which requests are refused; a single pause in which the process got no CPU time is not counted. Default: no limit. 1ms to 596h. */
  maxEventLoopDelay?: Duration
  /** Event loop utilization, in percent, from which requests are refused. Default: no limit. */
  maxEventLoopUtilization?: number
  /** Percentage of V8's heap limit in use from which requests are refused. Default: no limit. */
  maxHeapPercent?: number
  /** How often the process is measured. Default 500ms. 10ms to 596h. */
  sampleInterval?: Duration
  /** Retry-After of refused requests, in whole seconds. Default 1s. 1s to 596h. */
  retryAfter?: Duration
}

/** Limit of concurrent requests, counted from admission to the end of the response; with `adaptive`, to the response head. */
export interface ConcurrencyConfig {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Maximum number of concurrent requests, until their responses have ended. Default: none; the upper bound of `adaptive` is then 1000. A whole number, 1 to 2147483647. */
  max?: number
  /** Maximum number of queued requests. Default 0. Exceeded: 503 overloaded, for the least important request. A whole number, 0 to 2147483647. */
  maxQueue?: number
  /** Longest wait in the queue. Default 1s. Exceeded: 503 queue_timeout. 1ms to 596h. */
  queueTimeout?: Duration
  /** 'fifo' (default), or 'adaptive': when the queue has not been empty for a while, the newest request is admitted first and old requests time out early (adaptive LIFO with CoDel). */
  queueOrder?: 'fifo' | 'adaptive'
  /** Adapts the limit to latency: it is lowered when the time to the response head grows (gradient, as in Netflix concurrency-limits). The adaptive limit counts requests whose responses have not begun; `max`, its upper bound, counts all. Default false. */
  adaptive?: boolean | AdaptiveLimitConfig
}

/** Parameters of the adaptive limit. */
export interface AdaptiveLimitConfig {
  /** Lower bound of the limit. Default 10. A whole number, 1 to 2147483647. */
  min?: number
  /** Initial limit. Default 50. A whole number, 1 to 2147483647. */
  initial?: number
  /** How often the limit is recalculated. Default 500ms. 10ms to 596h. */
  window?: Duration
  /** How often the baseline latency is measured again while requests are queued or refused: with 70 % of the limit for 50 requests, and with less as long as that lowers their latency. Default 60s, plus up to 15 % jitter. 10ms to 596h; 0ms: never. */
  remeasure?: Duration
  /** Ratio of latency to baseline latency above which the limit is lowered. Default 1.5. A number, 1 or more. */
  tolerance?: number
}

/** Priority under overload: 'bulk' requests are refused first, then 'default'; 'critical' requests are subject only to concurrency limits. Default default. */
export type Importance = 'critical' | 'default' | 'bulk'
