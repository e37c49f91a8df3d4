import { durationMs, type GatewayConfig } from '@gatewright/core'
import type { MetricsConfig } from './config/config.js'
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
    tokenEnv: options.tokenEnv ?? 'GW_METRICS_TOKEN',
    maxLabelValues: options.maxLabelValues ?? 2_000,
    buckets: options.buckets ?? DURATION_BUCKETS,
    process: options.process ?? true
  }
}

/**
 * What of `metrics` is read at the start alone, by path: an app takes no routes once it has started. Metrics that are off may
 * not be added, as nothing would serve them; enabled ones may be removed and added back.
 */
export function readAtStart(
  config: MetricsConfig | undefined,
  usual: MetricsListener
): Readonly<Record<string, unknown>> {
  const settings = resolveMetrics(config, usual)
  if (settings === null) return {}
  const { listener, path } = settings
  const where = { 'metrics.enabled': true, 'metrics.listener': listener }
  return listener === 'app' ? { ...where, 'metrics.path': path } : where
}

/** The token, without what an editor may have left around it; `''` for none. */
export function tokenOf(name: string, environment: NodeJS.ProcessEnv): string {
  return (Object.hasOwn(environment, name) ? (environment[name] ?? '') : '').trim()
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
  const {
    availability = 0,
    latency = '0ms',
    latencyPercent = 0
  } = (typeof metrics === 'object' && metrics.slo) || {}
  if (buckets.some((bound, index) => index > 0 && bound <= (buckets[index - 1] as number)))
    yield 'metrics.buckets: must grow from one to the next'
  if (requireToken && tokenOf(tokenEnv, environment) === '')
    yield `metrics.requireToken: the environment variable ${tokenEnv} (metrics.tokenEnv) is not set`
  if (/\s/.test(tokenOf(tokenEnv, environment)))
    yield `metrics.tokenEnv: the token in ${tokenEnv} must not have white space in it`
  for (const [key, share] of Object.entries({ availability, latencyPercent }))
    if (share === 100)
      yield `metrics.slo.${key}: must be below 100: no budget of errors can be spent too fast when there is none`
  const longest = buckets.at(-1) as number
  if ((durationMs(latency) ?? 0) / 1_000 > longest)
    yield `metrics.slo.latency: must not be above the last bucket (${longest}s)`
  if (listener === 'probes' && usual === 'app')
    yield "metrics.listener: 'probes' needs a gateway made with createGateway; use 'app'"
}
