import type { GatewayServerConfig } from '@gatewright/gateway'
import { withoutFiles } from '../validated.js'

/** Keys whose parts ask other services, as the gateway starts or for a request; a simulation asks none of them. */
const OUTSIDE = ['auth', 'authorize', 'authentication', 'filters', 'rateLimitStore'] as const

/**
 * The configuration without what has an effect outside the process: logs, metrics, listeners, probes, and other services.
 * A simulation sends nothing, and in its time an hour of probes would be a flood.
 */
export function insideOf(config: GatewayServerConfig): GatewayServerConfig {
  const { pools, policies, routes, metrics: _metrics, probes: _probes, ...rest } = withoutFiles(config)
  return {
    ...without(rest, OUTSIDE),
    logger: false,
    accessLog: false,
    ...(pools && { pools: mapped(pools, (pool) => without(pool, ['health'])) }),
    ...(policies && { policies: mapped(policies, (policy) => without(policy, OUTSIDE)) }),
    ...(routes && { routes: routes.map((route) => without(route, OUTSIDE)) })
  } as GatewayServerConfig
}

function mapped<T>(all: Readonly<Record<string, T>>, change: (one: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, change(one)]))
}

function without<T extends object>(value: T, keys: readonly string[]): T {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key))) as T
}
