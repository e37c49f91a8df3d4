import type { BalancingContext, BalancingPolicy, BalancingPolicyType, Endpoint } from '@gatewright/core'
import { hash, mix } from './hash.js'
import { createKeyReader, HASH_KEY_PATTERN, type HashKey } from './hash-key.js'
import { p2c } from './p2c.js'

/** Options of `consistent-hash`. */
export interface ConsistentHashOptions {
  /** What requests that belong together have in common. A request without it goes where `p2c` sends it. Default `client`. */
  readonly key?: HashKey
  /**
   * How far above its fair share of the requests in flight an endpoint may be, from 1.01 to 100; beyond that a key
   * spills over to its next endpoint. Danger of `false` (no bound): one hot key overloads one endpoint. Danger of a
   * bound: keys leave their endpoint while it is busy, and with few requests in flight it is busy with one. Use
   * `false` where a key must meet its endpoint. Default 1.25.
   */
  readonly boundedLoad?: number | false
}

/**
 * `consistent-hash`: requests with the same key meet the same endpoint, on every gateway alike. Weighted rendezvous
 * hashing (D. Thaler and C. Ravishankar, 1998; weights: C. Schindelhauer and G. Schomaker, 2005): when an endpoint
 * leaves, only its keys move, and a changed weight moves as few as it can. Bounded loads follow V. Mirrokni,
 * M. Thorup and M. Zadimoghaddam, 2018. A decision takes time in proportion to the number of endpoints. A client
 * that chooses its key chooses its endpoint.
 */
export const consistentHash: BalancingPolicyType<ConsistentHashOptions> = {
  name: 'consistent-hash',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      key: {
        type: 'string',
        pattern: HASH_KEY_PATTERN,
        rule: "'client', 'path', 'header:<name>', 'cookie:<name>' or 'query:<name>'"
      },
      boundedLoad: { anyOf: [{ const: false }, { type: 'number', minimum: 1.01, maximum: 100 }] }
    }
  },
  create: createConsistentHash
}

function createConsistentHash(options: ConsistentHashOptions, context: BalancingContext): BalancingPolicy {
  const { key = 'client', boundedLoad = 1.25 } = options
  const readKey = createKeyReader(key)
  const keyless = p2c.create(undefined as never, context)
  const hashes = new WeakMap<Endpoint, number>()

  function hashOf(endpoint: Endpoint): number {
    let found = hashes.get(endpoint)
    if (found === undefined) {
      found = hash(endpoint.url)
      hashes.set(endpoint, found)
    }
    return found
  }

  // The distance of an endpoint from a key is exponentially distributed with its weight as the rate: the nearest of
  // several is then each with a probability in proportion to its weight, independent of the other candidates.
  function distance(endpoint: Endpoint, keyHash: number): number {
    return -Math.log((mix(hashOf(endpoint), keyHash) + 0.5) / 2 ** 32) / endpoint.weight
  }

  return {
    name: 'consistent-hash',
    pick(candidates, exchange) {
      const text = readKey(exchange)
      if (text === '') return keyless.pick(candidates, exchange)
      const keyHash = hash(text)
      let room = 1
      let weights = 0
      for (const endpoint of candidates) {
        room += endpoint.inFlight
        weights += endpoint.weight
      }
      room *= boundedLoad === false ? Infinity : boundedLoad
      let nearest = candidates[0]
      let least = Infinity
      for (const endpoint of candidates) {
        // Rounded up, so that there always is room for one more somewhere.
        if (endpoint.inFlight >= Math.ceil((room * endpoint.weight) / weights)) continue
        const far = distance(endpoint, keyHash)
        if (far >= least) continue
        least = far
        nearest = endpoint
      }
      return nearest
    }
  }
}
