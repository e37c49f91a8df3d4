import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import {
  crlf,
  type FakeUpstream,
  fakeUpstream,
  type RawClient,
  rawClient,
  rawRequest
} from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const LIMIT = { timeout: 20_000 }

const GET = crlf`GET /good HTTP/1.1
Host: a

`

const POST = crlf`POST /slow HTTP/1.1
Host: a
Content-Length: 1000

a`

// In a machine that has stood still, whoever has just connected was cut off too.
async function served({ port }: StartedGateway): Promise<number> {
  for (let tries = 1; ; tries++) {
    const { status } = await rawRequest(port, GET)
    if (status !== 408 || tries === 5) return status
  }
}

/** A client whose head was taken in time, and has sent the first byte of its body. */
async function begunPost(
  t: TestContext,
  { port }: StartedGateway,
  upstream: FakeUpstream
): Promise<RawClient> {
  for (;;) {
    const slow = await rawClient(port, { t })
    await slow.write(POST)
    if (typeof (await Promise.race([upstream.request(1), slow.closed])) !== 'string') return slow
  }
}

/** Sends one more byte for each answer that another client gets, until the gateway has enough. Counts the answers. */
async function drip(slow: RawClient, byte: string, started: StartedGateway): Promise<number> {
  let answers = 0
  while (!slow.socket.destroyed) {
    assert.equal(await served(started), 200)
    answers++
    await slow.write(byte)
  }
  return answers
}

for (const [what, begun] of [
  ['says nothing', ''],
  ['sends half a request line', 'GET /slow'],
  ['sends half a head', 'GET /slow HTTP/1.1\r\nHost: a\r\nX: '],
  ['sends all but the last byte of its head', 'GET /slow HTTP/1.1\r\nHost: a\r\n\r']
] as const)
  test(`a client that ${what} is cut off within the time for heads, whatever others do`, LIMIT, async (t) => {
    const upstream = await fakeUpstream(t)
    const started = await startGateway(t, upstream.url, { server: { headersTimeout: '150ms' } })
    const clients = await Promise.all(Array.from({ length: 50 }, () => rawClient(started.port, { t })))
    await Promise.all(clients.map((client) => client.write(begun)))
    assert.equal(await served(started), 200)
    await Promise.all(
      clients.map(async (client) => {
        assert.equal((await client.response()).status, 408)
        await client.closed
      })
    )
    assert.equal(upstream.requests.length, 1)
  })

const LIMITS: readonly NonNullable<GatewayServerConfig['server']>[] = [
  { headersTimeout: '10s' },
  { headersTimeout: '10m' },
  { headersTimeout: '0.4s' },
  { requestTimeout: '10s' },
  { requestTimeout: '0ms' },
  { headersTimeout: '596h', requestTimeout: '596h', keepAliveTimeout: '596h' }
]

for (const server of LIMITS)
  test(`a listener takes any times: ${JSON.stringify(server)}`, LIMIT, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url, { server })
    const client = await rawClient(port, { t })
    for (let i = 0; i < 2; i++) {
      await client.write(GET)
      assert.equal((await client.response()).status, 200)
    }
  })

test(
  'a client that drips its head does not get more time, and others are served meanwhile',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const started = await startGateway(t, upstream.url, { server: { headersTimeout: '150ms' } })
    const slow = await rawClient(started.port, { t })
    await slow.write('GET /slow HTTP/1.1\r\nHost: a\r\nX: ')
    const answers = await drip(slow, 'a', started)
    assert.match(slow.received.toString(), /^HTTP\/1\.1 408 /)
    assert.ok(upstream.requests.every(({ target }) => target === '/good'))
    assert.equal(upstream.requests.length, answers)
  }
)

test(
  'a client that drips its body gets 408 when the time for the whole request is over',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const started = await startGateway(t, upstream.url, {
      server: { headersTimeout: '150ms', requestTimeout: '200ms' }
    })
    const slow = await begunPost(t, started, upstream)
    await drip(slow, 'a', started)
    assert.match(slow.received.toString(), /^HTTP\/1\.1 408 /)
    const [seen] = upstream.requests
    assert.equal(seen?.target, '/slow')
    assert.equal(await seen?.aborted, 'request')
  }
)

test(
  'a client that stops sending its body gets 408, and its request upstream is aborted',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const started = await startGateway(t, singlePool(upstream.url, {}, { timeouts: { requestIdle: '60ms' } }))
    const exchanges = watchExchanges(started)
    const slow = await rawClient(started.port, { t })
    await slow.write(POST)
    const response = await slow.response({ to: 'POST' })
    assert.equal(response.status, 408)
    assert.equal(JSON.parse(response.text).reason, 'request_timeout')
    await slow.closed
    assert.equal(await upstream.requests[0]?.aborted, 'request')
    const exchange = await exchanges.nth(1)
    assert.equal(exchange.attempts[0]?.failure, 'request_timeout')
    assert.equal((await rawRequest(started.port, GET)).status, 200)
  }
)

test('a body that arrives slowly but steadily is not idle', LIMIT, async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, singlePool(upstream.url, {}, { timeouts: { requestIdle: '2s' } }))
  const slow = await rawClient(started.port, { t, byteByByte: true })
  await slow.write(POST + 'b'.repeat(999))
  assert.equal((await slow.response({ to: 'POST' })).status, 200)
  assert.equal((await upstream.requests[0]?.finished)?.bodyBytes, 1_000)
})

test('a client that does not read its answer is cut off, and the upstream let go', LIMIT, async (t) => {
  const upstream = await fakeUpstream(t, ({ target }) =>
    target === '/good' ? { body: 'ok' } : { body: Buffer.alloc(64 * 1024 ** 2) }
  )
  const started = await startGateway(t, singlePool(upstream.url, {}, { timeouts: { idle: '150ms' } }))
  const exchanges = watchExchanges(started)
  const slow = await rawClient(started.port, { t })
  await slow.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
  await slow.head()
  slow.pause()
  const seen = await upstream.request(1)
  assert.equal(await seen.aborted, 'response')
  const exchange = await exchanges.nth(1)
  assert.equal(exchange.reason, 'client_closed')
  // What the kernel's buffers take, and not what the gateway could hold.
  assert.ok(exchange.bytesSent < 32 * 1024 ** 2, `${exchange.bytesSent} bytes`)
  assert.equal((await rawRequest(started.port, GET)).status, 200)
  slow.resume()
  assert.equal((await slow.response()).complete, false)
})
