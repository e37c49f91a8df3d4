// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'
import type { BodyPredicate, HealthCheck } from './callbacks.js'

declare module '@gatewright/core' {
  interface PoolConfig<B extends string = never> {
    /** Active probes of every endpoint. Default: none. */
    health?: HealthConfig
    /** Default: on. */
    outlierDetection?: false | OutlierConfig
    /** New and recovered endpoints begin with less traffic. Default: they do not. */
    slowStart?: SlowStartConfig
    /** What to do when no endpoint is usable. */
    unhealthy?: UnhealthyConfig
  }
}

/** Active probes of every endpoint. Default: none. */
export interface HealthConfig {
  /** 'http' (default) sends a request, 'tcp' only connects, 'grpc' asks the gRPC health service (grpc.health.v1). */
  protocol?: 'http' | 'tcp' | 'grpc'
  /** The path of an HTTP probe. Default /. */
  path?: string
  /** The method of an HTTP probe. Default GET. */
  method?: string
  /** Header fields of an HTTP probe. `Host` is the endpoint's authority, as in requests, unless one is given here; it must not be empty. */
  headers?: Record<string, string>
  /** The service a gRPC probe asks for. Default '': the whole server. */
  service?: string
  /** Time between two probes of an endpoint. Default 10s. 10ms to 596h. */
  interval?: Duration
  /** Time for a whole probe. Default 2s. Exceeded: it has failed. 1ms to 596h. */
  timeout?: Duration
  /** Time between probes while a state is about to change. Default 1s, or interval if shorter. 10ms to 596h. */
  fastInterval?: Duration
  /** Statuses that mean healthy, such as '200-299,304'. Default 200-399. */
  expectedStatus?: string
  /** Statuses that mean: works, but prefer others. Default: none. */
  degradedStatus?: string
  /** Text that the body must contain, or in code a function of it. Default: anything. */
  expectedBody?: string | BodyPredicate
  /** Probes in a row that must pass before an unhealthy endpoint is healthy again. Default 2. A whole number, 1 to 2147483647. */
  healthyThreshold?: number
  /** Probes in a row that must fail before an endpoint is unhealthy. Default 3. A whole number, 1 to 2147483647. */
  unhealthyThreshold?: number
  /** Most probes of this pool at one time. One without an answer for 250 ms, or less where the pool is large, gives its place to the next and is waited for beside: endpoints that hang do not keep others from being asked. Default 8. A whole number, 1 to 2147483647. */
  concurrency?: number
  /** A checker of your own in place of a probe: `async ({ url }, signal) => …`, which returns 'healthy', 'degraded', 'unhealthy', or a boolean (`true` is healthy). Throwing, not answering within timeout, or returning anything else counts as unhealthy; the last is warned of once. Code only. */
  check?: HealthCheck
}

/** Ejection of endpoints that fail more than their peers. On by default. */
export interface OutlierConfig {
  /** 'enforce' (default) acts; 'observe' only tells what it would have done (event `observed`, `exchange.observed`) and lets everything through. */
  mode?: 'enforce' | 'observe'
  /** Faults in a row (5xx, or no answer) after which an endpoint is ejected. Default 5; 0: off. A whole number, 0 to 2147483647. */
  consecutiveErrors?: number
  /** The same for 502, 503 and 504 alone. Default 0: off. A whole number, 0 to 2147483647. */
  consecutiveGatewayErrors?: number
  /** The same for attempts without an answer: refused, reset, timed out; and for requests that found no connection while no answer came. Default 5; 0: off. A whole number, 0 to 2147483647. */
  consecutiveLocalErrors?: number
  /** Share of faults within a window from which an endpoint is ejected. Default 0: off. A number, 0 to 100. */
  errorRatePercent?: number
  /** How many times the median of its peers an endpoint's median latency must be, in two windows in a row, for it to be ejected. Default 0: off. A number, 0 or more. */
  latencyFactor?: number
  /** Attempts at an endpoint within a window before error rate and latency count. Default 20. A whole number, 1 to 2147483647. */
  minRequests?: number
  /** Length of a window for error rate and latency. Default 10s. 10ms to 596h. */
  window?: Duration
  /** How long the first ejection lasts; the next ones twice, three times as long. Default 30s. 10ms to 596h. */
  ejection?: Duration
  /** The longest ejection. Default 5m. 10ms to 596h. */
  maxEjection?: Duration
  /** Most endpoints of the pool that may be ejected at one time. Never the last one. Default 50. A number, 0 to 100. */
  maxEjectionPercent?: number
}

/** New and recovered endpoints begin with less traffic. Default: they do not. */
export interface SlowStartConfig {
  /** Time in which a new or recovered endpoint gets to its full weight. 10ms to 596h. */
  window: Duration
  /** Shape of the ramp: 1 (default) is a straight line, more begins faster. */
  aggression?: number
  /** Where the ramp begins. Default 10. A number, 1 to 100. */
  minWeightPercent?: number
}

/** What to do when no endpoint is usable. */
export interface UnhealthyConfig {
  /** When no endpoint is usable: 'trickle' (default) lets one request a second through, to any; 'all' uses all of them; 'none' answers 503 no_endpoint. */
  policy?: 'trickle' | 'all' | 'none'
  /** With policy 'all': uses all endpoints already when fewer than this share are usable. Default 0: only when none is. A number, 0 to 100. */
  panicThresholdPercent?: number
}
