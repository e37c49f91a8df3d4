import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream } from '@gatewright/testing'
import { buildGateway } from '../src/gateway.js'
import { acme, CATALOG, keys, ORDERS, virtual } from './virtual.js'

const [ORDERS_A, ORDERS_B] = ORDERS

test('a failure of one endpoint is hidden by the other', async (t) => {
  const { kit, ask } = virtual(t)
  kit.upstream(ORDERS_A).always('refuse')

  for (let n = 0; n < 4; n++) assert.equal((await ask('/orders/1')).status, 200)

  assert.ok(kit.attempts.some(({ failure }) => failure !== null))
})

test('an order that may have been taken is not sent twice', async (t) => {
  const { kit, ask } = virtual(t)
  for (const url of ORDERS) kit.upstream(url).always({ status: 503 })

  const { status, attempts } = await ask('/orders', { method: 'POST' })

  assert.equal(status, 503)
  assert.equal(attempts.length, 1)
})

test('a slow answer of the catalog is asked for elsewhere at the same time', async (t) => {
  const { kit, ask } = virtual(t)
  kit.upstream(CATALOG[0]).always('black-hole')

  for (let n = 0; n < 4; n++) {
    const { status, elapsedMs } = await ask('/catalog/1')
    assert.equal(status, 200)
    assert.ok(elapsedMs < 300, `${elapsedMs} ms`)
  }

  assert.ok(kit.attempts.length > 4)
})

test('a service that is down is left alone, and clients are told when to come again', async (t) => {
  const { kit, ask } = virtual(t)
  kit.upstream(ORDERS_A).always('refuse')
  kit.upstream(ORDERS_B).always('refuse')

  for (let n = 0; n < 30; n++) await ask('/orders/1')
  const { status, reason, headers } = await ask('/orders/1')

  assert.deepEqual([status, reason], [503, 'circuit_open'])
  assert.ok(Number(headers['retry-after']) > 0)
  assert.equal((await ask('/catalog/1')).status, 200)
})

test('an endpoint whose health check fails gets no requests', { timeout: 5_000 }, async (t) => {
  const [well, ill] = await Promise.all([fakeUpstream(t, { body: 'well' }), fakeUpstream(t, { status: 500 })])
  const gateway = buildGateway({
    orders: [well.url, ill.url],
    catalog: [well.url],
    keys,
    probeEvery: '20ms',
    quiet: true
  })
  t.after(() => gateway.close())
  await gateway.ready()
  const { events } = gateway.app.gateway
  await new Promise<void>((resolve) => {
    events.on('endpoint_health', ({ endpoint, to }) => {
      if (endpoint.url.startsWith(ill.url) && to === 'unhealthy') resolve()
    })
  })
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })

  for (let n = 0; n < 4; n++)
    assert.equal((await fetch(`${url}/orders/1`, { headers: { 'x-api-key': acme.key } })).status, 200)

  assert.ok(ill.requests.every(({ target }) => target === '/health'))
})

test('a body of more than 256 KiB is refused', async (t) => {
  const upstream = await fakeUpstream(t)
  const gateway = buildGateway({ orders: [upstream.url], catalog: [upstream.url], keys, quiet: true })
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })

  const response = await fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'x-api-key': acme.key },
    body: Buffer.alloc(256 * 1024 + 1)
  })

  assert.equal(response.status, 413)
})

test('what a service says of its software stays here, and errors are not cached', async (t) => {
  const { kit, ask } = virtual(t)
  for (const url of ORDERS) kit.upstream(url).thenAnswers(404, { headers: { server: 'old/1.0' } })

  const { headers } = await ask('/orders/1')

  assert.equal(headers.server, undefined)
  assert.equal(headers['cache-control'], 'no-store')
})

test('requests are counted where Prometheus scrapes, and why() tells about each', async (t) => {
  const upstream = await fakeUpstream(t)
  const gateway = buildGateway({ orders: [upstream.url], catalog: [upstream.url], keys, quiet: true })
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })

  const response = await fetch(`${url}/orders/1`, { headers: { 'x-api-key': acme.key } })
  await response.text()
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.probePort}/metrics`)).text()

  assert.match(metrics, /^proxy_requests_total\{route="orders",pool="orders",status="200"\} 1$/m)
  assert.match(gateway.why(response.headers.get('x-request-id') ?? ''), /GET \/orders\/1 → 200/)
})
