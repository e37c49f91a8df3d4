import type { BalancingPolicyType } from '@gatewright/core'
import { consistentHash } from './consistent-hash.js'
import { leastConnections } from './least-connections.js'
import { p2c } from './p2c.js'
import { peakEwma } from './peak-ewma.js'
import { random } from './random.js'
import { roundRobin, weightedRoundRobin } from './round-robin.js'
import { sticky } from './sticky.js'

/** Every policy of this package. `first` comes with core. */
export const balancingPolicies: readonly BalancingPolicyType[] = [
  p2c,
  roundRobin,
  weightedRoundRobin,
  leastConnections,
  peakEwma,
  consistentHash,
  random,
  sticky
]
