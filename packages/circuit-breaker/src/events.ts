import { type EventCounter, type Events, fallbackPool, observes, type Pool } from '@gatewright/core'
import { breakerKey, hasOwnBreaker } from './keys.js'
import { CIRCUIT_OPEN } from './reasons.js'
import type { BreakerKind } from './state.js'

/** A state change of a circuit breaker. */
export interface BreakerChanged {
  readonly pool: Pool
  /** The route that owns the breaker; `null` for the breaker of the pool. */
  readonly routeId: string | null
  readonly from: BreakerKind
  readonly to: BreakerKind
  /** The cause, as text: `11 of 20 requests failed within 10s`. */
  readonly because: string
}

declare module '@gatewright/core' {
  interface GatewayEvents {
    breaker: BreakerChanged
  }
}

const COUNTERS: readonly EventCounter<BreakerChanged>[] = [
  {
    name: 'proxy_breaker_trips_total',
    labels: ['pool'],
    help: "How often the pool's circuit breaker has opened.",
    read({ pool, routeId, to }, count) {
      if (to === 'open' && routeId === null) count(pool.id)
    },
    zeros({ pools }, count) {
      for (const { id, config } of pools.values()) if (config.circuitBreaker !== undefined) count(id)
    }
  },
  {
    name: 'proxy_route_breaker_trips_total',
    labels: ['route'],
    help: "How often the route's own circuit breaker has opened.",
    read({ routeId, to }, count) {
      if (to === 'open' && routeId !== null) count(routeId)
    },
    zerosOf(route, _snapshot, count) {
      if (route.pool !== null && hasOwnBreaker(route)) count(route.id)
    }
  }
]

/** Describes breaker events: their counters and notes. */
export function describeBreakerEvents(events: Events): void {
  events.describe('breaker', {
    counters: COUNTERS,
    isFailure: ({ to }) => to === 'open',
    note: ({ pool, routeId, from, to, because }) =>
      `breaker of ${routeId === null ? `pool ${pool.id}` : `route ${routeId}`}: ${from} → ${to}: ${because}`
  })
  events.beginAtZero('proxy_observed_total', (route, _snapshot, count) => {
    if ([route.given(breakerKey.name), fallbackPool(route)?.given(breakerKey.name)].some(observes))
      count(route.id, CIRCUIT_OPEN.name)
  })
}
