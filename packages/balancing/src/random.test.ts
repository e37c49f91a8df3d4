import assert from 'node:assert/strict'
import { test } from 'node:test'
import { balancingSuite, endpoints, seededChance, simulateLoad, tally } from '@gatewright/testing'
import { random } from './random.js'

balancingSuite('random', (context) => random.create(undefined as never, context))

test('endpoints are picked in proportion to their weights', () => {
  const candidates = endpoints(3, [6, 3, 1])
  const policy = random.create(undefined as never, {
    poolId: 'test',
    clock: () => 0,
    chance: seededChance(1)
  })
  const counts = tally(simulateLoad(policy, candidates, { requests: 10_000 }), candidates)
  const expected = [6_000, 3_000, 1_000]
  const chiSquare = counts.reduce((sum, n, i) => sum + (n - (expected[i] ?? 0)) ** 2 / (expected[i] ?? 0), 0)
  assert.ok(chiSquare < 13.8, `chi-square ${chiSquare} with 2 degrees of freedom is beyond the 99.9% bound`)
})
