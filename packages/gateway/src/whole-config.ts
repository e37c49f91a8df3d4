import { invalidConfig, type RouteConfig, show } from '@gatewright/core'
import type { GatewayServerConfig } from './config/config.js'

/** A configuration with the defaults of a gateway that is a server of its own. */
export function wholeConfig(config: GatewayServerConfig): GatewayServerConfig & { routes: RouteConfig[] } {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw invalidConfig([`the configuration: ${show(config)} must be an object`])
  return {
    ...config,
    accessLog: config.accessLog ?? true,
    pools: copyOf(config.pools, {}),
    policies: copyOf(config.policies, {}),
    routes: copyOf<readonly RouteConfig[]>(config.routes, []) as RouteConfig[],
    hooks: copyOf(config.hooks, {})
  }
}

// A value of another shape is kept as it is, to be reported with all other problems.
function copyOf<T extends object>(value: T | undefined, empty: T): T {
  if (value === undefined) return empty
  if (Array.isArray(empty)) return (Array.isArray(value) ? [...value] : value) as T
  return isPlain(value) ? { ...value } : value
}

// Another prototype is that of a class, or was written as the key `__proto__`.
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const inherited: unknown = Object.getPrototypeOf(value)
  return inherited === null || Object.getPrototypeOf(inherited) === null
}
