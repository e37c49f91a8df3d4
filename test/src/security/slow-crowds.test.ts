import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { fakeUpstream, type RawResponse, rawClient, rawRequest } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const LIMIT = { timeout: 90_000 }
const NORMAL = 50
const LARGE = Buffer.alloc(16 * 1024 ** 2)

const GET = 'GET /good HTTP/1.1\r\nHost: a\r\n\r\n'
const GET_LARGE = 'GET /large HTTP/1.1\r\nHost: a\r\n\r\n'

/** Clients that send this, and read nothing of what comes. */
async function crowd(t: TestContext, port: number, size: number, request: string): Promise<Socket[]> {
  const sockets = Array.from({ length: size }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    t.after(() => socket.destroy())
    socket.pause()
    socket.write(request)
    return socket
  })
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  return sockets
}

function assertGood(response: RawResponse): void {
  assert.deepEqual([response.status, response.text], [200, 'ok'])
}

async function answersOthers(port: number): Promise<void> {
  for (let i = 0; i < NORMAL; i++) assertGood(await rawRequest(port, GET))
}

test(
  'with 1,500 clients that hardly send their bodies, the requests of another all succeed',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t, { body: 'ok' })
    const started = await startGateway(t, singlePool(upstream.url))
    await crowd(t, started.port, 1_500, 'POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\na')
    await until(() => inFlight(started) >= 1_024)
    await answersOthers(started.port)
  }
)

test(
  'with 1,500 clients that do not read their answers, the requests of another all succeed',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t, ({ target }) => ({ body: target === '/large' ? LARGE : 'ok' }))
    const started = await startGateway(t, singlePool(upstream.url))
    await crowd(t, started.port, 1_500, GET_LARGE)
    await until(() => inFlight(started) >= 1_024)
    await answersOthers(started.port)
    assert.ok(upstream.connections.length >= 1_024)
  }
)

test(
  'a client that does not read is left alone until a request waits, then cut off as client_too_slow',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t, ({ target }) => ({ body: target === '/large' ? LARGE : 'ok' }))
    const started = await startGateway(t, singlePool(upstream.url, { connections: { max: 1 } }))
    const exchanges = watchExchanges(started)
    const slow = await rawClient(started.port, { t })
    await slow.write(GET_LARGE)
    await slow.head()
    slow.pause()
    assertGood(await rawRequest(started.port, GET))
    const exchange = await exchanges.nth(1)
    assert.deepEqual(
      [exchange.reason, exchange.status, exchange.attempts[0]?.failure],
      ['client_too_slow', 200, 'client_too_slow']
    )
    assert.equal(await upstream.requests[0]?.aborted, 'response')
  }
)
