import type { Gateway, GatewayEvents } from '@gatewright/core'
import type { Families } from './families.js'
import { NONE } from './traffic.js'

/** Counts what parts of the gateway tell about. */
export function countEvents({ events }: Gateway, families: Families): void {
  events.on('endpoint_health', ({ pool, to }) => {
    families.healthChanges.at(pool.id, to).value++
    if (to === 'ejected') families.ejections.at(pool.id).value++
  })
  events.on('discovery_failed', ({ pool }) => {
    families.discoveryFailures.at(pool.id).value++
  })
  events.on('breaker', ({ pool, routeId, to }) => {
    if (to !== 'open') return
    if (routeId === null) families.breakerTrips.at(pool.id).value++
    else families.routeBreakerTrips.at(routeId).value++
  })
  events.on('retry', ({ exchange, outcome }) => {
    const route = routeOf(exchange)
    if (outcome === 'again') families.retryAttempts.at(route).value++
    else families.retries.at(route, outcome).value++
  })
  events.on('hedge', ({ exchange, outcome }) => {
    families.hedges.at(routeOf(exchange), outcome).value++
  })
  events.on('observed', ({ exchange, reason }) => {
    families.observed.at(routeOf(exchange), reason ?? NONE).value++
  })
}

function routeOf({ route }: GatewayEvents['observed']['exchange']): string {
  return route?.id ?? NONE
}
