import {
  type Endpoint,
  type EndpointHealth,
  type EventCounter,
  type Events,
  fallbackPool,
  NO_LABEL,
  observes,
  type Pool
} from '@gatewright/core'
import { outlierKey } from './keys.js'

/** A change of an endpoint's health. */
export interface EndpointHealthChanged {
  readonly pool: Pool
  readonly endpoint: Endpoint
  readonly from: EndpointHealth
  readonly to: EndpointHealth
  /** The cause, as text: `3 failed probes in a row: connection refused`. */
  readonly because: string
}

declare module '@gatewright/core' {
  interface GatewayEvents {
    endpoint_health: EndpointHealthChanged
  }
}

const STATES: readonly EndpointHealth[] = ['unknown', 'healthy', 'degraded', 'unhealthy', 'ejected']

const COUNTERS: readonly EventCounter<EndpointHealthChanged>[] = [
  {
    name: 'proxy_endpoint_health_changes_total',
    labels: ['pool', 'to'],
    help: 'Changes of endpoint health, by new state.',
    read: ({ pool, to }, count) => count(pool.id, to),
    zeros({ pools }, count) {
      for (const id of pools.keys()) for (const state of STATES) count(id, state)
    }
  },
  {
    name: 'proxy_ejections_total',
    labels: ['pool'],
    help: 'Ejections of endpoints.',
    read({ pool, to }, count) {
      if (to === 'ejected') count(pool.id)
    },
    zeros({ pools }, count) {
      for (const id of pools.keys()) count(id)
    }
  }
]

/** Describes health events: their counters. */
export function describeHealthEvents(events: Events): void {
  events.describe('endpoint_health', { counters: COUNTERS })
  events.beginAtZero('proxy_observed_total', (route, _snapshot, count) => {
    const { id, pool } = route
    if (pool !== null && [pool, fallbackPool(route)].some((one) => observes(one?.given(outlierKey.name))))
      count(id, NO_LABEL)
  })
}
