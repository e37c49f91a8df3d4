import type { BalancingPolicy, BalancingPolicyType, Candidates, Endpoint } from '@gatewright/core'
import { Starters } from './starters.js'
import { createTurns } from './turns.js'

/**
 * `least-connections`: the fewest requests in flight relative to weight, looking at every candidate. Those that are
 * equal take turns in proportion to weight, so that weights hold while no endpoint is busy. One in slow start gets no more
 * than its part of the traffic, however idle it is.
 */
export const leastConnections: BalancingPolicyType = {
  name: 'least-connections',
  create: createLeastConnections
}

function createLeastConnections(): BalancingPolicy {
  const next = createTurns((endpoint) => endpoint.weight)
  const starters = new Starters()
  const idlest: Endpoint[] = []
  return {
    name: 'least-connections',
    pick(candidates) {
      const starts = starters.among(candidates)
      idlest.length = 0
      let best: Endpoint | null = null
      for (const endpoint of candidates) {
        if (starts && endpoint.ramp < 1) continue
        const difference = best === null ? 0 : lead(endpoint, best)
        if (difference < 0) continue
        if (difference > 0) idlest.length = 0
        if (idlest.length === 0) best = endpoint
        idlest.push(endpoint)
      }
      const due = starts ? starters.due(candidates) : null
      if (due !== null && lead(due, best as Endpoint) >= 0) {
        starters.picked(due)
        return due
      }
      return next(idlest as readonly Endpoint[] as Candidates)
    }
  }
}

// Above 0 when `one` has fewer requests for its weight: the quotients inFlight / weight, compared without rounding.
function lead(one: Endpoint, other: Endpoint): number {
  return other.inFlight * one.weight - one.inFlight * other.weight
}
