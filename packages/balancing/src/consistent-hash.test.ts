import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BalancingPolicy, Candidates, Endpoint } from '@gatewright/core'
import { balancingSuite, endpoints, fakeExchange, seededChance, tally } from '@gatewright/testing'
import { type ConsistentHashOptions, consistentHash } from './consistent-hash.js'

const context = { poolId: 'test', clock: () => 0, chance: seededChance() }
const create = (options: ConsistentHashOptions): BalancingPolicy => consistentHash.create(options, context)
const requests = Array.from({ length: 4_000 }, (_, n) => fakeExchange({ headers: { 'x-user': `user-${n}` } }))
const byUser = { key: 'header:x-user', boundedLoad: false } as const

function places(candidates: Candidates, options: ConsistentHashOptions = byUser): Endpoint[] {
  const policy = create(options)
  return requests.map((exchange) => policy.pick(candidates, exchange))
}

balancingSuite('consistent-hash', (context) => consistentHash.create({}, context), 'keyed')
balancingSuite('consistent-hash, unbounded', () => create({ key: 'path', boundedLoad: false }), 'keyed')

test('keys are spread evenly', () => {
  const candidates = endpoints(10)
  const chiSquare = tally(places(candidates), candidates).reduce((sum, n) => sum + (n - 400) ** 2 / 400, 0)
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare} with 9 degrees of freedom is beyond the 99.9% bound`)
})

test('keys are spread in proportion to weight', () => {
  const candidates = endpoints(3, [2, 1, 1])
  const expected = [2_000, 1_000, 1_000]
  const counts = tally(places(candidates), candidates)
  const chiSquare = counts.reduce((sum, n, i) => sum + (n - (expected[i] ?? 0)) ** 2 / (expected[i] ?? 0), 0)
  assert.ok(chiSquare < 13.8, `chi-square ${chiSquare} with 2 degrees of freedom is beyond the 99.9% bound`)
})

test('when one of ten endpoints leaves, its keys move and no other, evenly to the rest', () => {
  const all = endpoints(10)
  const [first, second, third, gone, ...others] = all as readonly Endpoint[]
  const rest = [first, second, third, ...others] as unknown as Candidates
  const before = places(all)
  const after = places(rest)
  const moved = after.filter((endpoint, i) => endpoint !== before[i])
  assert.ok(before.every((endpoint, i) => endpoint === gone || endpoint === after[i]))
  assert.equal(moved.length, before.filter((endpoint) => endpoint === gone).length)
  for (const count of tally(moved, rest)) assert.ok(count > 20 && count < 80, `${count} of ${moved.length}`)
})

test('when a weight grows, keys move to that endpoint and to no other', () => {
  const candidates = endpoints(4)
  const before = places(candidates)
  candidates[0].weight = 2
  const after = places(candidates)
  const moved = after.filter((endpoint, i) => endpoint !== before[i])
  assert.ok(moved.length > 300 && moved.length < 900, `${moved.length} of 4000 moved`)
  assert.ok(moved.every((endpoint) => endpoint === candidates[0]))
})

test('the order of the candidates does not matter, and no other gateway decides differently', () => {
  const candidates = endpoints(5)
  const elsewhere = endpoints(5).toReversed() as unknown as Candidates
  assert.deepEqual(
    places(candidates).map(({ url }) => url),
    places(elsewhere).map(({ url }) => url)
  )
})

test('the default key is the address of the client', () => {
  const candidates = endpoints(5)
  const policy = create({})
  const from = (client: string, path: string) => policy.pick(candidates, fakeExchange({ client, path }))
  assert.equal(from('2001:db8::1', '/a'), from('2001:db8::1', '/b'))
})

test('requests without the key are spread by load', () => {
  const candidates = endpoints(2)
  candidates[0].inFlight = 1
  const policy = create(byUser)
  for (let n = 0; n < 50; n++) assert.equal(policy.pick(candidates, fakeExchange()), candidates[1])
})

test('no endpoint gets further above its share of the requests in flight than the bound', () => {
  const candidates = endpoints(10, [1, 1, 1, 1, 1, 1, 1, 1, 1, 3])
  const policy = create({ key: 'header:x-user', boundedLoad: 1.25 })
  const hot = fakeExchange({ headers: { 'x-user': 'hot' } })
  for (let n = 1; n <= 1_000; n++) {
    policy.pick(candidates, hot).inFlight++
    for (const { inFlight, weight } of candidates)
      assert.ok(inFlight <= Math.ceil((1.25 * n * weight) / 12), `${inFlight} of ${n} with weight ${weight}`)
  }
})

test('the bound is exact: an endpoint takes the request that brings it there, and none beyond', () => {
  const candidates = endpoints(4)
  const policy = create({ key: 'header:x-user', boundedLoad: 1.5 })
  const exchange = fakeExchange({ headers: { 'x-user': 'hot' } })
  const own = policy.pick(candidates, exchange)
  const other = candidates.find((endpoint) => endpoint !== own) as Endpoint
  // With this one there are 16 in flight: 1.5 × 16 / 4 = 6 is the most for each.
  own.inFlight = 5
  other.inFlight = 10
  assert.equal(policy.pick(candidates, exchange), own)
  own.inFlight = 6
  other.inFlight = 9
  assert.notEqual(policy.pick(candidates, exchange), own)
  // 17 × 1.5 / 4 is 6.375: rounded up, it takes a seventh.
  other.inFlight = 10
  assert.equal(policy.pick(candidates, exchange), own)
})

test('a key spills over to one and the same next endpoint', () => {
  const candidates = endpoints(10)
  const policy = create({ key: 'header:x-user', boundedLoad: 2 })
  for (const endpoint of candidates) endpoint.inFlight = 10
  for (const exchange of requests.slice(0, 100)) {
    const own = policy.pick(candidates, exchange)
    own.inFlight = 30
    const next = policy.pick(candidates, exchange)
    assert.notEqual(next, own)
    assert.equal(next, policy.pick(candidates.filter((e) => e !== own) as unknown as Candidates, exchange))
    own.inFlight = 10
    assert.equal(policy.pick(candidates, exchange), own)
  }
})

test('without a bound a key stays at its endpoint however busy that is', () => {
  const candidates = endpoints(10)
  const policy = create(byUser)
  for (const exchange of requests.slice(0, 50)) {
    const own = policy.pick(candidates, exchange)
    own.inFlight += 1_000
    assert.equal(policy.pick(candidates, exchange), own)
  }
})
