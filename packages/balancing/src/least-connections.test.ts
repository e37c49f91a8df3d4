import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '@gatewright/core'
import { balancingSuite, endpoints, fakeExchange, simulateLoad, tally } from '@gatewright/testing'
import { leastConnections } from './least-connections.js'

const create = () =>
  leastConnections.create(undefined as never, { poolId: 'test', clock: () => 0, chance: () => 0 })

balancingSuite('least-connections', create)

test('the endpoint with the fewest requests in flight is picked', () => {
  const [a, b, c] = endpoints(3)
  a.inFlight = 3
  b.inFlight = 1
  c.inFlight = 2
  assert.equal(create().pick([a, b, c], fakeExchange()), b)
})

test('requests in flight count relative to weight', () => {
  const [a, b] = endpoints(2, [3, 1])
  a.inFlight = 5
  b.inFlight = 2
  assert.equal(create().pick([a, b], fakeExchange()), a)
  a.inFlight = 7
  assert.equal(create().pick([a, b], fakeExchange()), b)
})

test('idle endpoints take turns in proportion to weight', () => {
  const candidates = endpoints(3, [5, 1, 1])
  assert.deepEqual(tally(simulateLoad(create(), candidates, { requests: 700 }), candidates), [500, 100, 100])
})

test('a tie among some is shared out among those alone', () => {
  const [a, b, c] = endpoints(3)
  b.inFlight = 1
  const policy = create()
  const picked = Array.from({ length: 6 }, () => policy.pick([a, b, c], fakeExchange()))
  assert.deepEqual(tally(picked, [a, b, c]), [3, 0, 3])
})

test('an endpoint ten times slower gets a tenth of what the others get', () => {
  const candidates = endpoints(3)
  const picked = simulateLoad(create(), candidates, {
    requests: 6_300,
    concurrency: 60,
    answer: (endpoint) => ({ ms: endpoint === candidates[0] ? 100 : 10 })
  })
  const [slow = 0, quick = 0] = tally(picked, candidates)
  assert.ok(slow / quick > 0.08 && slow / quick < 0.12, `${slow} and ${quick}`)
})

for (const [concurrency, starters] of [
  [1, 1],
  [8, 1],
  [8, 2],
  [60, 1]
] as const)
  test(`of four, ${starters} that start with a tenth get a tenth of a share among ${concurrency} in flight`, () => {
    const candidates = endpoints(4)
    for (const endpoint of candidates.slice(0, starters)) endpoint.rampTo(0.1)
    const picked = simulateLoad(create(), candidates, { requests: 20_000, concurrency })
    const [share = 0] = tally(picked, candidates)
    const expected = 2_000 / (4 - starters + 0.1 * starters)
    assert.ok(share > expected * 0.7 && share < expected * 1.1, `${share}, expected ${expected}`)
  })

test('one that starts slowly and is busy gets less than its part, and does not catch up', () => {
  const candidates = endpoints(4)
  const [starter] = candidates
  starter.rampTo(0.1)
  const policy = create()
  const load = (ms: number, requests: number): number => {
    const answer = (endpoint: Endpoint) => ({ ms: endpoint === starter ? ms : 10 })
    const picked = simulateLoad(policy, candidates, { requests, concurrency: 8, answer })
    return tally(picked, candidates)[0] as number
  }
  assert.ok(load(5_000, 20_000) < 100)
  assert.ok(load(10, 310) <= 13)
})

test('when all start slowly, they share as ever', () => {
  const candidates = endpoints(2)
  for (const endpoint of candidates) endpoint.rampTo(0.1)
  const [a, b] = tally(simulateLoad(create(), candidates, { requests: 100, concurrency: 4 }), candidates)
  assert.deepEqual([a, b], [50, 50])
})
