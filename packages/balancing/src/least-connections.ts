import type { BalancingPolicy, BalancingPolicyType, Candidates, Endpoint } from '@gatewright/core'
import { createTurns } from './turns.js'

/**
 * `least-connections`: the fewest requests in flight relative to weight, looking at every candidate. Those that are
 * equal take turns in proportion to weight, so that weights hold while nobody is busy.
 */
export const leastConnections: BalancingPolicyType = {
  name: 'least-connections',
  create: createLeastConnections
}

function createLeastConnections(): BalancingPolicy {
  const next = createTurns((endpoint) => endpoint.weight)
  const idlest: Endpoint[] = []
  return {
    name: 'least-connections',
    pick(candidates) {
      idlest.length = 0
      let [best] = candidates
      for (const endpoint of candidates) {
        // The quotients inFlight / weight, compared without rounding.
        const difference = endpoint.inFlight * best.weight - best.inFlight * endpoint.weight
        if (difference > 0) continue
        if (difference < 0) {
          best = endpoint
          idlest.length = 0
        }
        idlest.push(endpoint)
      }
      return next(idlest as readonly Endpoint[] as Candidates)
    }
  }
}
