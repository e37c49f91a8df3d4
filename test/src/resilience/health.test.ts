import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PoolConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }

interface Watched extends StartedGateway {
  readonly one: FakeUpstream
  readonly two: FakeUpstream
  readonly changes: string[]
  /** What was logged. */
  readonly lines: { readonly msg?: unknown }[]
  get(): Promise<Response>
}

async function watched(
  t: TestContext,
  pool: Omit<PoolConfig, 'endpoints'> = {},
  single = false
): Promise<Watched> {
  const one = await fakeUpstream(t, { body: 'one' })
  const two = await fakeUpstream(t, { body: 'two' })
  const endpoints = single ? [one.url] : [one.url, two.url]
  const lines: { readonly msg?: unknown }[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const started = await startGateway(t, {
    logger: { level: 'warn', stream },
    pools: { upstream: { endpoints, balancing: 'first', ...pool } },
    routes: [{ path: '/*', pool: 'upstream' }]
  })
  const changes: string[] = []
  started.gateway.app.gateway.events.on('endpoint_health', ({ endpoint, to }) => {
    changes.push(`${endpoint.url === one.url ? 'one' : 'two'} ${to}`)
  })
  return { ...started, one, two, changes, lines, get: () => fetch(`${started.url}/x`) }
}

test('five faults in a row eject an endpoint, with nothing configured', bounded, async (t) => {
  const { one, get, changes, gateway } = await watched(t)
  one.answers({ status: 500 })
  for (let n = 0; n < 5; n++) assert.equal((await get()).status, 500)
  assert.equal(await (await get()).text(), 'two')
  assert.deepEqual(changes, ['one ejected'])
  const { candidates } = await gateway.explain({ url: '/x' })
  assert.deepEqual(
    candidates.map(({ health, because }) => [health, because]),
    [
      ['ejected', 'ejected'],
      ['unknown', 'open']
    ]
  )
})

for (const [returned, warned] of [
  [false, false],
  [undefined, true],
  ['ok', true]
] as const)
  test(
    `a check that returns ${returned} takes the endpoint out${warned ? ', with one warning' : ''}`,
    bounded,
    async (t) => {
      let looks = 0
      let first = ''
      const check = async ({ url }: { readonly url: string }) => {
        looks++
        return (url === first ? returned : true) as boolean
      }
      const health = { check, interval: '10ms', fastInterval: '10ms', unhealthyThreshold: 1 } as const
      const { one, get, changes, lines } = await watched(t, { health })
      first = one.url
      await until(() => changes.includes('one unhealthy') && looks > 8)
      assert.equal(await (await get()).text(), 'two')
      assert.equal(one.requests.length, 0)
      const warnings = lines.filter((line) => /counts as unhealthy/.test(String(line.msg)))
      assert.equal(warnings.length, warned ? 1 : 0)
      if (warned) assert.match(String(warnings[0]?.msg), /pools\.upstream\.health: the check returned/)
    }
  )

test('the last endpoint is never ejected', bounded, async (t) => {
  const { one, get, changes } = await watched(t, {}, true)
  one.answers({ status: 500 })
  for (let n = 0; n < 12; n++) assert.equal((await get()).status, 500)
  assert.deepEqual(changes, [])
})

test('clients’ errors and clients that leave eject nobody', bounded, async (t) => {
  const { one, get, changes } = await watched(t)
  one.answers({ status: 404 })
  for (let n = 0; n < 8; n++) assert.equal((await get()).status, 404)
  assert.deepEqual(changes, [])
})

test('an ejection ends by itself', bounded, async (t) => {
  const { one, get, changes } = await watched(t, {
    outlierDetection: { consecutiveErrors: 1, ejection: '60ms' }
  })
  one.answers({ status: 500 })
  await get()
  one.answers({ body: 'one' })
  await until(() => changes.length === 2)
  assert.deepEqual(changes, ['one ejected', 'one unknown'])
  assert.equal(await (await get()).text(), 'one')
})

test(
  'an ejection holds only while there are others: drained, down or gone, the ejected one is used',
  bounded,
  async (t) => {
    const { one, two, get, gateway } = await watched(t, {
      outlierDetection: { consecutiveErrors: 1 },
      unhealthy: { policy: 'none' }
    })
    const pool = gateway.app.gateway.pool('upstream')
    const explained = async (): Promise<string | undefined> =>
      (await gateway.explain({ url: '/x' })).candidates[0]?.because
    one.answers({ status: 500 })
    await get()
    one.answers({ body: 'one' })
    assert.equal(await (await get()).text(), 'two')
    assert.equal(await explained(), 'ejected')
    pool.drain(two.url)
    assert.equal(await explained(), 'open')
    for (let n = 0; n < 3; n++) assert.equal(await (await get()).text(), 'one')
    pool.undrain(two.url)
    assert.equal(await (await get()).text(), 'two')
    gateway.app.health.force('upstream', two.url, 'down')
    for (let n = 0; n < 3; n++) assert.equal(await (await get()).text(), 'one')
    gateway.app.health.force('upstream', one.url, 'down')
    assert.equal((await get()).status, 503)
  }
)

test('observing ejects nobody, but tells', bounded, async (t) => {
  const { one, get, changes, gateway } = await watched(t, {
    outlierDetection: { mode: 'observe', consecutiveErrors: 2 }
  })
  const told: string[] = []
  gateway.app.gateway.events.on('observed', ({ because }) => void told.push(because))
  one.answers({ status: 500 })
  for (let n = 0; n < 4; n++) assert.equal((await get()).status, 500)
  assert.deepEqual(changes, [])
  assert.match(told[0] ?? '', /ejected: 2 faults in a row/)
})

test('an endpoint that fails more than it may within a window is ejected', bounded, async (t) => {
  const { one, get, changes } = await watched(t, {
    outlierDetection: {
      consecutiveErrors: 0,
      consecutiveLocalErrors: 0,
      errorRatePercent: 50,
      minRequests: 5,
      window: '50ms'
    }
  })
  let n = 0
  one.answers(() => ({ status: n++ % 2 === 0 ? 500 : 200 }))
  while (changes.length === 0) await get()
  assert.deepEqual(changes, ['one ejected'])
})

test('probes find out which endpoints work, and when they work again', bounded, async (t) => {
  const { one, two, get, changes, gateway } = await watched(t, {
    health: {
      path: '/up',
      interval: '40ms',
      fastInterval: '20ms',
      unhealthyThreshold: 2,
      healthyThreshold: 2
    },
    outlierDetection: false
  })
  await until(() => changes.length === 2)
  assert.deepEqual(changes.toSorted(), ['one healthy', 'two healthy'])
  one.answers(({ target }) => (target === '/up' ? { status: 503 } : { body: 'one' }))
  await until(() => changes.includes('one unhealthy'))
  assert.equal(await (await get()).text(), 'two')
  one.answers({ body: 'one' })
  await until(() => changes.at(-1) === 'one healthy')
  assert.equal(await (await get()).text(), 'one')
  assert.ok(two.requests.some(({ target }) => target === '/up'))
  assert.deepEqual(
    gateway.app.health.states().map(({ health }) => health),
    ['healthy', 'healthy']
  )
})

test('an endpoint may be probed elsewhere', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const side = await fakeUpstream(t, { status: 500 })
  const started = await startGateway(t, {
    pools: {
      upstream: {
        endpoints: [{ url: upstream.url, healthUrl: `${side.url}/deep` }],
        health: { interval: '20ms', unhealthyThreshold: 1 },
        unhealthy: { policy: 'none' }
      }
    },
    routes: [{ path: '/*', pool: 'upstream' }]
  })
  const [endpoint] = started.gateway.app.gateway.pool('upstream').endpoints
  await until(() => endpoint?.health === 'unhealthy')
  assert.equal(side.requests[0]?.target, '/deep')
  assert.equal((await fetch(started.url)).status, 503)
})

test('no more probes once the gateway is closed', bounded, async (t) => {
  const { gateway, one } = await watched(t, { health: { interval: '10ms', fastInterval: '10ms' } })
  await until(() => one.requests.length > 2)
  await gateway.close()
  const { length } = one.connections
  await until(() => one.connections.every((connection) => connection.closed))
  assert.equal(one.connections.length, length)
})

for (const [policy, statuses] of [
  ['trickle', [200, 503]],
  ['all', [200, 200]],
  ['none', [503, 503]]
] as const)
  test(`when no endpoint is usable, '${policy}' answers ${statuses.join(' and ')}`, bounded, async (t) => {
    const { gateway, get, one, two } = await watched(t, { unhealthy: { policy } })
    for (const { url } of [one, two]) gateway.app.health.force('upstream', url, 'down')
    assert.deepEqual([(await get()).status, (await get()).status], statuses)
  })

test('what is set by hand holds until it is taken back', bounded, async (t) => {
  const { gateway, get, one, changes } = await watched(t)
  const { health } = gateway.app
  health.force('upstream', one.url, 'down')
  assert.equal(await (await get()).text(), 'two')
  health.force('upstream', one.url, null)
  assert.equal(await (await get()).text(), 'one')
  health.force('upstream', one.url, 'up')
  one.answers({ status: 500 })
  for (let n = 0; n < 8; n++) assert.equal((await get()).status, 500)
  assert.deepEqual(changes, ['one unhealthy', 'one unknown', 'one healthy'])
  assert.throws(() => health.force('upstrem', one.url, 'up'), /did you mean 'upstream'/)
  assert.throws(() => health.force('upstream', one.url, 'sideways' as never), { code: 'GW_VALUE_INVALID' })
})

test('what an endpoint does while it is up by hand does not eject it afterwards', bounded, async (t) => {
  const { gateway, get, one, two, changes } = await watched(t, {
    balancing: 'round-robin',
    outlierDetection: { consecutiveErrors: 2, maxEjectionPercent: 100 }
  })
  const { health } = gateway.app
  health.force('upstream', one.url, 'up')
  for (const upstream of [one, two]) upstream.answers({ status: 500 })
  while (!changes.includes('two ejected')) await get()
  health.force('upstream', one.url, null)
  assert.deepEqual(changes, ['one healthy', 'two ejected', 'one unknown'])
})

test('setting an endpoint up by hand ends its ejection', bounded, async (t) => {
  const { gateway, get, one, changes } = await watched(t, { outlierDetection: { consecutiveErrors: 1 } })
  one.answers({ status: 500 })
  await get()
  for (const forced of ['up', null] as const) gateway.app.health.force('upstream', one.url, forced)
  assert.deepEqual(changes, ['one ejected', 'one healthy', 'one unknown'])
})

test('an endpoint that returns begins with a part of its weight', bounded, async (t) => {
  const { gateway, one } = await watched(t, { slowStart: { window: '200ms', minWeightPercent: 25 } })
  const endpoint = gateway.app.gateway.pool('upstream').endpoint(one.url)
  assert.equal(endpoint.weight, 1)
  gateway.app.health.force('upstream', one.url, 'down')
  gateway.app.health.force('upstream', one.url, null)
  assert.equal(endpoint.weight, 0.25)
  await until(() => endpoint.weight > 0.25 && endpoint.weight < 1)
  await until(() => endpoint.weight === 1)
})

test('two pools may probe one address, each in its own way', bounded, async (t) => {
  const upstream = await fakeUpstream(t, ({ target }) => ({ status: target === '/deep' ? 503 : 200 }))
  const pool = (path: `/${string}`): PoolConfig => ({
    endpoints: [upstream.url],
    health: { path, interval: '20ms', fastInterval: '10ms', unhealthyThreshold: 1 }
  })
  const { gateway } = await startGateway(t, { pools: { plain: pool('/plain'), deep: pool('/deep') } })
  const healthOf = (id: string): string | undefined => gateway.app.gateway.pool(id).endpoints[0]?.health
  await until(() => healthOf('plain') === 'healthy' && healthOf('deep') === 'unhealthy')
})
