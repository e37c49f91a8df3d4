import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AttemptRecord, type Exchange, isUpstreamFault } from '@gatewright/core'
import { crlf, fakeUpstream, type RawClient, rawClient, rawRequest, type Script } from '@gatewright/testing'
import { blackHole } from '../support/black-hole.js'
import { until } from '../support/leaks.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { startOnVirtualTime } from '../support/virtual-time.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const GET = crlf`GET / HTTP/1.1
Host: a

`
const UPLOAD = 'POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 10\r\n\r\nhello'
const SILENT: Script = () => {}
const bounded = { timeout: 20_000 }

const WAYS: readonly [way: string, leave: (client: RawClient) => void][] = [
  ['closes', (client) => client.close()],
  ['resets', (client) => client.reset()]
]

// Nobody is to blame for a client that has left.
function assertLeft(exchange: Exchange, status: number, sent: boolean): AttemptRecord {
  assert.equal(exchange.reason, 'client_closed')
  assert.equal(exchange.status, status)
  assert.equal(exchange.attempts.length, 1)
  const attempt = exchange.attempts[0] as AttemptRecord
  assert.equal(attempt.failure, 'client_closed')
  assert.equal(attempt.sent, sent)
  assert.ok(attempt.endedAt > 0)
  assert.equal(isUpstreamFault(attempt), false)
  return attempt
}

for (const [way, leave] of WAYS) {
  test(
    `a client that ${way} while it sends its body takes the upstream request along`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const started = await startGateway(t, upstream.url)
      const exchanges = watchExchanges(started)
      const client = await rawClient(started.port, { t })
      await client.write(UPLOAD)
      const seen = await upstream.request(1)
      await seen.received(5)
      leave(client)
      assert.equal(await seen.aborted, 'request')
      assertLeft(await exchanges.nth(1), 499, true)
      assert.equal(inFlight(started), 0)
    }
  )

  test(
    `a client that ${way} before the head of the answer takes the upstream request along`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t, SILENT)
      const started = await startGateway(t, upstream.url)
      const exchanges = watchExchanges(started)
      const client = await rawClient(started.port, { t })
      await client.write(GET)
      const seen = await upstream.request(1)
      leave(client)
      assert.equal(await seen.aborted, 'waiting')
      const attempt = assertLeft(await exchanges.nth(1), 499, true)
      assert.equal(attempt.status, 0)
      assert.equal(inFlight(started), 0)
    }
  )

  test(`a client that ${way} within the answer takes the upstream request along`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, (_request, respond) => void respond.stream().write('hello'))
    const started = await startGateway(t, upstream.url, { server: { halfClosedTimeout: '200ms' } })
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    await client.until('hello')
    leave(client)
    assert.equal(await upstream.requests[0]?.aborted, 'response')
    const attempt = assertLeft(await exchanges.nth(1), 200, true)
    assert.equal(attempt.status, 200)
    assert.equal(inFlight(started), 0)
  })

  test(`a client that ${way} while it waits for a connection leaves the line`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const held = upstream.hold()
    const started = await startGateway(
      t,
      singlePool(upstream.url, { connections: { max: 1, queueTimeout: '10s' } })
    )
    const exchanges = watchExchanges(started)
    const first = rawRequest(started.port, GET)
    const { respond } = await held
    const client = await rawClient(started.port, { t })
    await client.write(crlf`GET /left HTTP/1.1
Host: a

`)
    await until(() => inFlight(started) === 2)
    leave(client)
    const attempt = assertLeft(await exchanges.nth(1), 499, false)
    assert.equal(attempt.failure, 'client_closed')
    assert.equal(inFlight(started), 1)
    await respond.answer({ body: 'first' })
    assert.equal((await first).text, 'first')
    assert.equal((await rawRequest(started.port, GET)).status, 200)
    assert.ok(upstream.requests.every(({ target }) => target === '/'))
    assert.equal(upstream.connections.length, 1)
  })

  test(`a client that ${way} while its connection is made frees the place`, bounded, async (t) => {
    const started = await startGateway(
      t,
      singlePool(await blackHole(t), {
        timeouts: { connect: '800ms' },
        connections: { max: 1, queueTimeout: '100ms' }
      })
    )
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    await until(() => inFlight(started) === 1)
    leave(client)
    assertLeft(await exchanges.nth(1), 499, false)
    assert.equal(inFlight(started), 0)
    const next = await rawRequest(started.port, GET)
    assert.equal(JSON.parse(next.text).reason, 'upstream_connect_timeout', 'it did not have to wait in line')
  })

  test(`a client that ${way} during the TLS handshake ends it`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    upstream.welcome = 'silence'
    const started = await startGateway(
      t,
      singlePool(`https://${upstream.host}`, { timeouts: { tlsHandshake: '10s' } })
    )
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    const { socket } = await upstream.connection(1)
    socket.resume()
    leave(client)
    assertLeft(await exchanges.nth(1), 499, false)
    await upstream.connectionClosed(1)
    assert.equal(inFlight(started), 0)
  })

  test(`a client that ${way} takes all its pipelined requests along`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, SILENT)
    const started = await startGateway(t, upstream.url, { server: { pipelining: 3 } })
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET + GET + GET)
    await upstream.request(3)
    leave(client)
    for (const seen of upstream.requests) assert.equal(await seen.aborted, 'waiting')
    await exchanges.nth(3)
    for (const exchange of exchanges.all) assertLeft(exchange, 499, true)
    assert.equal(inFlight(started), 0)
  })
}

test('a client that leaves between pipelined requests has had the first answer', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  upstream.next({ body: 'first' })
  const started = await startGateway(t, upstream.url)
  const exchanges = watchExchanges(started)
  const client = await rawClient(started.port, { t })
  await client.write(GET + GET)
  assert.equal((await client.response()).text, 'first')
  const seen = await upstream.request(2)
  client.close()
  assert.equal(await seen.aborted, 'waiting')
  const [first, second] = [await exchanges.nth(1), await exchanges.nth(2)]
  assert.equal(first.status, 200)
  assert.equal(first.reason, null)
  assertLeft(second, 499, true)
  assert.equal(inFlight(started), 0)
  upstream.answers({})
  await rawRequest(started.port, 'GET /again HTTP/1.1\r\nHost: a\r\n\r\n')
  await exchanges.nth(3)
  assert.deepEqual(
    exchanges.all.map(({ path }) => path),
    ['/', '/', '/again'],
    'each is over once'
  )
})

test(
  'a client that leaves an answer it has not read takes the upstream request along',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, { body: Buffer.alloc(64 * 1024 * 1024) })
    const started = await startGateway(t, upstream.url)
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    await client.until('\r\n\r\n')
    client.pause()
    client.reset()
    assert.equal(await upstream.requests[0]?.aborted, 'response')
    assertLeft(await exchanges.nth(1), 200, true)
    assert.equal(inFlight(started), 0)
  }
)

test(
  'a client that stops reading is cut off by the idle limit, and the upstream is not blamed',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, { body: Buffer.alloc(64 * 1024 * 1024) })
    const started = await startGateway(t, singlePool(upstream.url, { timeouts: { idle: '200ms' } }))
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    await client.until('\r\n\r\n')
    client.pause()
    assert.equal(await upstream.requests[0]?.aborted, 'response')
    assertLeft(await exchanges.nth(1), 200, true)
    assert.equal(inFlight(started), 0)
    client.resume()
    assert.equal((await client.response()).complete, false)
  }
)

test('a client that has closed its side after the request still gets its answer', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const started = await startGateway(t, upstream.url)
  const exchanges = watchExchanges(started)
  const client = await rawClient(started.port, { t })
  await client.write(GET)
  const { respond } = await held
  client.end()
  // Every connection made now is accepted after the end of the first one has been read.
  await rawRequest(started.port, GET)
  await respond.answer({ body: 'still there' })
  assert.equal((await client.response()).text, 'still there')
  assert.equal((await exchanges.nth(2)).reason, null)
})

test('a client that closes its side within its body has left', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, upstream.url)
  const exchanges = watchExchanges(started)
  const client = await rawClient(started.port, { t })
  await client.write(UPLOAD)
  const seen = await upstream.request(1)
  await seen.received(5)
  client.end()
  assert.equal(await seen.aborted, 'request')
  assertLeft(await exchanges.nth(1), 499, true)
  assert.equal(inFlight(started), 0)
})

test('a client that leaves while a retry is due is not tried for again', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { status: 503 })
  const started = await startOnVirtualTime(t, singlePool(upstream.url))
  const exchanges = watchExchanges(started)
  started.gateway.app.gateway.snapshot.stages.retry = {
    decide: (_attempt, { path }) => (path === '/' ? 1_000 : null)
  }
  const client = await rawClient(started.port, { t })
  await client.write(GET)
  await upstream.connectionClosed(1)
  client.close()
  const exchange = await exchanges.nth(1)
  assert.equal(exchange.status, 499)
  assert.equal(exchange.reason, 'client_closed')
  await started.pass(2_000)
  assert.equal(upstream.requests.length, 1)
  assert.equal(inFlight(started), 0)
})
