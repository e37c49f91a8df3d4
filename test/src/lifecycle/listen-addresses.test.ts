import assert from 'node:assert/strict'
import callbackDns from 'node:dns'
import dns from 'node:dns/promises'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayBuilder, type GatewayServerConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, type RawClient, rawClient } from '@gatewright/testing'
import { until } from '../support/leaks.js'

const bounded = { timeout: 20_000 }
const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`

const hasIpv6 = await new Promise<boolean>((resolve) => {
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen(0, '::1', () => server.close(() => resolve(true)))
})
const ADDRESSES = ['127.0.0.1', '::1']

/** A gateway on `localhost` where that is both addresses, whatever the machine's hosts file says. */
async function onLocalhost(t: TestContext, to: string, config: GatewayServerConfig = {}) {
  t.mock.method(dns, 'lookup', async () => ADDRESSES.map((address) => ({ address })))
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    shutdown: { signals: false, drain: '15s' },
    pools: { upstream: { endpoints: [to] } },
    routes: [{ path: '/*', pool: 'upstream' }],
    ...config
  }) as GatewayBuilder
  t.after(() => gateway.close())
  const { port } = new URL(await gateway.listen({ port: 0, host: 'localhost' }))
  return { gateway, port: Number(port), connect: (host: string) => rawClient(at(host, port), { t }) }
}

function at(host: string, port: string | number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

type Case = (client: RawClient, upstream: FakeUpstream) => Promise<void>

const TUNED: readonly [what: string, run: Case][] = [
  [
    'asks for an expected body only when somebody reads it',
    async (client, upstream) => {
      const held = upstream.hold()
      await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n')
      await client.until('100 Continue')
      await client.write('body')
      const { request, respond } = await held
      assert.equal(String((await request.finished).body), 'body')
      await respond.answer({})
      assert.equal((await client.response()).interim.length, 1)
    }
  ],
  [
    'asks nobody for the body of a refused request',
    async (client, upstream) => {
      await client.write('POST / HTTP/1.1\r\nHost: a b\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n')
      const { status, interim } = await client.response()
      assert.deepEqual([status, interim.length], [400, 0])
      assert.equal(upstream.requests.length, 0)
    }
  ],
  [
    'says why it refuses a message with two framings',
    async (client, upstream) => {
      await client.write(
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
      )
      const response = await client.response()
      assert.equal(response.status, 400)
      assert.equal(response.header('content-type'), 'application/problem+json')
      assert.equal(await client.closed, 'end')
      assert.equal(upstream.requests.length, 0)
    }
  ],
  [
    'refuses CONNECT',
    async (client) => {
      await client.write('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n')
      assert.equal((await client.response()).status, 405)
    }
  ],
  [
    'takes a request for an upgrade as one without',
    async (client) => {
      await client.write(get('/', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'))
      assert.equal((await client.response()).status, 200)
    }
  ],
  [
    'answers a client that has closed its sending side',
    async (client, upstream) => {
      const held = upstream.hold()
      await client.write(get('/'))
      client.end()
      const { respond } = await held
      await respond.answer({ body: 'late' })
      assert.equal((await client.response()).text, 'late')
    }
  ],
  [
    'takes more header fields than Node counts, and refuses them by name',
    async (client) => {
      await client.write(get('/', 'X: 1\r\n'.repeat(3_000)))
      assert.equal((await client.response()).status, 431)
    }
  ],
  [
    'closes a connection after its most requests',
    async (client) => {
      await client.write(get('/1') + get('/2') + get('/3'))
      assert.equal((await client.response()).header('connection'), 'keep-alive')
      assert.equal((await client.response()).header('connection'), 'close')
      assert.equal(await client.closed, 'end')
    }
  ],
  [
    'handles pipelined requests one after another',
    async (client, upstream) => {
      const held = upstream.hold()
      await client.write(get('/1') + get('/2'))
      const { respond } = await held
      assert.equal(upstream.requests.length, 1)
      await respond.answer({ body: '1' })
      assert.equal((await client.response()).text, '1')
      assert.equal((await client.response()).status, 200)
    }
  ]
]

const skip = hasIpv6 ? false : 'this machine has no ::1'

for (const address of ADDRESSES)
  for (const [what, run] of TUNED)
    test(`at ${address}, a gateway on localhost ${what}`, { ...bounded, skip }, async (t) => {
      const upstream = await fakeUpstream(t)
      const { connect } = await onLocalhost(t, upstream.url, { server: { maxRequestsPerSocket: 2 } })
      await run(await connect(address), upstream)
    })

test('a gateway on localhost that stops takes no new connections at either address, and lets those of both finish', {
  ...bounded,
  skip
}, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, port, connect } = await onLocalhost(t, upstream.url)
  const busy = []
  for (const address of ADDRESSES) {
    const held = upstream.hold()
    const client = await connect(address)
    await client.write(get('/'))
    busy.push({ client, respond: (await held).respond })
  }
  const idle = await Promise.all(ADDRESSES.map(connect))
  for (const client of idle) {
    await client.write(get('/'))
    await client.response()
  }
  let closed = false
  const closing = gateway.close().then(() => {
    closed = true
  })
  await until(() => gateway.state === 'draining')
  for (const client of idle) assert.equal(await client.closed, 'end')
  for (const address of ADDRESSES)
    await assert.rejects(rawClient(at(address, port)), { code: 'ECONNREFUSED' })
  for (const { client, respond } of busy) {
    assert.equal(closed, false)
    await respond.answer({ body: 'finished' })
    const response = await client.response()
    assert.equal(response.text, 'finished')
    assert.equal(response.header('connection'), 'close')
    await client.closed
  }
  await closing
  for (const connection of upstream.connections) await connection.closed
})

test('what is cut off in the end is cut off at both addresses', { ...bounded, skip }, async (t) => {
  const upstream = await fakeUpstream(t, () => {})
  const { gateway, connect } = await onLocalhost(t, upstream.url, {
    shutdown: { signals: false, drain: '100ms' }
  })
  const clients = await Promise.all(ADDRESSES.map(connect))
  for (const client of clients) await client.write(get('/'))
  await upstream.request(2)
  await gateway.close()
  for (const client of clients) await client.closed
})

test('a gateway on localhost does without the address that is not to be had', {
  ...bounded,
  skip
}, async (t) => {
  const upstream = await fakeUpstream(t)
  t.mock.method(dns, 'lookup', async () => [{ address: '127.0.0.1' }, { address: '2001:db8::1' }])
  const gateway = createGateway({ logger: false, accessLog: false, shutdown: { signals: false } })
  t.after(() => gateway.close())
  const url = await gateway
    .route('/*', upstream.url as `http://${string}`)
    .listen({ port: 0, host: 'localhost' })
  const client = await rawClient(url, { t })
  await client.write(get('/'))
  assert.equal((await client.response()).status, 200)
})

type Found = (error: null, ...found: unknown[]) => void

test("Fastify's own listen makes no second server beside the gateway's", bounded, async (t) => {
  t.mock.method(callbackDns, 'lookup', (_host: string, ...rest: (object | Found)[]) => {
    const done = rest.at(-1) as Found
    if (rest.length === 1) done(null, '127.0.0.1', 4)
    else
      done(
        null,
        ADDRESSES.map((address) => ({ address }))
      )
  })
  const gateway = createGateway({ logger: false, accessLog: false, shutdown: { signals: false } })
  t.after(() => gateway.close())
  const { app } = gateway.route('/*', 'http://127.0.0.1:1')
  await app.listen({ port: 0, host: 'localhost' })
  assert.equal(app.addresses().length, 1)
})
