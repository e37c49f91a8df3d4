// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Metrics for Prometheus. Default false. */
    metrics?: MetricsConfig
  }
}

/** Metrics for Prometheus. Default false. */
export type MetricsConfig = boolean | MetricsOptions

/** Metrics for Prometheus. */
export interface MetricsOptions {
  /** Default true. */
  enabled?: boolean
  /** Where they are served. Default /metrics. */
  path?: string
  /** On the probe listener, which is then started ('probes', the default with createGateway), or beside the app's own routes ('app', the default of the plugin). Danger of app: whoever reaches the gateway reads them; see `requireToken`. */
  listener?: 'probes' | 'app'
  /** Ask for `Authorization: Bearer <token>`; 401 without it. Default false. */
  requireToken?: boolean
  /** The environment variable with the token, read at the start. Default GW_METRICS_TOKEN. */
  tokenEnv?: string
  /** Values that one label has at one time; others are counted as `other`. Default 2000. A whole number, 1 to 2147483647. */
  maxLabelValues?: number
  /** Upper ends of the buckets of durations, in seconds, growing. Default: 17 from 0.001 to 60. */
  buckets?: readonly number[]
  /** Objectives of the generated alerts and of the dashboard. */
  slo?: ObjectivesConfig
  /** Metrics of the process and its event loop (prom-client's). Default true. */
  process?: boolean
}

/** Objectives of the generated alerts and of the dashboard. */
export interface ObjectivesConfig {
  /** Share of requests that must not end with a status of 500 and above, or break off. Default 99.9. A number, 1 to 100. */
  availability?: number
  /** What the head of an answer may take; the rest may go on, as streams do. Default 500ms. The nearest bucket above it counts. 1ms to 596h. */
  latency?: Duration
  /** Share of requests whose head must not take longer than `latency`. Default 99. A number, 1 to 100. */
  latencyPercent?: number
}
