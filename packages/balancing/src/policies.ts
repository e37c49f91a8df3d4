import type { BalancingPolicyType, NoOptions } from '@gatewright/core'
import { type ConsistentHashOptions, consistentHash } from './consistent-hash.js'
import { leastConnections } from './least-connections.js'
import { p2c } from './p2c.js'
import { type PeakEwmaOptions, peakEwma } from './peak-ewma.js'
import { random } from './random.js'
import { roundRobin, weightedRoundRobin } from './round-robin.js'
import { type StickyOptions, sticky } from './sticky.js'

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

declare module '@gatewright/core' {
  interface BalancingPolicies {
    /** The less busy of two drawn at random; the default. */
    p2c: NoOptions
    /** One after the other. */
    'round-robin': NoOptions
    /** One after the other, smoothly by weight. */
    'weighted-round-robin': NoOptions
    /** The one with the fewest requests in flight. */
    'least-connections': NoOptions
    /** The faster and less busy of two drawn at random. */
    'peak-ewma': PeakEwmaOptions
    /** The same one for the same key. */
    'consistent-hash': ConsistentHashOptions
    /** Drawn at random, by weight. */
    random: NoOptions
    /** The one that a client's session began at, by a signed cookie. */
    sticky: StickyOptions
  }
}
