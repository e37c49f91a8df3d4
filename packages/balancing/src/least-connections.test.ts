import assert from 'node:assert/strict'
import { test } from 'node:test'
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
