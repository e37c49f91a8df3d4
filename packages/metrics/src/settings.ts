import type { GatewayConfig, MetricsConfig } from '@gatewright/core'
import { DURATION_BUCKETS } from './families.js'

/** Who serves the metrics: the app itself, or the probe listener beside it. */
export type MetricsListener = 'app' | 'probes'

/** `metrics`, with its defaults. */
export interface MetricsSettings {
  readonly path: string
  readonly listener: MetricsListener
  readonly requireToken: boolean
  readonly tokenEnv: string
  readonly maxLabelValues: number
  readonly buckets: readonly number[]
  readonly process: boolean
}

/** The settings, or `null` where metrics are off. */
export function resolveMetrics(
  config: MetricsConfig | undefined,
  usual: MetricsListener
): MetricsSettings | null {
  if (config === undefined || config === false) return null
  const options = config === true ? {} : config
  if (options.enabled === false) return null
  return {
    path: options.path ?? '/metrics',
    listener: options.listener ?? usual,
    requireToken: options.requireToken ?? false,
    tokenEnv: options.tokenEnv ?? 'GATEWRIGHT_METRICS_TOKEN',
    maxLabelValues: options.maxLabelValues ?? 2_000,
    buckets: options.buckets ?? DURATION_BUCKETS,
    process: options.process ?? true
  }
}

/** The problems of `metrics` that the schema cannot see. `hasProbes`: whether there is a probe listener to serve them. */
export function* checkMetrics(
  { metrics }: GatewayConfig,
  usual: MetricsListener,
  environment: NodeJS.ProcessEnv
): Iterable<string> {
  const settings = resolveMetrics(metrics, usual)
  if (settings === null) return
  const { buckets, requireToken, tokenEnv, listener } = settings
  if (buckets.some((bound, index) => index > 0 && bound <= (buckets[index - 1] as number)))
    yield 'metrics.buckets: must grow from one to the next'
  if (requireToken && (environment[tokenEnv] ?? '') === '')
    yield `metrics.requireToken: the environment variable ${tokenEnv} (metrics.tokenEnv) is not set`
  if (listener === 'probes' && usual === 'app')
    yield "metrics.listener: 'probes' needs a gateway made with createGateway; use 'app'"
}
