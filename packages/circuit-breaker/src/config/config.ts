// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'

declare module '@gatewright/core' {
  interface PoolConfig<B extends string = never> {
    /** Answers 503 circuit_open without contact while the upstream fails. true: with defaults. The one of a route or policy counts its route alone and takes the place of its pool’s; false turns it off. */
    circuitBreaker?: BreakerConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Answers 503 circuit_open without contact while the upstream fails. true: with defaults. The one of a route or policy counts its route alone and takes the place of its pool’s; false turns it off. */
    circuitBreaker?: BreakerConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Answers 503 circuit_open without contact while the upstream fails. true: with defaults. The one of a route or policy counts its route alone and takes the place of its pool’s; false turns it off. */
    circuitBreaker?: BreakerConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Answers 503 circuit_open without contact while the upstream fails. true: with defaults. The one of a route or policy counts its route alone and takes the place of its pool’s; false turns it off. */
    circuitBreaker?: BreakerConfig
  }
}

/** Answers 503 circuit_open without contact while the upstream fails. true: with defaults. The one of a route or policy counts its route alone and takes the place of its pool’s; false turns it off. */
export type BreakerConfig = boolean | BreakerOptions

/** A circuit breaker. */
export interface BreakerOptions {
  /** 'enforce' (default) acts; 'observe' only tells what it would have done (event `observed`, `exchange.observed`) and lets everything through. */
  mode?: 'enforce' | 'observe'
  /** Share of faults in the window from which it opens. Default 50. A number, 1 to 100. */
  errorThresholdPercent?: number
  /** Requests in the window before it can open. Default 20. A whole number, 1 to 2147483647. */
  minRequests?: number
  /** How far it looks back, in ten steps. Default 10s. 100ms to 596h. */
  window?: Duration
  /** From when on an answer is slow: time to its head. Default: none is. 1ms to 596h; 0ms: none is. */
  slowCall?: Duration
  /** Share of slow answers in the window from which it opens. Default 100. A number, 1 to 100. */
  slowCallThresholdPercent?: number
  /** How long it stays open the first time; doubled each time it opens again. Default 30s. 10ms to 596h. */
  openDuration?: Duration
  /** The longest it stays open. Default 5m. 10ms to 596h. */
  maxOpenDuration?: Duration
  /** Requests let through at one time, and successes needed, when half open. Default 3. A whole number, 1 to 2147483647. */
  halfOpenRequests?: number
  /** Time in which the share of requests let through grows to all after it closes. Default 0ms. 1ms to 596h; 0ms: all at once. */
  ramp?: Duration
}
