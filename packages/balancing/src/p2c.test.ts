import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Chance } from '@gatewright/core'
import {
  balancingSuite,
  endpoints,
  fakeExchange,
  seededChance,
  simulateLoad,
  tally
} from '@gatewright/testing'
import { p2c } from './p2c.js'

const create = (chance: Chance) => p2c.create(undefined as never, { poolId: 'test', clock: () => 0, chance })

balancingSuite('p2c', (context) => p2c.create(undefined as never, context))

test('of two endpoints the less busy one is always picked: the choices are distinct', () => {
  const [a, b] = endpoints(2)
  a.inFlight = 1
  const policy = create(seededChance(1))
  for (let n = 0; n < 1_000; n++) assert.equal(policy.pick([a, b], fakeExchange()), b)
})

test('the busiest of many is never picked', () => {
  const candidates = endpoints(3)
  candidates[2].inFlight = 9
  const policy = create(seededChance(1))
  for (let n = 0; n < 1_000; n++) assert.notEqual(policy.pick(candidates, fakeExchange()), candidates[2])
})

test('idle endpoints of equal weight are picked evenly', () => {
  const candidates = endpoints(5)
  const counts = tally(simulateLoad(create(seededChance(4)), candidates, { requests: 10_000 }), candidates)
  const chiSquare = counts.reduce((sum, n) => sum + (n - 2_000) ** 2 / 2_000, 0)
  assert.ok(chiSquare < 18.5, `chi-square ${chiSquare} with 4 degrees of freedom is beyond the 99.9% bound`)
})

for (const weights of [
  [9, 1],
  [5, 1, 1],
  [100, 10, 10]
]) {
  for (const concurrency of [1, 2, 8, 64]) {
    test(`weights ${weights} are shares with ${concurrency} in flight, within a tenth of the traffic`, () => {
      const candidates = endpoints(weights.length, weights)
      const chance = seededChance(2)
      const answer = () => ({ ms: 1 + chance() * 20 })
      const policy = create(seededChance(8))
      const picked = simulateLoad(policy, candidates, { requests: 10_000, concurrency, answer })
      const total = weights.reduce((sum, weight) => sum + weight)
      for (const [index, count] of tally(picked, candidates).entries()) {
        const share = (weights[index] ?? 0) / total
        assert.ok(Math.abs(count / 10_000 - share) < 0.1, `${count / 10_000} instead of ${share}`)
        assert.ok(count / 10_000 > share / 2, `${count / 10_000} instead of ${share}`)
      }
    })
  }
}

test('a heavy endpoint that hangs gets no more than a light one that works', () => {
  const candidates = endpoints(2, [10, 1])
  const picked = simulateLoad(create(seededChance(1)), candidates, {
    requests: 2_000,
    concurrency: 40,
    answer: (endpoint) => ({ ms: endpoint === candidates[0] ? 60_000 : 10 })
  })
  const [heavy = 0, light = 0] = tally(picked, candidates)
  assert.ok(heavy < 60, `the hanging endpoint got ${heavy}, the other ${light}`)
})

test('a weight changed at run time changes the shares', () => {
  const candidates = endpoints(2)
  const policy = create(seededChance(6))
  candidates[1].weight = 4
  const [, heavy = 0] = tally(simulateLoad(policy, candidates, { requests: 5_000 }), candidates)
  assert.ok(Math.abs(heavy / 5_000 - 0.8) < 0.03, `${heavy / 5_000}`)
})
