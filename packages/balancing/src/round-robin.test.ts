import assert from 'node:assert/strict'
import { test } from 'node:test'
import { balancingSuite, endpoints, simulateLoad, tally } from '@gatewright/testing'
import { roundRobin, weightedRoundRobin } from './round-robin.js'

const context = { poolId: 'test', clock: () => 0, chance: () => 0 }

balancingSuite('round-robin', (context) => roundRobin.create(undefined as never, context))
balancingSuite('weighted-round-robin', (context) => weightedRoundRobin.create(undefined as never, context))

test('round-robin gives everyone the same, whatever the weights', () => {
  const candidates = endpoints(4, [1, 50, 7, 3])
  const policy = roundRobin.create(undefined as never, context)
  assert.deepEqual(
    tally(simulateLoad(policy, candidates, { requests: 400 }), candidates),
    [100, 100, 100, 100]
  )
})

test('weighted-round-robin gives weight 10 ten times what weight 1 gets, exactly', () => {
  const candidates = endpoints(3, [10, 1, 4])
  const policy = weightedRoundRobin.create(undefined as never, context)
  assert.deepEqual(
    tally(simulateLoad(policy, candidates, { requests: 1_500 }), candidates),
    [1_000, 100, 400]
  )
})

test('a weight changed at run time changes the shares from the next request on', () => {
  const candidates = endpoints(2, [1, 1])
  const policy = weightedRoundRobin.create(undefined as never, context)
  simulateLoad(policy, candidates, { requests: 100 })
  candidates[0].weight = 4
  assert.deepEqual(tally(simulateLoad(policy, candidates, { requests: 500 }), candidates), [400, 100])
})
