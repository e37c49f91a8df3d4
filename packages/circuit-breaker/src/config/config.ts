// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'

declare module '@gatewright/core' {
  interface PoolConfig<B extends string = never> {
    /** Responds 503 circuit_open without contacting the upstream while it keeps failing. true: with defaults. A breaker of a route or policy counts that route alone and replaces the pool’s breaker; false turns it off. */
    circuitBreaker?: BreakerConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Responds 503 circuit_open without contacting the upstream while it keeps failing. true: with defaults. A breaker of a route or policy counts that route alone and replaces the pool’s breaker; false turns it off. */
    circuitBreaker?: BreakerConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Responds 503 circuit_open without contacting the upstream while it keeps failing. true: with defaults. A breaker of a route or policy counts that route alone and replaces the pool’s breaker; false turns it off. */
    circuitBreaker?: BreakerConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Responds 503 circuit_open without contacting the upstream while it keeps failing. true: with defaults. A breaker of a route or policy counts that route alone and replaces the pool’s breaker; false turns it off. */
    circuitBreaker?: BreakerConfig
  }
}

/** Responds 503 circuit_open without contacting the upstream while it keeps failing. true: with defaults. A breaker of a route or policy counts that route alone and replaces the pool’s breaker; false turns it off. */
export type BreakerConfig = boolean | BreakerOptions

/** A circuit breaker. */
export interface BreakerOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Percentage of faults in the window at which the breaker opens. Default 50. A number, 1 to 100. */
  errorThresholdPercent?: number
  /** Fewest requests in the window for the breaker to open. Default 20. A whole number, 1 to 2147483647. */
  minRequests?: number
  /** Length of the rolling window, in ten buckets. Default 10s. 100ms to 596h. */
  window?: Duration
  /** Time to the response head from which a response counts as slow. Default: none does. 1ms to 596h; 0ms: none does. */
  slowCall?: Duration
  /** Percentage of slow responses in the window at which the breaker opens. Default 100. A number, 1 to 100. */
  slowCallThresholdPercent?: number
  /** How long the breaker stays open the first time; doubled each time it reopens. Default 30s. 10ms to 596h. */
  openDuration?: Duration
  /** Longest time the breaker stays open. Default 5m. 10ms to 596h. */
  maxOpenDuration?: Duration
  /** Concurrent trial requests while half open, and successes needed to close. Default 3. A whole number, 1 to 2147483647. */
  halfOpenRequests?: number
  /** Time in which the share of admitted requests grows to all after the breaker closes. Default 0ms. 1ms to 596h; 0ms: all at once. */
  ramp?: Duration
}
