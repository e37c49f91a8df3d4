import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, GatewayError } from '@gatewright/gateway'
import {
  type FakeResponse,
  type FakeUpstream,
  fakeUpstream,
  gate,
  type RawResponse,
  type Script,
  virtualClock
} from '@gatewright/testing'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { atOnce, many, shares, startTraffic } from '../support/traffic.js'

const bounded = { timeout: 20_000 }

function near(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  for (const [i, share] of expected.entries())
    assert.ok(
      Math.abs((actual[i] as number) - share) <= share * tolerance,
      `${actual} is not ${expected} within ${tolerance * 100} %`
    )
}

test('round-robin: each endpoint in turn', bounded, async (t) => {
  const traffic = await startTraffic(t, { balancing: 'round-robin' })
  const order = []
  for (let i = 0; i < 9; i++) order.push((await traffic.get()).text)
  assert.deepEqual(order, ['0', '1', '2', '0', '1', '2', '0', '1', '2'])
  await atOnce(traffic, 300)
  assert.deepEqual(shares(traffic), [103, 103, 103])
})

test('weighted-round-robin: exact shares, spread evenly', bounded, async (t) => {
  const traffic = await startTraffic(t, { balancing: 'weighted-round-robin', weights: [5, 1, 1] })
  let order = ''
  for (let i = 0; i < 7; i++) order += (await traffic.get()).text
  assert.equal(order, '0010200')
  await atOnce(traffic, 693)
  assert.deepEqual(shares(traffic), [500, 100, 100])
})

test('p2c: weights are shares of the traffic while nobody is busy', bounded, async (t) => {
  const traffic = await startTraffic(t, { balancing: 'p2c', weights: [3, 2, 1] })
  await many(traffic, 600)
  near(shares(traffic), [300, 200, 100], 0.25)
})

test('p2c is the default', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway } = await startGateway(t, upstream.url)
  assert.equal(gateway.app.gateway.pool('upstream').policy.name, 'p2c')
})

test('random: shares by weight', bounded, async (t) => {
  const traffic = await startTraffic(t, { balancing: 'random', weights: [3, 2, 1] })
  await many(traffic, 600)
  near(shares(traffic), [300, 200, 100], 0.25)
})

test('first: all to the first endpoint that takes requests', bounded, async (t) => {
  const traffic = await startTraffic(t, { balancing: 'first' })
  await many(traffic, 5)
  traffic.gateway.app.gateway.pool('upstream').drain(traffic.upstreams[0]?.url as string)
  await many(traffic, 5)
  assert.deepEqual(shares(traffic), [5, 5, 0])
})

for (const balancing of ['p2c', 'least-connections'] as const)
  test(`${balancing}: an endpoint that does not answer gets nothing more`, bounded, async (t) => {
    const stuck = gate()
    const slow: Script = () => stuck.then(() => ({ body: 'late' }))
    const traffic = await startTraffic(t, { balancing, scripts: [slow] })
    const [first] = traffic.upstreams as [FakeUpstream]
    const pending: Promise<RawResponse>[] = []
    for (let i = 0; i < 90; i++) {
      const response = traffic.get()
      pending.push(response)
      await Promise.race([response, first.request(first.requests.length + 1)])
    }
    assert.equal(first.requests.length, 1)
    near(shares(traffic).slice(1), [44.5, 44.5], 0.3)
    assert.equal(inFlight(traffic), 1)
    stuck.open()
    for (const { status } of await Promise.all(pending)) assert.equal(status, 200)
    assert.equal(inFlight(traffic), 0)
  })

test('least-connections: streams count until they end', bounded, async (t) => {
  const streaming: Script = (_request, respond) => void respond.stream().write('first')
  const traffic = await startTraffic(t, {
    balancing: 'least-connections',
    weights: [1, 1],
    scripts: [streaming]
  })
  const [first, second] = traffic.upstreams as [FakeUpstream, FakeUpstream]
  void traffic.get().catch(() => {})
  await first.request(1)
  await many(traffic, 10)
  assert.equal(second.requests.length, 10)
})

test('peak-ewma: a slow endpoint gets less, one that only fails fast gets least', bounded, async (t) => {
  const { clock, advance } = virtualClock()
  const taking =
    (ms: number, answer: FakeResponse): Script =>
    () => {
      advance(ms)
      return answer
    }
  const traffic = await startTraffic(t, {
    balancing: 'peak-ewma',
    scripts: [
      taking(10, { body: 'fast' }),
      taking(200, { body: 'slow' }),
      taking(1, { cut: 'before-head', end: 'reset' })
    ],
    clock
  })
  for (let i = 0; i < 300; i++) await traffic.get()
  const [fast = 0, slow = 0, failing = 0] = shares(traffic)
  // Of two that are drawn the better one is taken: the fast one in two pairs of three, the slow one in the third.
  assert.ok(Math.abs(fast - 200) < 30 && Math.abs(slow - 100) < 30, `${fast} fast, ${slow} slow`)
  assert.ok(failing < 10, `${failing} failing`)
})

test(
  'consistent-hash: a key stays with its endpoint, and only the keys of one that leaves move',
  bounded,
  async (t) => {
    const traffic = await startTraffic(t, {
      balancing: { type: 'consistent-hash', key: 'header:x-user', boundedLoad: false }
    })
    const users = Array.from({ length: 60 }, (_, i) => `user-${i}`)
    const placesOf = async (): Promise<number[]> => {
      const places = []
      for (const user of users) {
        await traffic.get(`X-User: ${user}\r\n`)
        places.push(traffic.last())
      }
      return places
    }
    const before = await placesOf()
    assert.deepEqual(await placesOf(), before)
    assert.deepEqual([...new Set(before)].sort(), [0, 1, 2])

    const pool = traffic.gateway.app.gateway.pool('upstream')
    const leaving = traffic.upstreams[1]?.url as string
    pool.drain(leaving)
    const during = await placesOf()
    assert.ok(!during.includes(1))
    for (const [i, place] of before.entries()) if (place !== 1) assert.equal(during[i], place)
    pool.undrain(leaving)
    assert.deepEqual(await placesOf(), before)
  }
)

test(
  'an endpoint drained at run time gets nothing new, and what it has under way finishes',
  bounded,
  async (t) => {
    const traffic = await startTraffic(t, { balancing: 'round-robin' })
    const pool = traffic.gateway.app.gateway.pool('upstream')
    const [first] = traffic.upstreams as [FakeUpstream]
    const mayAnswer = gate()
    first.next(() => mayAnswer.then(() => ({ body: 'finished' })))
    const underWay = traffic.get()
    await first.request(1)
    pool.drain(first.url)
    await many(traffic, 20)
    assert.deepEqual(shares(traffic), [1, 10, 10])
    mayAnswer.open()
    assert.equal((await underWay).text, 'finished')
    pool.undrain(`${first.url}/`)
    await many(traffic, 30)
    assert.deepEqual(shares(traffic), [11, 20, 20])
  }
)

test('weights set at run time hold from the next request on', bounded, async (t) => {
  const traffic = await startTraffic(t, { balancing: 'weighted-round-robin', weights: [1, 1] })
  const pool = traffic.gateway.app.gateway.pool('upstream')
  const [first, second] = traffic.upstreams as [FakeUpstream, FakeUpstream]
  await many(traffic, 10)
  assert.deepEqual(shares(traffic), [5, 5])
  pool.setWeight(second.url, 3)
  await many(traffic, 40)
  assert.deepEqual(shares(traffic), [15, 35])
  pool.setWeight(first.url, 0)
  await many(traffic, 5)
  assert.deepEqual(shares(traffic), [15, 40])
})

for (const balancing of [
  'p2c',
  'round-robin',
  'weighted-round-robin',
  'least-connections',
  'random',
  'peak-ewma'
] as const)
  test(
    `${balancing}: weight 0 gets nothing, and nothing but weight 0 is 503 no_endpoint`,
    bounded,
    async (t) => {
      const traffic = await startTraffic(t, { balancing, weights: [1, 0] })
      await many(traffic, 20)
      assert.deepEqual(shares(traffic), [20, 0])
      const [first] = traffic.upstreams as [FakeUpstream]
      traffic.gateway.app.gateway.pool('upstream').setWeight(first.url, 0)
      const response = await traffic.get()
      assert.equal(response.status, 503)
      assert.equal(JSON.parse(response.text).reason, 'no_endpoint')
      assert.deepEqual(shares(traffic), [20, 0])
    }
  )

test("a policy of one's own picks by what it likes, and is told of every attempt", bounded, async (t) => {
  const told: string[] = []
  const traffic = await startTraffic(t, {
    balancing: {
      pick: (candidates, { headers }) => candidates[Number(headers['x-shard'])] ?? candidates[0],
      started: ({ url }) => told.push(`started ${url}`),
      ended: ({ endpoint, status }) => told.push(`ended ${endpoint.url} ${status}`)
    }
  })
  await many(traffic, 9, (i) => `X-Shard: ${[2, 2, 1][i % 3]}\r\n`)
  assert.deepEqual(shares(traffic), [0, 3, 6])
  assert.equal(told.length, 18)
  const [, , third] = traffic.upstreams as [FakeUpstream, FakeUpstream, FakeUpstream]
  assert.deepEqual(told.slice(0, 2), [`started ${third.url}`, `ended ${third.url} 200`])
})

test('a policy that throws fails its request alone; a GatewayError keeps its reason', bounded, async (t) => {
  const traffic = await startTraffic(t, {
    balancing: {
      pick([first], { headers }) {
        if (headers['x-fail'] === 'gateway') throw new GatewayError('no_endpoint')
        if (headers['x-fail'] !== undefined) throw new Error('as planned')
        return first
      }
    }
  })
  assert.equal(JSON.parse((await traffic.get('X-Fail: 1\r\n')).text).reason, 'internal_error')
  assert.equal(JSON.parse((await traffic.get('X-Fail: gateway\r\n')).text).reason, 'no_endpoint')
  await many(traffic, 1)
  assert.equal(inFlight(traffic), 0)
})

declare module '@gatewright/core' {
  interface BalancingPolicies {
    nth: { readonly index: number }
  }
}

test(
  'a named policy of the application is used like a built-in one, with its options',
  bounded,
  async (t) => {
    const upstreams = [await fakeUpstream(t), await fakeUpstream(t)]
    const gateway = createGateway({
      ...singlePool(
        upstreams.map(({ url }) => url),
        { balancing: { type: 'nth', index: 1 } }
      ),
      logger: false,
      accessLog: false,
      shutdown: { signals: false }
    }).balancer({
      name: 'nth',
      schema: { type: 'object', properties: { index: { type: 'integer' } } },
      create: ({ index }: { readonly index: number }) => ({ pick: (all) => all[index] ?? all[0] })
    })
    t.after(() => gateway.close())
    assert.equal((await gateway.inject('/')).statusCode, 200)
    assert.deepEqual(
      upstreams.map(({ requests }) => requests.length),
      [0, 1]
    )
  }
)
