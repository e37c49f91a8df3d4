import type { BalancingPolicyType, Endpoint } from '@gatewright/core'
import { draw } from './draw.js'

/**
 * `p2c`, the default: of two different endpoints drawn at random, the less busy one
 * (M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
 *
 * Endpoints are drawn in proportion to their weight, and the first one drawn wins a tie. Equal weights are thus
 * Envoy's least-request policy with two choices; unequal weights are shares of the traffic while endpoints keep up,
 * as in Envoy, and the busier of two loses however heavy it is.
 */
export const p2c: BalancingPolicyType = {
  name: 'p2c',
  create: (_options, { chance }) => ({
    name: 'p2c',
    pick(candidates) {
      if (candidates.length === 1) return candidates[0]
      const one = draw(candidates, chance)
      return lessBusy(one, draw(candidates, chance, one))
    }
  })
}

// In whole requests, with the lighter endpoint as the measure. By the plain quotient, an idle endpoint of weight 1
// would beat one of weight 100 that has a single request: with little traffic, weights would mean nothing.
function lessBusy(one: Endpoint, other: Endpoint): Endpoint {
  const unit = Math.min(one.weight, other.weight)
  return Math.floor((other.inFlight * unit) / other.weight) < Math.floor((one.inFlight * unit) / one.weight)
    ? other
    : one
}
