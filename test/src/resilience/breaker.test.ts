import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig, PoolConfig, RouteConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, rawClient } from '@gatewright/testing'
import { inFlight } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }
const QUICK = { minRequests: 4, openDuration: '100ms', halfOpenRequests: 1 } as const

interface Broken extends StartedGateway {
  readonly upstream: FakeUpstream
  /** Makes time pass; it stands still otherwise, so that what has opened stays open. */
  pass(ms: number): void
  readonly changes: string[]
  get(path?: string): Promise<Response>
}

async function broken(
  t: TestContext,
  pool: Omit<PoolConfig, 'endpoints'> = { circuitBreaker: QUICK },
  routes: Omit<RouteConfig, 'path'> = {},
  more: Partial<GatewayServerConfig> = {}
): Promise<Broken> {
  const upstream = await fakeUpstream(t, { status: 500 })
  const { pools, routes: others = [] } = more
  let now = 1_000
  const started = await startGateway(
    t,
    {
      pools: { upstream: { endpoints: [upstream.url], ...pool }, ...pools },
      routes: [{ path: '/*', pool: 'upstream', ...routes }, ...others]
    },
    {},
    { clock: () => now }
  )
  const changes: string[] = []
  started.gateway.app.gateway.events.on('breaker', ({ to }) => void changes.push(to))
  return {
    ...started,
    upstream,
    changes,
    pass(ms) {
      now += ms
    },
    get: (path = '/x') => fetch(`${started.url}${path}`)
  }
}

async function open({ get, changes }: Broken): Promise<void> {
  for (let n = 0; n < 4; n++) assert.equal((await get()).status, 500)
  assert.deepEqual(changes, ['open'])
}

test('an open breaker answers without contact, and says when to come back', bounded, async (t) => {
  const running = await broken(t)
  await open(running)
  const answer = await running.get()
  assert.equal(answer.status, 503)
  assert.equal(answer.headers.get('x-proxy-circuit-open'), 'true')
  assert.equal(answer.headers.get('retry-after'), '1')
  assert.equal(((await answer.json()) as { reason: string }).reason, 'circuit_open')
  assert.equal(running.upstream.requests.length, 4)
  const { candidates } = await running.gateway.explain({ url: '/x' })
  assert.match(candidates[0]?.because ?? '', /^circuit breaker: open for 1 s more$/)
  assert.equal(running.gateway.app.circuitBreakers.state('upstream'), 'open')
})

test(
  'explain says of a closed breaker nothing, and of an open one only until it would let a request through',
  bounded,
  async (t) => {
    const running = await broken(t)
    const because = async (): Promise<string | undefined> =>
      (await running.gateway.explain({ url: '/x' })).candidates[0]?.because
    assert.equal(await because(), 'open')
    await open(running)
    assert.match((await because()) ?? '', /^circuit breaker: open for/)
    running.pass(200)
    assert.equal(await because(), 'open')
    // To have asked has changed nothing.
    assert.deepEqual(running.changes, ['open'])
    assert.equal(running.gateway.app.circuitBreakers.state('upstream'), 'open')
    running.upstream.answers({ body: 'ok' })
    assert.equal((await running.get()).status, 200)
    assert.equal(await because(), 'open')
    assert.deepEqual(running.changes, ['open', 'half_open', 'closed'])
  }
)

test('it closes by itself when the upstream works again', bounded, async (t) => {
  const running = await broken(t)
  await open(running)
  running.upstream.answers({ body: 'ok' })
  assert.equal((await running.get()).status, 503)
  running.pass(200)
  assert.equal((await running.get()).status, 200)
  assert.deepEqual(running.changes, ['open', 'half_open', 'closed'])
  assert.equal(inFlight(running), 0)
})

test('answers of 4xx and clients that leave are not counted', bounded, async (t) => {
  const running = await broken(t)
  running.upstream.answers({ status: 404 })
  for (let n = 0; n < 8; n++) assert.equal((await running.get()).status, 404)
  running.upstream.answers(() => {})
  for (let n = 1; n <= 8; n++) {
    const client = await rawClient(running.port, { t })
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
    await running.upstream.request(8 + n)
    client.reset()
    await running.upstream.connectionClosed(running.upstream.connections.length)
  }
  assert.deepEqual(running.changes, [])
})

test('a route with a breaker of its own counts alone; one with false has none', bounded, async (t) => {
  const running = await broken(
    t,
    { circuitBreaker: QUICK },
    {},
    {
      routes: [
        { path: '/own/*', pool: 'upstream', circuitBreaker: { ...QUICK, minRequests: 2 } },
        { path: '/none/*', pool: 'upstream', circuitBreaker: false }
      ]
    }
  )
  for (let n = 0; n < 2; n++) assert.equal((await running.get('/own/x')).status, 500)
  assert.equal((await running.get('/own/x')).status, 503)
  assert.equal((await running.get()).status, 500)
  for (let n = 0; n < 10; n++) assert.equal((await running.get('/none/x')).status, 500)
  assert.deepEqual(running.changes, ['open'])
})

test(
  'a fallback answers in place of an open breaker: directly, by a handler, or from another pool',
  bounded,
  async (t) => {
    const spare = await fakeUpstream(t, { body: 'spare' })
    const running = await broken(
      t,
      { circuitBreaker: QUICK },
      {},
      {
        pools: { spare: { endpoints: [spare.url] } },
        routes: [
          {
            path: '/a/*',
            pool: 'upstream',
            fallback: { respond: { status: 203, headers: { 'x-a': '1' }, body: 'later' } }
          },
          { path: '/b/*', pool: 'upstream', fallback: { handler: async () => ({ handled: true }) } },
          { path: '/c/*', pool: 'upstream', fallback: { pool: 'spare' } }
        ]
      }
    )
    await open(running)
    const a = await running.get('/a/x')
    assert.deepEqual([a.status, a.headers.get('x-a'), await a.text()], [203, '1', 'later'])
    assert.deepEqual(await (await running.get('/b/x')).json(), { handled: true })
    const c = await fetch(`${running.url}/c/x`, { method: 'POST', body: 'a body' })
    assert.deepEqual([c.status, await c.text()], [200, 'spare'])
    assert.equal(spare.requests[0]?.body.toString(), 'a body')
    assert.equal(running.upstream.requests.length, 4)
    assert.equal(inFlight(running), 0)
  }
)

test('observing opens nothing, but tells', bounded, async (t) => {
  const running = await broken(t, { circuitBreaker: { ...QUICK, mode: 'observe' } })
  const told: string[] = []
  running.gateway.app.gateway.events.on('observed', ({ reason }) => void told.push(String(reason)))
  await open(running)
  assert.equal((await running.get()).status, 500)
  assert.deepEqual(told, ['circuit_open'])
})

test('its state can be kept and taken over by another gateway', bounded, async (t) => {
  const first = await broken(t, { circuitBreaker: { ...QUICK, openDuration: '30s' } })
  await open(first)
  const kept = JSON.parse(JSON.stringify(first.gateway.app.circuitBreakers.exportState()))
  const second = await broken(t, { circuitBreaker: { ...QUICK, openDuration: '30s' } })
  second.gateway.app.circuitBreakers.restore({ ...kept, 'pool gone': kept['pool upstream'] })
  assert.equal((await second.get()).status, 503)
  assert.throws(() => second.gateway.app.circuitBreakers.restore({ 'pool upstream': 1 }), {
    code: 'GW_VALUE_INVALID'
  })
})

test('a stream that is let through half open does not keep others out', bounded, async (t) => {
  const running = await broken(t)
  await open(running)
  running.upstream.answers((_request, respond) => {
    const stream = respond.stream({ headers: { 'content-type': 'text/event-stream' } })
    void stream.write('data: 1\n\n')
  })
  const controller = new AbortController()
  t.after(() => controller.abort())
  running.pass(200)
  assert.equal((await fetch(`${running.url}/x`, { signal: controller.signal })).status, 200)
  assert.deepEqual(running.changes, ['open', 'half_open', 'closed'])
})

test('a deadline of the client’s own opens nothing', bounded, async (t) => {
  const upstream = await fakeUpstream(t, () => {})
  const { url, gateway } = await startGateway(t, {
    deadlineHeader: 'x-timeout',
    trustedProxies: ['127.0.0.1'],
    pools: { p: { endpoints: [upstream.url], circuitBreaker: QUICK } },
    routes: [{ path: '/*', pool: 'p' }]
  })
  for (let n = 0; n < 6; n++) assert.equal((await fetch(url, { headers: { 'x-timeout': '20' } })).status, 504)
  assert.equal(gateway.app.circuitBreakers.state('p'), 'closed')
})

test('explain tells of the route’s own breaker', bounded, async (t) => {
  const running = await broken(
    t,
    { circuitBreaker: QUICK },
    {},
    {
      routes: [{ path: '/none/*', pool: 'upstream', circuitBreaker: false }]
    }
  )
  await open(running)
  const { candidates } = await running.gateway.explain({ url: '/none/x' })
  assert.equal(candidates[0]?.because, 'open')
})

test(
  'a breaker that may be open for longer than the longest is a problem at the start',
  bounded,
  async (t) => {
    await assert.rejects(
      broken(t, { circuitBreaker: { openDuration: '10m' } }),
      /openDuration must not be longer than/
    )
  }
)

test('a fallback handler that only sets a status is answered with it', bounded, async (t) => {
  const running = await broken(
    t,
    { circuitBreaker: QUICK },
    {
      fallback: {
        handler: async (_request, reply) => {
          reply.code(204)
        }
      }
    }
  )
  await open(running)
  assert.equal((await running.get()).status, 204)
})
