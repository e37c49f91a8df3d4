import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { AttemptRecord } from '@gatewright/core'
import { type FakeUpstream, fakeUpstream, rawRequest, type Script } from '@gatewright/testing'
import { inFlight, singlePool } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { type ClosedExchanges, watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }

const request = (method: string, body?: string): string =>
  `${method} / HTTP/1.1\r\nHost: a\r\n${body === undefined ? '' : `content-length: ${body.length}\r\n`}\r\n${body ?? ''}`

interface Setting {
  readonly upstream: FakeUpstream
  readonly started: StartedGateway
  readonly exchanges: ClosedExchanges
}

// The gateway keeps one connection that has served a request.
async function withIdleConnection(
  t: TestContext,
  route: Parameters<typeof singlePool>[2] = {}
): Promise<Setting> {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, singlePool(upstream.url, {}, route))
  const exchanges = watchExchanges(started)
  await rawRequest(started.port, request('GET'))
  await exchanges.nth(1)
  return { upstream, started, exchanges }
}

const buffering = {
  hooks: {
    async preHandler({ exchange }: { exchange: { buffer(): Promise<Buffer> } | null }) {
      await exchange?.buffer()
    }
  }
} as NonNullable<Parameters<typeof singlePool>[2]>

async function attemptOf(exchanges: ClosedExchanges, n: number): Promise<AttemptRecord> {
  const { attempts } = await exchanges.nth(n)
  assert.equal(attempts.length, 1)
  return attempts[0] as AttemptRecord
}

for (const by of ['close', 'reset'] as const) {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
    test(`${method} without a body survives a stale connection (${by})`, bounded, async (t) => {
      const { upstream, started, exchanges } = await withIdleConnection(t)
      upstream.breakReused(1, by)
      const response = await rawRequest(started.port, request(method))
      assert.equal(response.status, 200)
      assert.equal(upstream.breaksLeft, 0)
      assert.deepEqual(
        upstream.requests.map((seen) => [seen.method, seen.connection]),
        [
          ['GET', 1],
          [method, 2]
        ]
      )
      const attempt = await attemptOf(exchanges, 2)
      assert.equal(attempt.reconnected, true)
      assert.equal(attempt.failure, null)
      assert.equal(attempt.status, 200)
      assert.equal(inFlight(started), 0)
      assert.equal(attempt.endpoint.started, 2, 'policies and observers know of one attempt')
    })

  const REPORTED: readonly [what: string, text: string][] = [
    ['POST without a body', request('POST', '')],
    ['POST with a body', request('POST', 'body')],
    ['PATCH', request('PATCH', 'body')],
    ['PUT with a streamed body', request('PUT', 'body')]
  ]
  for (const [what, text] of REPORTED)
    test(`${what} is never sent twice: a stale connection means 502 (${by})`, bounded, async (t) => {
      const { upstream, started, exchanges } = await withIdleConnection(t)
      upstream.breakReused(1, by)
      const response = await rawRequest(started.port, text)
      assert.equal(response.status, 502)
      assert.equal(JSON.parse(response.text).reason, 'upstream_reset')
      assert.equal(upstream.requests.length, 1)
      assert.equal(upstream.connections.length, 1)
      const attempt = await attemptOf(exchanges, 2)
      assert.equal(attempt.reused, true)
      assert.equal(attempt.reconnected, false)
      assert.equal(inFlight(started), 0)
    })

  test(`a body that was buffered is sent again with an idempotent method (${by})`, bounded, async (t) => {
    const { upstream, started, exchanges } = await withIdleConnection(t, buffering)
    upstream.breakReused(1, by)
    assert.equal((await rawRequest(started.port, request('PUT', 'body'))).status, 200)
    const seen = await upstream.request(2)
    assert.equal(seen.connection, 2)
    assert.equal(String(seen.body), 'body')
    assert.equal((await attemptOf(exchanges, 2)).reconnected, true)
  })

  test(`a body that was buffered is not sent again with POST (${by})`, bounded, async (t) => {
    const { upstream, started } = await withIdleConnection(t, buffering)
    upstream.breakReused(1, by)
    assert.equal((await rawRequest(started.port, request('POST', 'body'))).status, 502)
    assert.equal(upstream.requests.length, 1)
  })

  test(`a failure of the fresh connection is reported (${by})`, bounded, async (t) => {
    const { upstream, started, exchanges } = await withIdleConnection(t)
    upstream.breakReused(1, by)
    upstream.welcome = by
    const response = await rawRequest(started.port, request('GET'))
    assert.equal(response.status, 502)
    assert.equal(JSON.parse(response.text).reason, 'upstream_reset')
    assert.equal(upstream.connections.length, 2)
    const attempt = await attemptOf(exchanges, 2)
    assert.equal(attempt.reconnected, true)
    assert.equal(attempt.failure, 'upstream_reset')
    assert.equal(inFlight(started), 0)
  })

  test(`several connections that are stale at once do no harm (${by})`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const held = Array.from({ length: 5 }, () => upstream.hold())
    const started = await startGateway(t, upstream.url)
    const exchanges = watchExchanges(started)
    const five = (): Promise<{ readonly status: number }>[] =>
      Array.from({ length: 5 }, () => rawRequest(started.port, request('GET')))
    const first = five()
    for (const { respond } of await Promise.all(held)) await respond.answer()
    await Promise.all(first)
    await exchanges.nth(5)
    assert.equal(upstream.connections.length, 5)

    upstream.breakReused(5, by)
    for (const { status } of await Promise.all(five())) assert.equal(status, 200)
    await exchanges.nth(10)
    assert.equal(upstream.breaksLeft, 0)
    assert.equal(upstream.requests.length, 10)
    assert.equal(exchanges.all.filter(({ attempts }) => attempts[0]?.reconnected).length, 5)
    assert.equal(inFlight(started), 0)
  })
}

const BEGUN: readonly [when: string, script: Script][] = [
  ['within the head', { cut: 'mid-head', end: 'reset' }],
  ['after the head', { cut: 'after-head', end: 'reset', body: 'hello' }],
  ['within the body', { cut: 'mid-body', end: 'reset', body: 'hello' }]
]

for (const [when, script] of BEGUN)
  test(`a connection that breaks ${when} was not stale: nothing is sent again`, bounded, async (t) => {
    const { upstream, started, exchanges } = await withIdleConnection(t)
    upstream.next(script)
    const { status, complete } = await rawRequest(started.port, request('GET'))
    assert.ok(status === 502 || !complete)
    const attempt = await attemptOf(exchanges, 2)
    assert.equal(attempt.reused, true)
    assert.equal(attempt.reconnected, false)
    assert.equal(attempt.failure, 'upstream_reset')
    assert.equal(upstream.requests.length, 2)
  })

test('a connection that the upstream closed while it was idle is not used', bounded, async (t) => {
  const { upstream, started, exchanges } = await withIdleConnection(t)
  upstream.closeIdle()
  await upstream.connectionClosed(1)
  // Lets the gateway read the end of the connection, which has come before these.
  for (let i = 0; i < 3; i++) await rawRequest(started.port, 'GET /\\ HTTP/1.1\r\nHost: a\r\n\r\n')
  const response = await rawRequest(started.port, request('POST', 'body'))
  assert.equal(response.status, 200)
  assert.equal(upstream.requests.at(-1)?.connection, 2)
  const attempt = await attemptOf(exchanges, 5)
  assert.equal(attempt.reused, false)
  assert.equal(attempt.reconnected, false)
})
