import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AttemptRecord, isUpstreamFault } from '@gatewright/core'
import { fakeUpstream, type RawResponse, rawClient, rawRequest } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

// Sends a request and resolves when it is on its way, or in line.
async function begin(
  started: StartedGateway,
  path: string
): Promise<{ readonly response: Promise<RawResponse> }> {
  const before = inFlight(started)
  const response = rawRequest(started.port, get(path))
  await until(() => inFlight(started) === before + 1)
  return { response }
}

const reasonOf = ({ text }: RawResponse): string => JSON.parse(text).reason

test('requests that wait for a connection are served in the order in which they came', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const started = await startGateway(
    t,
    singlePool(upstream.url, { connections: { max: 1, queueTimeout: '10s' } })
  )
  const paths = ['/first', '/1', '/2', '/3', '/4', '/5']
  const responses: Promise<RawResponse>[] = []
  for (const path of paths) responses.push((await begin(started, path)).response)
  assert.equal(upstream.requests.length, 1)
  await (await held).respond.answer()
  for (const { status } of await Promise.all(responses)) assert.equal(status, 200)
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    paths
  )
  assert.equal(upstream.connections.length, 1)
  assert.equal(inFlight(started), 0)
})

test('an endpoint never gets more connections than connections.max', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(
    t,
    singlePool(upstream.url, { connections: { max: 3, queueTimeout: '10s' } })
  )
  const responses = Array.from({ length: 60 }, (_, i) => rawRequest(started.port, get(`/${i}`)))
  for (const { status } of await Promise.all(responses)) assert.equal(status, 200)
  assert.equal(upstream.requests.length, 60)
  assert.equal(upstream.connections.length, 3)
})

test(
  'one that finds the line full gets 503 pool_queue_full at once, and the others are served',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const held = upstream.hold()
    const started = await startGateway(
      t,
      singlePool(upstream.url, { connections: { max: 1, maxQueue: 2, queueTimeout: '10s' } })
    )
    const exchanges = watchExchanges(started)
    const served = []
    for (const path of ['/a', '/b', '/c']) served.push((await begin(started, path)).response)
    const refused = await rawRequest(started.port, get('/d'))
    assert.equal(refused.status, 503)
    assert.equal(reasonOf(refused), 'pool_queue_full')
    const attempt = (await exchanges.nth(1)).attempts[0] as AttemptRecord
    assert.equal(attempt.failure, 'pool_queue_full')
    assert.equal(attempt.sent, false)
    assert.equal(isUpstreamFault(attempt), false)
    assert.equal(inFlight(started), 3)

    await (await held).respond.answer()
    for (const { status } of await Promise.all(served)) assert.equal(status, 200)
    assert.equal(upstream.requests.length, 3)
  }
)

test(
  'one client cannot fill the line: where it is full, the newest of who has most gets 503',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const held = upstream.hold()
    const connections = { max: 1, maxQueue: 3, queueTimeout: '10s' } as const
    const started = await startGateway(t, {
      ...singlePool(upstream.url, { connections }),
      trustedProxies: ['127.0.0.1']
    })
    const of = (client: string, path: string): Promise<RawResponse> =>
      rawRequest(started.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${client}\r\n\r\n`)
    const flood: Promise<RawResponse>[] = []
    for (const path of ['/1', '/2', '/3', '/4']) {
      flood.push(of('192.0.2.1', path))
      await until(() => inFlight(started) === flood.length)
    }
    assert.equal(reasonOf(await of('192.0.2.1', '/5')), 'pool_queue_full')
    const other = of('192.0.2.2', '/other')
    assert.equal(reasonOf(await (flood[3] as Promise<RawResponse>)), 'pool_queue_full')
    await (await held).respond.answer()
    for (const { status } of await Promise.all([...flood.slice(0, 3), other])) assert.equal(status, 200)
    // They take turns.
    assert.deepEqual(
      upstream.requests.map(({ target }) => target),
      ['/1', '/2', '/other', '/3']
    )
    assert.equal(inFlight(started), 0)
  }
)

test('with maxQueue 0 nobody waits', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const started = await startGateway(t, singlePool(upstream.url, { connections: { max: 1, maxQueue: 0 } }))
  const { response } = await begin(started, '/a')
  assert.equal(reasonOf(await rawRequest(started.port, get('/b'))), 'pool_queue_full')
  await (await held).respond.answer()
  assert.equal((await response).status, 200)
  assert.equal((await rawRequest(started.port, get('/c'))).status, 200)
})

test(
  'one that waits too long gets 503 pool_queue_timeout, and its place in line is gone',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const held = upstream.hold()
    const started = await startGateway(
      t,
      singlePool(upstream.url, { connections: { max: 1, maxQueue: 1, queueTimeout: '100ms' } })
    )
    const exchanges = watchExchanges(started)
    const first = await begin(started, '/first')
    const late = await rawRequest(started.port, get('/late'))
    assert.equal(late.status, 503)
    assert.equal(reasonOf(late), 'pool_queue_timeout')
    const attempt = (await exchanges.nth(1)).attempts[0] as AttemptRecord
    assert.equal(attempt.failure, 'pool_queue_timeout')
    assert.equal(attempt.sent, false)
    assert.equal(isUpstreamFault(attempt), false)
    const tookMs = attempt.endedAt - attempt.startedAt
    assert.ok(tookMs >= 100 && tookMs < 2_500, `${tookMs} ms`)
    assert.equal(inFlight(started), 1)

    const next = await begin(started, '/next')
    await (await held).respond.answer()
    assert.equal((await first.response).status, 200)
    assert.equal((await next.response).status, 200)
    assert.deepEqual(
      upstream.requests.map(({ target }) => target),
      ['/first', '/next']
    )
  }
)

for (const end of ['close', 'reset'] as const)
  test(`those in line are served when the one before them fails (${end})`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const held = upstream.hold()
    const started = await startGateway(
      t,
      singlePool(upstream.url, { connections: { max: 1, queueTimeout: '10s' } })
    )
    const failing = await begin(started, '/failing')
    const waiting = [await begin(started, '/1'), await begin(started, '/2')]
    upstream.next({ cut: 'before-head', end })
    ;(await held).respond[end]()
    assert.equal(reasonOf(await failing.response), 'upstream_reset')
    const [one, two] = waiting as [(typeof waiting)[number], (typeof waiting)[number]]
    assert.equal(reasonOf(await one.response), 'upstream_reset')
    assert.equal((await two.response).status, 200)
    assert.deepEqual(
      upstream.requests.map(({ connection }) => connection),
      [1, 2, 3]
    )
    assert.equal(inFlight(started), 0)
  })

test('those in line are served when the client before them leaves', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const started = await startGateway(
    t,
    singlePool(upstream.url, { connections: { max: 1, queueTimeout: '10s' } })
  )
  const client = await rawClient(started.port, { t })
  await client.write(get('/leaves'))
  await held
  const waiting = await begin(started, '/waits')
  client.reset()
  assert.equal((await waiting.response).status, 200)
  assert.equal(upstream.requests[1]?.connection, 2)
})

test('those in line fail one by one when no connection can be made', bounded, async (t) => {
  const upstream = await fakeUpstream(null)
  const { url } = upstream
  await upstream.close()
  const started = await startGateway(t, singlePool(url, { connections: { max: 1, queueTimeout: '10s' } }))
  const responses = Array.from({ length: 20 }, (_, i) => rawRequest(started.port, get(`/${i}`)))
  for (const response of await Promise.all(responses))
    assert.equal(reasonOf(response), 'upstream_connect_failed')
  assert.equal(inFlight(started), 0)
})

test('one connection serves request after request', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, upstream.url)
  const exchanges = watchExchanges(started)
  const client = await rawClient(started.port, { t })
  for (let n = 1; n <= 20; n++) {
    await client.write(get(`/${n}`))
    assert.equal((await client.response()).status, 200)
    assert.equal((await exchanges.nth(n)).attempts[0]?.reused, n > 1)
  }
  assert.equal(upstream.connections.length, 1)
})

test(
  'of several idle connections the one used last serves next, and the others close',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const held = Array.from({ length: 3 }, () => upstream.hold())
    const started = await startGateway(t, singlePool(upstream.url, { connections: { keepAlive: '300ms' } }))
    const first = Array.from({ length: 3 }, (_, i) => rawRequest(started.port, get(`/${i}`)))
    for (const one of held) {
      const { respond } = await one
      await respond.answer()
    }
    await Promise.all(first)
    const others = [1, 2, 3].map((n) => upstream.connectionClosed(n))
    const client = await rawClient(started.port, { t })
    let closed = 0
    for (const other of others) void other.then(() => closed++)
    while (closed < 2) {
      await client.write(get('/again'))
      await client.response()
    }
    assert.equal(upstream.connections.length, 3)
    assert.equal(upstream.connections.filter(({ requests }) => requests === 1).length, 2)
  }
)

test(
  'an idle connection is closed after connections.keepAlive, and the next request gets another',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const started = await startGateway(t, singlePool(upstream.url, { connections: { keepAlive: '100ms' } }))
    const beginning = performance.now()
    assert.equal((await rawRequest(started.port, get('/'))).status, 200)
    await upstream.connectionClosed(1)
    const tookMs = performance.now() - beginning
    assert.ok(tookMs >= 99 && tookMs < 2_500, `${tookMs} ms`)
    assert.equal((await rawRequest(started.port, get('/'))).status, 200)
    assert.equal(upstream.requests[1]?.connection, 2)
  }
)

test('a connection is closed after connections.maxRequests', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, singlePool(upstream.url, { connections: { maxRequests: 2, max: 1 } }))
  for (let i = 0; i < 5; i++) assert.equal((await rawRequest(started.port, get('/'))).status, 200)
  assert.deepEqual(
    upstream.requests.map(({ connection }) => connection),
    [1, 1, 2, 2, 3]
  )
})

test(
  'an upstream that answers connection: close gets a new connection each time, in line too',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, { headers: { connection: 'close' }, body: 'ok' })
    const started = await startGateway(
      t,
      singlePool(upstream.url, { connections: { max: 2, queueTimeout: '10s' } })
    )
    const responses = Array.from({ length: 20 }, () => rawRequest(started.port, get('/')))
    for (const response of await Promise.all(responses)) {
      assert.equal(response.status, 200)
      assert.equal(response.header('connection'), 'keep-alive', "the client's connection goes on")
    }
    assert.equal(upstream.connections.length, 20)
    assert.equal(inFlight(started), 0)
  }
)
