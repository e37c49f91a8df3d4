import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import {
  createGateway,
  type GatewayBuilder,
  type GatewayServerConfig,
  type PoolConfig
} from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, reloadSuite, testCertificates } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { type Reloading, reloading } from '../support/reloading.js'

const bounded = { timeout: 30_000 }
const { ca, server, client } = testCertificates

interface Connected extends Omit<Reloading, 'change'> {
  readonly upstream: FakeUpstream
  change(pool: PoolConfig, more?: GatewayServerConfig): Promise<void>
  get(path?: string): Promise<string>
  /** What a figure of the endpoints shows, summed. */
  figure(name: 'connections' | 'connections_idle' | 'queue_length'): number
  /** Connections that the upstream has open. */
  open(): number
}

function openAt({ connections }: FakeUpstream): number {
  return connections.filter(({ socket }) => !socket.destroyed).length
}

async function connected(
  t: TestContext,
  first: PoolConfig = {},
  upstream?: FakeUpstream
): Promise<Connected> {
  const to = upstream ?? (await fakeUpstream(t))
  const config = (pool: PoolConfig): GatewayServerConfig => ({
    pools: { main: { endpoints: [to.url], connections: { keepAlive: '1m' }, ...pool } },
    routes: [{ path: '/*', pool: 'main', retry: { attempts: 2, statuses: [503] } }]
  })
  const { gateway, url, change } = await reloading(t, config(first))
  return {
    gateway,
    url,
    upstream: to,
    async change(pool, more = {}) {
      await change({ ...config(pool), ...more })
    },
    get: async (path = '/') => (await fetch(url + path)).text(),
    figure(name) {
      let sum = 0
      const measure = gateway.app.gateway.gauges.find((one) => one.name === `proxy_upstream_${name}`)
      measure?.read((value) => {
        sum += value
      })
      return sum
    },
    open: () => openAt(to)
  }
}

test('a change of other keys leaves the connections of an endpoint as they are', bounded, async (t) => {
  const { upstream, change, get, figure } = await connected(t)
  await get()
  for (let n = 0; n < 200; n++) {
    await change({ timeouts: { firstByte: `${n + 1}s` }, outlierDetection: { consecutiveErrors: n + 1 } })
    if (n % 20 === 0) await get()
  }
  assert.equal(upstream.connections.length, 1)
  assert.deepEqual([figure('connections'), figure('connections_idle')], [1, 1])
})

test('the same connection settings in other words leave them, too', bounded, async (t) => {
  const { upstream, change, get } = await connected(t)
  await get()
  await change({ connections: { keepAlive: '60s', max: 1_024 } })
  await get()
  assert.equal(upstream.connections.length, 1)
})

test(
  'other connection settings hold for the next request; idle connections close, busy ones when they end',
  bounded,
  async (t) => {
    const { upstream, change, get, figure, open, gateway } = await connected(t)
    const held = upstream.hold()
    const running = get('/old')
    const { respond } = await held
    upstream.next({ body: 'beside' })
    await get('/idle')
    assert.deepEqual([open(), figure('connections'), figure('connections_idle')], [2, 2, 1])
    await change({ connections: { keepAlive: '2m' } })
    await upstream.connectionClosed(2)
    assert.deepEqual([figure('connections'), figure('connections_idle')], [1, 0])
    await get('/new')
    assert.deepEqual([figure('connections'), figure('connections_idle')], [2, 1])
    assert.equal(gateway.app.gateway.retiring, 1)
    await respond.answer({ body: 'late' })
    assert.equal(await running, 'late')
    await upstream.connectionClosed(1)
    await until(() => gateway.app.gateway.retiring === 0)
    assert.deepEqual([open(), figure('connections'), figure('connections_idle')], [1, 1, 1])
    await get()
    assert.equal(upstream.connections.length, 3)
  }
)

test('a limit of requests for a connection holds from the change on', bounded, async (t) => {
  const { upstream, change, get } = await connected(t)
  await get()
  await change({ connections: { keepAlive: '1m', maxRequests: 1 } })
  await get()
  await get()
  assert.deepEqual(
    upstream.requests.map(({ connection }) => connection),
    [1, 2, 3]
  )
})

test(
  'who waits for a connection when its settings change gets one, and the new limit is the new requests’',
  bounded,
  async (t) => {
    const { upstream, change, get, figure } = await connected(t, {
      connections: { max: 1, queueTimeout: '20s' }
    })
    const held = upstream.hold()
    const first = get('/1')
    const { respond } = await held
    const second = get('/2')
    await until(() => figure('queue_length') === 1)
    await change({ connections: { max: 2, queueTimeout: '20s' } })
    assert.equal(figure('queue_length'), 1)
    assert.equal(await get('/3'), 'ok')
    await respond.answer({ body: 'one' })
    assert.deepEqual([await first, await second], ['one', 'ok'])
    await upstream.connectionClosed(1)
    assert.deepEqual([figure('queue_length'), figure('connections')], [0, 1])
  }
)

test(
  'TLS that stays the same is negotiated no more; another certificate is shown at once',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(
      t,
      { body: 'safe' },
      { tls: { ...server, ca, requestCert: true, rejectUnauthorized: false } }
    )
    const { change, get } = await connected(t, { tls: { ca } }, upstream)
    const shown = (n: number): unknown => {
      const { socket } = upstream.connections[n - 1] as { readonly socket: unknown }
      return (socket as TLSSocket).getPeerCertificate().subject?.CN
    }
    await get()
    for (let n = 0; n < 20; n++) await change({ tls: { ca: `${ca}` }, timeouts: { connect: `${n + 1}s` } })
    await get()
    assert.equal(upstream.connections.length, 1)
    await change({ tls: { ca, ...client } })
    assert.equal(await get(), 'safe')
    assert.deepEqual([upstream.connections.length, shown(2)], [2, 'client'])
    await change({ tls: { ca } })
    assert.equal(await get(), 'safe')
    assert.deepEqual([upstream.connections.length, shown(3)], [3, undefined])
    await change({ tls: {} })
    assert.match(await get(), /upstream/)
    assert.equal(upstream.requests.length, 4)
  }
)

test(
  'requests of the configuration before still begin attempts at an endpoint that left, and nothing of it is left',
  bounded,
  async (t) => {
    const [leaves, stays] = [await fakeUpstream(t), await fakeUpstream(t)]
    const { change, get, figure } = await connected(
      t,
      { endpoints: [stays.url, leaves.url], balancing: 'first' },
      leaves
    )
    const held = stays.hold()
    const running = get('/old')
    const { respond } = await held
    await change({ endpoints: [stays.url] })
    // Of the retry, at the other endpoint.
    await respond.answer({ status: 503 })
    assert.equal(await running, 'ok')
    assert.equal(leaves.requests.length, 1)
    await leaves.connectionClosed(1)
    assert.equal(openAt(leaves), 0)
    await get()
    assert.equal(leaves.requests.length, 1)
    assert.deepEqual([openAt(stays), figure('connections')], [1, 1])
    await change({ endpoints: [leaves.url] })
    await get('/1')
    await get('/2')
    assert.deepEqual(
      leaves.requests.map(({ connection }) => connection),
      [1, 2, 2]
    )
  }
)

test(
  'an endpoint that leaves and returns while a request runs there keeps its connection',
  bounded,
  async (t) => {
    const [main, other] = [await fakeUpstream(t), await fakeUpstream(t)]
    const { change, get } = await connected(t, { endpoints: [main.url] }, main)
    const held = main.hold()
    const running = get()
    const { respond } = await held
    await change({ endpoints: [other.url] })
    await change({ endpoints: [main.url] })
    await respond.answer({ body: 'done' })
    assert.equal(await running, 'done')
    await get()
    assert.equal(main.connections.length, 1)
  }
)

test('the connections of a pool that is gone close when they are idle', bounded, async (t) => {
  const { upstream, change, get, open, gateway } = await connected(t)
  const held = upstream.hold()
  const running = get('/old')
  const { respond } = await held
  await get('/idle')
  await change({}, { pools: {}, routes: [] })
  await upstream.connectionClosed(2)
  await respond.answer({ body: 'late' })
  assert.equal(await running, 'late')
  await upstream.connectionClosed(1)
  await until(() => gateway.app.gateway.retiring === 0)
  assert.equal(open(), 0)
})

test('a refused change and a dry run leave every connection', bounded, async (t) => {
  const { upstream, change, get, gateway } = await connected(t)
  await get()
  await assert.rejects(change({ connections: { max: 3 } }, { via: 'no name\n' }))
  gateway.app.gateway.changes.push({
    name: 'last',
    prepare(_next, _previous, problems) {
      problems.push('no room')
      return undefined
    }
  })
  await assert.rejects(change({ connections: { max: 3 } }), /no room/)
  await get()
  assert.equal(upstream.connections.length, 1)
})

test(
  '200 changes of connection settings under load leave at most one connection a client, and fail no request',
  bounded,
  async (t) => {
    const { upstream, change, get, figure, open, gateway } = await connected(t)
    let over = false
    let answers = 0
    const load = Array.from({ length: 8 }, async () => {
      while (!over) {
        assert.equal(await get(), 'ok')
        answers++
      }
    })
    for (let n = 0; n < 200; n++) {
      const before = answers
      await change({ connections: { keepAlive: '1m', max: 100 + (n % 2) } })
      await until(() => answers > before)
    }
    over = true
    await Promise.all(load)
    await until(() => gateway.app.gateway.retiring === 0 && open() === figure('connections'))
    assert.ok(open() <= 8, String(open()))
    await change({ connections: { keepAlive: '1m', max: 7 } })
    await until(() => open() === 0)
    assert.equal(figure('connections'), 0)
    assert.ok(upstream.requests.length === answers)
  }
)

const pool = (more: PoolConfig): GatewayServerConfig => ({
  accessLog: false,
  logger: false,
  pools: { main: { endpoints: ['http://a.test', 'http://b.test'], balancing: 'first', ...more } },
  routes: [{ path: '/*', pool: 'main' }]
})

reloadSuite('proxy', {
  create: (config, seams) => createGateway(config, seams) as GatewayBuilder,
  config: () => pool({ connections: { max: 3 } }),
  changed: () => ({
    ...pool({ connections: { max: 5 }, timeouts: { connect: '1s' } }),
    via: 'edge',
    forwarded: 'none'
  }),
  off: () => ({ accessLog: false, logger: false, pools: {}, routes: [{ path: '/*', respond: {} }] })
})
