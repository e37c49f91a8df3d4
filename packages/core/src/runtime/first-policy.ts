import type { BalancingPolicyType } from '../model/balancing.js'

/** The one policy that core itself brings: the first usable endpoint in the order of the configuration. */
export const first: BalancingPolicyType = {
  name: 'first',
  create: () => ({ name: 'first', pick: ([endpoint]) => endpoint })
}
