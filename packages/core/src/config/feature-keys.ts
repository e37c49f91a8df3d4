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

const TOP_KEYS: Readonly<Record<string, Feature>> = {
  accessLog: 'access-log',
  metrics: 'metrics',
  flightRecorder: 'flight-recorder'
}

/** Yields a problem for each key whose plugin is not there: nothing that is configured silently does nothing. */
export function* checkFeatures(config: GatewayConfig, features: ReadonlySet<Feature>): Iterable<string> {
  for (const [key, feature] of Object.entries(TOP_KEYS)) {
    const value = (config as Record<string, unknown>)[key]
    if (value !== undefined && value !== false && !features.has(feature))
      yield `${key}: needs the plugin '@gatewright/${feature}'`
  }
}
