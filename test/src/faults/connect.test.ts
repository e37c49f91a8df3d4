import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { isUpstreamFault, type Reason } from '@gatewright/core'
import { crlf, fakeUpstream, rawClient, testCertificates, type Welcome } from '@gatewright/testing'
import { blackHole } from '../support/black-hole.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const GET = crlf`GET /secret-path HTTP/1.1
Host: a

`
const LIMITS = { connect: '100ms', tlsHandshake: '100ms' } as const
const LIMIT_MS = 100
// Far below every default limit, far above what a busy machine needs.
const SOON_MS = 2_500

async function refused(): Promise<string> {
  const upstream = await fakeUpstream(null)
  const { url } = upstream
  await upstream.close()
  return url
}

async function met(t: TestContext, by: Welcome, scheme = 'http'): Promise<string> {
  const upstream = await fakeUpstream(t)
  upstream.welcome = by
  return `${scheme}://${upstream.host}`
}

async function untrusted(t: TestContext): Promise<string> {
  const upstream = await fakeUpstream(t, {}, { tls: testCertificates.server })
  return upstream.url
}

async function plainText(t: TestContext): Promise<string> {
  // What comes is no HTTP, which would fail the test.
  const upstream = await fakeUpstream(null)
  t.after(() => upstream.close())
  return `https://${upstream.host}`
}

interface Fault {
  /** An upstream … */
  readonly that: string
  readonly endpoint: (t: TestContext) => string | Promise<string>
  readonly reason: Reason
  readonly status: 502 | 504
  /** Whether the request may have reached the upstream. */
  readonly sent?: boolean
  readonly atLeastMs?: number
}

const FAULTS: readonly Fault[] = [
  { that: 'that refuses connections', endpoint: refused, reason: 'upstream_connect_failed', status: 502 },
  {
    that: 'whose name cannot be resolved',
    // Longer than a label can be, so that no resolver is asked.
    endpoint: () => `http://${'a'.repeat(64)}.invalid`,
    reason: 'upstream_connect_failed',
    status: 502
  },
  {
    that: 'that does not accept the connection in time',
    endpoint: blackHole,
    reason: 'upstream_connect_timeout',
    status: 504,
    atLeastMs: LIMIT_MS
  },
  {
    that: 'that does not finish the TLS handshake in time',
    endpoint: (t) => met(t, 'silence', 'https'),
    reason: 'upstream_connect_timeout',
    status: 504,
    atLeastMs: LIMIT_MS
  },
  {
    that: 'that closes the connection during the TLS handshake',
    endpoint: (t) => met(t, 'close', 'https'),
    reason: 'upstream_connect_failed',
    status: 502
  },
  {
    that: 'that does not speak TLS where it should',
    endpoint: plainText,
    reason: 'upstream_tls_failed',
    status: 502
  },
  {
    that: 'whose certificate is not trusted',
    endpoint: untrusted,
    reason: 'upstream_tls_failed',
    status: 502
  },
  {
    that: 'that closes the connection at once',
    endpoint: (t) => met(t, 'close'),
    reason: 'upstream_reset',
    status: 502,
    sent: true
  },
  {
    that: 'that resets the connection at once',
    endpoint: (t) => met(t, 'reset'),
    reason: 'upstream_reset',
    status: 502,
    sent: true
  }
]

for (const { that, endpoint, reason, status, sent = false, atLeastMs = 0 } of FAULTS)
  test(`an upstream ${that} means ${status} ${reason}`, {
    timeout: 20_000
  }, async (t) => {
    const url = await endpoint(t)
    const started = await startGateway(t, singlePool(url, { timeouts: LIMITS }))
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    const response = await client.response()

    assert.equal(response.status, status)
    assert.equal(response.header('content-type'), 'application/problem+json')
    const problem = JSON.parse(response.text)
    assert.equal(problem.reason, reason)
    assert.equal(problem.requestId, response.header('x-request-id'))
    assert.ok(!response.raw.includes(new URL(url).host), 'the answer must not name the upstream')

    const exchange = await exchanges.nth(1)
    assert.equal(exchange.reason, reason)
    assert.equal(exchange.attempts.length, 1)
    const [attempt] = exchange.attempts as [(typeof exchange.attempts)[number]]
    assert.equal(attempt.failure, reason)
    assert.equal(attempt.sent, sent)
    assert.equal(attempt.status, 0)
    assert.equal(attempt.headAt, 0)
    assert.equal(attempt.endpoint.url, url)
    assert.equal(isUpstreamFault(attempt), true)
    const tookMs = attempt.endedAt - attempt.startedAt
    assert.ok(tookMs >= atLeastMs - 1 && tookMs < SOON_MS, `${tookMs} ms`)
    assert.equal(inFlight(started), 0)

    await client.write(GET)
    assert.equal((await client.response()).status, status, 'the client connection goes on')
  })

test('an upstream that has come back is used again', async (t) => {
  const gone = await fakeUpstream(null)
  const { port } = await startGateway(t, gone.url)
  await gone.close()
  const client = await rawClient(port, { t })
  await client.write(GET)
  assert.equal((await client.response()).status, 502)
  const back = await fakeUpstream(t, undefined, { port: gone.port })
  await client.write(GET)
  assert.equal((await client.response()).status, 200)
  assert.equal(back.requests.length, 1)
})

test('a connect time limit of 0ms is none', async (t) => {
  const upstream = await fakeUpstream(t, undefined, { tls: testCertificates.server })
  const { port } = await startGateway(
    t,
    singlePool(upstream.url, {
      timeouts: { connect: '0ms', tlsHandshake: '0ms' },
      tls: { ca: testCertificates.ca }
    })
  )
  const client = await rawClient(port, { t })
  await client.write(GET)
  assert.equal((await client.response()).status, 200)
})

test('without a limit for TLS, TCP keeps its own, and the request its own', async (t) => {
  const timeouts = { connect: '100ms', tlsHandshake: '0ms' } as const
  const silent = await fakeUpstream(t, undefined, { tls: testCertificates.server })
  silent.welcome = 'silence'
  const hole = (await blackHole(t)).replace('http:', 'https:')
  const cases: readonly [url: string, reason: string][] = [
    [hole, 'upstream_connect_timeout'],
    [silent.url, 'deadline_exceeded']
  ]
  for (const [url, reason] of cases) {
    const route = { timeouts: { total: '600ms' } } as const
    const { port } = await startGateway(
      t,
      singlePool(url, { timeouts, tls: { ca: testCertificates.ca } }, route)
    )
    const client = await rawClient(port, { t })
    await client.write(GET)
    const answer = await client.response()
    assert.deepEqual([answer.status, JSON.parse(answer.text).reason], [504, reason])
  }
})

test('requests that wait for a connection which is never made fail one by one, and none is left', {
  timeout: 20_000
}, async (t) => {
  const url = await blackHole(t)
  const started = await startGateway(
    t,
    singlePool(url, { timeouts: LIMITS, connections: { max: 2, queueTimeout: '150ms' } })
  )
  const exchanges = watchExchanges(started)
  const statuses = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const client = await rawClient(started.port, { t })
      await client.write(GET)
      const { text } = await client.response()
      return JSON.parse(text).reason
    })
  )
  await exchanges.nth(10)
  const count = (reason: Reason): number => statuses.filter((status) => status === reason).length
  assert.ok(count('upstream_connect_timeout') >= 2)
  assert.equal(count('upstream_connect_timeout') + count('pool_queue_timeout'), 10)
  assert.equal(inFlight(started), 0)
})
