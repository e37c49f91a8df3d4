import { durationMs } from '@gatewright/core'
import type { GatewayServerConfig, RateLimitConfig, RateLimitOptions } from '@gatewright/gateway'

/** Whether there are metrics. */
export function hasMetrics({ metrics }: GatewayServerConfig): boolean {
  return metrics === true || (typeof metrics === 'object' && metrics.enabled !== false)
}

/** Whether metrics are served beside the routes. */
export function servesMetricsInApp(config: GatewayServerConfig): boolean {
  return hasMetrics(config) && typeof config.metrics === 'object' && config.metrics.listener === 'app'
}

/** Whether `/live` and `/ready` have a listener of their own. */
export function hasProbes(config: GatewayServerConfig): boolean {
  const { probes } = config
  return probes === undefined ? hasMetrics(config) && !servesMetricsInApp(config) : probes !== false
}

/** A time of `shutdown` in milliseconds, given or by default. */
export function shutdownMs(config: GatewayServerConfig, name: 'wait' | 'drain'): number {
  const given = config.shutdown?.[name]
  if (given !== undefined) return durationMs(given) ?? 0
  if (name === 'drain') return 30_000
  return hasProbes(config) ? 10_000 : 0
}

/** Whether a value of `rateLimit` limits anything, and is enforced. */
export function limits(value: RateLimitConfig | undefined): boolean {
  if (value === undefined || value === false) return false
  return ([value].flat() as RateLimitOptions[]).some((limit) => limit.mode !== 'observe')
}
