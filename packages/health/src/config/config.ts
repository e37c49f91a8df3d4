// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'
import type { BodyPredicate, HealthCheck } from './callbacks.js'

declare module '@gatewright/core' {
  interface PoolConfig<B extends string = never> {
    /** Active probes of every endpoint. Default: none. */
    health?: HealthConfig
    /** Default: on. */
    outlierDetection?: false | OutlierConfig
    /** New and recovered endpoints get less traffic at first. Default: full weight at once. */
    slowStart?: SlowStartConfig
    /** What to do when no endpoint is usable. */
    unhealthy?: UnhealthyConfig
  }
}

/** Active probes of every endpoint. Default: none. */
export interface HealthConfig {
  /** 'http' (default) sends a request, 'tcp' only connects, 'grpc' calls the gRPC health service (grpc.health.v1). */
  protocol?: 'http' | 'tcp' | 'grpc'
  /** The path of an HTTP probe. Default /. */
  path?: string
  /** The method of an HTTP probe. Default GET. */
  method?: string
  /** Header fields of an HTTP probe. `Host` defaults to the endpoint's authority, as in forwarded requests; it must not be empty. */
  headers?: Record<string, string>
  /** The service name in a gRPC probe. Default '': the whole server. */
  service?: string
  /** Time between two probes of an endpoint. Default 10s. 10ms to 596h. */
  interval?: Duration
  /** Time for a whole probe. Default 2s. Exceeded: the probe fails. 1ms to 596h. */
  timeout?: Duration
  /** Time between probes while the health state is about to change. Default 1s, or interval if shorter. 10ms to 596h. */
  fastInterval?: Duration
  /** Statuses that mean healthy, such as '200-299,304'. Default 200-399. */
  expectedStatus?: string
  /** Statuses that mean degraded: used, but other endpoints are preferred. Default: none. */
  degradedStatus?: string
  /** Text that the body must contain, or in code a predicate of the body. Default: any body passes. */
  expectedBody?: string | BodyPredicate
  /** Consecutive passing probes after which an unhealthy endpoint is healthy again. Default 2. A whole number, 1 to 2147483647. */
  healthyThreshold?: number
  /** Consecutive failed probes after which an endpoint is unhealthy. Default 3. A whole number, 1 to 2147483647. */
  unhealthyThreshold?: number
  /** Maximum number of concurrent probes of this pool. A probe without a response for 250 ms, or less in a large pool, no longer counts against this limit, so that hanging endpoints do not delay the probes of others. Default 8. A whole number, 1 to 2147483647. */
  concurrency?: number
  /** Whether endpoints of the configuration are probed once before they get traffic: at the start, and before a change takes effect. One that fails is unhealthy until `healthyThreshold` probes pass. All of it takes `timeout` at most; endpoints that were not probed by then are unknown, and get traffic. Default false. */
  probeFirst?: boolean
  /** Your own health check instead of a probe: `async ({ url }, signal) => …`, which returns 'healthy', 'degraded', 'unhealthy', or a boolean (`true` is healthy). Throwing, exceeding `timeout`, or returning anything else counts as unhealthy; an invalid result is logged once as a warning. Code only. */
  check?: HealthCheck
}

/** Ejection of endpoints that fail more than their peers. On by default. */
export interface OutlierConfig {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Consecutive faults (5xx, or no response) after which an endpoint is ejected. Default 5; 0: off. A whole number, 0 to 2147483647. */
  consecutiveErrors?: number
  /** Consecutive 502, 503 and 504 responses after which an endpoint is ejected. Default 0: off. A whole number, 0 to 2147483647. */
  consecutiveGatewayErrors?: number
  /** Consecutive attempts without a response (refused, reset, timed out) after which an endpoint is ejected; also requests that got no connection while the endpoint sent no response. Default 5; 0: off. A whole number, 0 to 2147483647. */
  consecutiveLocalErrors?: number
  /** Percentage of faults within a window at which an endpoint is ejected. Default 0: off. A number, 0 to 100. */
  errorRatePercent?: number
  /** An endpoint is ejected when its median latency is at least this many times the median of its peers in two consecutive windows. Default 0: off. A number, 0 or more. */
  latencyFactor?: number
  /** Fewest attempts at an endpoint within a window for its error rate and latency to be evaluated. Default 20. A whole number, 1 to 2147483647. */
  minRequests?: number
  /** Length of the window for error rate and latency. Default 10s. 10ms to 596h. */
  window?: Duration
  /** Duration of the first ejection; the next ones last two, three, … times as long. Default 30s. 10ms to 596h. */
  ejection?: Duration
  /** Longest ejection. Default 5m. 10ms to 596h. */
  maxEjection?: Duration
  /** Maximum percentage of the endpoints of a pool that are ejected at once; the last one never is. Default 50. A number, 0 to 100. */
  maxEjectionPercent?: number
}

/** New and recovered endpoints get less traffic at first. Default: full weight at once. */
export interface SlowStartConfig {
  /** Time in which a new or recovered endpoint ramps up to its full weight. 10ms to 596h. */
  window: Duration
  /** Shape of the ramp: 1 (default) is linear; a higher value increases traffic faster at the beginning. */
  aggression?: number
  /** Percentage of the weight at which the ramp begins. Default 10. A number, 1 to 100. */
  minWeightPercent?: number
}

/** What to do when no endpoint is usable. */
export interface UnhealthyConfig {
  /** When no endpoint is usable: 'trickle' (default) forwards one request per second, to any endpoint; 'all' uses all endpoints; 'none' responds 503 no_endpoint. */
  policy?: 'trickle' | 'all' | 'none'
  /** With policy 'all': use all endpoints when fewer than this percentage are usable (panic mode). Default 0: only when none is usable. A number, 0 to 100. */
  panicThresholdPercent?: number
}
