import type { BalancingPolicyType } from '@gatewright/core'
import { createTurns } from './turns.js'

/**
 * `round-robin`: everyone in turn, whatever their weights (an endpoint of weight 0 is no candidate). It stays fair
 * when candidates come and go.
 */
export const roundRobin: BalancingPolicyType = {
  name: 'round-robin',
  create: () => ({ name: 'round-robin', pick: createTurns(() => 1) })
}

/**
 * `weighted-round-robin`: turns in proportion to weight, spread evenly, as nginx does: weights 5, 1 and 1 give
 * a a b a c a a. A new weight holds from the next request on.
 */
export const weightedRoundRobin: BalancingPolicyType = {
  name: 'weighted-round-robin',
  create: () => ({ name: 'weighted-round-robin', pick: createTurns((endpoint) => endpoint.weight) })
}
