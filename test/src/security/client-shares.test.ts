import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { fakeUpstream, type RawResponse, rawRequest } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const LIMIT = { timeout: 60_000 }
const request = (client: string, path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${client}\r\n\r\n`
const reasonOf = ({ text }: RawResponse): string => JSON.parse(text).reason

test(
  'with connections.perClient one client with 1,000 long requests leaves connections to others',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t, ({ target }) =>
      target === '/long' ? new Promise<never>(() => {}) : { body: 'ok' }
    )
    const started = await startGateway(t, {
      ...singlePool(upstream.url, { connections: { max: 64, perClient: 48, queueTimeout: '30s' } }),
      trustedProxies: ['127.0.0.1']
    })
    const longRequests = (): number => upstream.requests.filter(({ target }) => target === '/long').length
    for (let n = 0; n < 1_000; n++) {
      const socket = connect(started.port, '127.0.0.1').on('error', () => {})
      t.after(() => socket.destroy())
      socket.write(request('192.0.2.1', '/long'))
    }
    await until(() => inFlight(started) === 1_000)
    assert.equal(longRequests(), 48)
    const others = await Promise.all(
      Array.from({ length: 50 }, (_, n) => rawRequest(started.port, request('192.0.2.2', `/${n}`)))
    )
    for (const { status, text } of others) assert.deepEqual([status, text], [200, 'ok'])
    assert.equal(longRequests(), 48)
    assert.equal(inFlight(started), 1_000)
    assert.ok(upstream.connections.length <= 64)
  }
)

test(
  'what a client has beyond its share is refused as any that waits in vain, and the log says why',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t)
    for (const [maxQueue, reason] of [
      [0, 'pool_queue_full'],
      [1, 'pool_queue_timeout']
    ] as const) {
      const connections = { max: 4, perClient: 1, maxQueue, queueTimeout: '50ms' } as const
      const started = await startGateway(t, singlePool(upstream.url, { connections }))
      const exchanges = watchExchanges(started)
      const held = upstream.hold()
      const first = rawRequest(started.port, request('192.0.2.1', '/held'))
      const { respond } = await held
      // Nobody is trusted here: what the client says of itself gives it no second share.
      const refused = await rawRequest(started.port, request('192.0.2.2', '/beyond'))
      assert.deepEqual([refused.status, reasonOf(refused)], [503, reason])
      const { detail, attempts } = await exchanges.nth(1)
      assert.match(String(detail), /the client has its share of the connections$/)
      assert.equal(attempts[0]?.overShare, true)
      await respond.answer()
      assert.equal((await first).status, 200)
      assert.equal((await rawRequest(started.port, request('192.0.2.1', '/next'))).status, 200)
    }
    assert.deepEqual(
      upstream.requests.map(({ target }) => target),
      ['/held', '/next', '/held', '/next']
    )
  }
)

test('a share is given back by clients that leave, retries and resets alike', LIMIT, async (t) => {
  const upstream = await fakeUpstream(t)
  const connections = { max: 4, perClient: 2, queueTimeout: '10s' } as const
  const started = await startGateway(t, singlePool(upstream.url, { connections, retry: { attempts: 3 } }))
  for (let n = 0; n < 10; n++) {
    const held = upstream.hold()
    const socket = connect(started.port, '127.0.0.1').on('error', () => {})
    socket.write(request('192.0.2.1', '/left'))
    await held
    socket.destroy()
    await until(() => inFlight(started) === 0)
    const reset = upstream.hold()
    const answer = rawRequest(started.port, request('192.0.2.1', '/reset'))
    ;(await reset).respond.reset()
    await answer
  }
  const both = Array.from({ length: 2 }, () => upstream.hold())
  const answers = both.map(() => rawRequest(started.port, request('192.0.2.1', '/both')))
  for (const { respond } of await Promise.all(both)) await respond.answer()
  for (const { status } of await Promise.all(answers)) assert.equal(status, 200)
})
