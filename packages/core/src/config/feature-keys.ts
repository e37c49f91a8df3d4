import type { GatewayConfig } from './config.js'

/** Parts of the gateway that configuration keys belong to, each a plugin of its own. */
export type Feature =
  | 'health'
  | 'discovery'
  | 'circuit-breaker'
  | 'retry'
  | 'overload'
  | 'access-log'
  | 'metrics'
  | 'flight-recorder'

const KEYS: Readonly<Record<string, Feature>> = {
  health: 'health',
  outlierDetection: 'health',
  slowStart: 'health',
  unhealthy: 'health',
  discovery: 'discovery'
}

const TOP_KEYS: Readonly<Record<string, Feature>> = {
  accessLog: 'access-log',
  metrics: 'metrics',
  flightRecorder: 'flight-recorder'
}

/** Yields a problem for each key whose plugin is not there: nothing that is configured silently does nothing. */
export function* checkFeatures(config: GatewayConfig, features: ReadonlySet<Feature>): Iterable<string> {
  const { pools = {}, policies = {}, routes = [] } = config
  for (const [id, pool] of Object.entries(pools)) yield* missing(pool, `pools.${id}`, features)
  for (const [id, policy] of Object.entries(policies)) yield* missing(policy, `policies.${id}`, features)
  for (const [index, route] of routes.entries()) yield* missing(route, `routes[${index}]`, features)
  for (const [key, feature] of Object.entries(TOP_KEYS)) {
    const value = (config as Record<string, unknown>)[key]
    if (value !== undefined && value !== false && !features.has(feature))
      yield `${key}: needs the plugin '@gatewright/${feature}'`
  }
}

/** The same for the options of one pool, policy or route. */
export function* missing(options: object, at: string, features: ReadonlySet<Feature>): Iterable<string> {
  for (const [key, value] of Object.entries(options)) {
    const feature = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
    if (feature !== undefined && value !== undefined && value !== false && !features.has(feature))
      yield `${at}.${key}: needs the plugin '@gatewright/${feature}'`
  }
}
