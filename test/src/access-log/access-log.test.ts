import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { ACCESS_LOG_FIELDS, type AccessLogLine, type GatewayServerConfig } from '@gatewright/gateway'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }
const CLOSED = 'http://127.0.0.1:1'
const GET = crlf`GET /users/7?token=secret HTTP/1.1
Host: api.example:8080
Connection: close

`

type AccessLogOptions = Exclude<NonNullable<GatewayServerConfig['accessLog']>, boolean>

interface Logged extends StartedGateway {
  readonly lines: readonly AccessLogLine[]
  /** The `n`th line from 1, as soon as it is written. */
  line(n?: number): Promise<AccessLogLine>
}

/** A gateway whose access log is kept. */
async function logged(
  t: TestContext,
  to: string | GatewayServerConfig,
  options: AccessLogOptions = {}
): Promise<Logged> {
  const lines: AccessLogLine[] = []
  const awaited = new Map<number, (line: AccessLogLine) => void>()
  const destination = {
    write(text: string) {
      const line = JSON.parse(text) as AccessLogLine
      awaited.get(lines.push(line))?.(line)
    }
  }
  const started = await startGateway(t, to, { accessLog: { destination, ...options } })
  return {
    ...started,
    lines,
    async line(n = 1) {
      return lines[n - 1] ?? new Promise((resolve) => awaited.set(n, resolve))
    }
  }
}

/** The fields that differ from one run to the next, replaced by their type. */
function steady(line: AccessLogLine): Record<string, unknown> {
  const varying = /^(?:timestamp|request_id|.*_ms|ms)$/
  return JSON.parse(JSON.stringify(line), (name, value) =>
    // Only there where the gateway has stood still.
    name === 'stalled_ms' ? undefined : varying.test(name) && value !== null ? typeof value : value
  )
}

const EMPTY = {
  level: 'info',
  timestamp: 'string',
  request_id: 'string',
  method: 'GET',
  path: '/users/7',
  host: 'api.example',
  route: null,
  pool: null,
  endpoint: null,
  status: 0,
  duration_ms: 'number',
  upstream_duration_ms: null,
  retries: 0,
  cache: null,
  breaker_state: null,
  canary_variant: null,
  reason: null,
  attempts: null,
  queue_ms: null,
  connect_ms: null,
  first_byte_ms: null,
  client: '127.0.0.1',
  bytes_received: 0,
  bytes_sent: 0,
  trace_id: null,
  observed: null,
  fallback: null
}
const ANSWERED = {
  upstream_duration_ms: 'number',
  queue_ms: 'number',
  connect_ms: 'number',
  first_byte_ms: 'number'
}
const ALONE = { hedge: false, cancelled: false, reconnected: false }
const GONE = { ...ALONE, queue_ms: 'number', connect_ms: 'number', first_byte_ms: null, ms: 'number' }

test('a success has every field', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const { port, line } = await logged(t, {
    pools: { users: { endpoints: [upstream.url], circuitBreaker: true } },
    routes: [{ id: 'users', path: '/users/*', pool: 'users' }]
  })
  const response = await rawRequest(port, GET)
  const found = await line()
  assert.deepEqual(steady(found), {
    ...EMPTY,
    ...ANSWERED,
    route: 'users',
    pool: 'users',
    endpoint: upstream.url,
    status: 200,
    breaker_state: 'closed',
    bytes_sent: 5
  })
  assert.equal(found.request_id, response.header('x-request-id'))
  assert.ok(Math.abs(Date.parse(found.timestamp) - Date.now()) < 60_000)
  const { queue_ms, connect_ms, first_byte_ms, upstream_duration_ms, duration_ms } = found
  const parts = [queue_ms, connect_ms, first_byte_ms].map(Number).reduce((sum, ms) => sum + ms)
  assert.ok(parts <= Number(upstream_duration_ms) && Number(upstream_duration_ms) <= duration_ms)
  const absent = ['detail', 'query', 'headers']
  assert.deepEqual(
    Object.keys(found),
    ACCESS_LOG_FIELDS.filter((name) => !absent.includes(name))
  )
})

test('fields of features stand behind the others where the configuration uses them', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port, line } = await logged(t, {
    pools: { users: { endpoints: [upstream.url] } },
    authentication: {
      schemes: { ada: { type: 'custom', authenticate: () => ({ subject: 'ada' }) } }
    },
    routes: [
      { id: 'users', path: '/users/*', pool: 'users', auth: 'ada' },
      { id: 'open', path: '/open', pool: 'users' }
    ]
  })
  await rawRequest(port, GET)
  const found = { ...(await line()) } as Record<string, unknown>
  assert.deepEqual(Object.keys(found).slice(-3), ['subject', 'consumer', 'auth_scheme'])
  assert.deepEqual([found.subject, found.consumer, found.auth_scheme], ['ada', null, 'ada'])
})

test('a request that was tried again shows every attempt', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port, line } = await logged(t, {
    pools: { users: { endpoints: [CLOSED, upstream.url], balancing: 'first', retry: {} } },
    routes: [{ path: '/users/*', pool: 'users' }]
  })
  await rawRequest(port, GET)
  const { attempts, retries, endpoint, status, reason } = steady(await line())
  assert.deepEqual([retries, endpoint, status, reason], [1, upstream.url, 200, null])
  assert.deepEqual(attempts, [
    { endpoint: CLOSED, status: null, failure: 'upstream_connect_failed', ...GONE },
    { endpoint: upstream.url, status: 200, failure: null, ...GONE, first_byte_ms: 'number' }
  ])
})

test('a request for which there is no route', bounded, async (t) => {
  const { port, line } = await logged(t, { pools: { a: { endpoints: [CLOSED] } } })
  await rawRequest(port, GET)
  const { bytes_sent, ...rest } = steady(await line())
  assert.deepEqual({ ...rest, bytes_sent: 0 }, { ...EMPTY, status: 404, reason: 'route_not_found' })
})

test('a path that was refused, without its query', bounded, async (t) => {
  const { port, line } = await logged(t, { pools: { a: { endpoints: [CLOSED] } } })
  await rawRequest(
    port,
    crlf`GET /a/../b?token=secret HTTP/1.1
Host: a

`
  )
  const found = await line()
  assert.deepEqual([found.status, found.reason, found.route], [400, 'path_rejected', null])
  assert.match(found.detail ?? '', /^'\/a\/\.\.\/b\?…' must /)
})

test('a client that left before it had an answer', bounded, async (t) => {
  const upstream = await fakeUpstream(t, () => {})
  const { port, line } = await logged(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(GET)
  await upstream.request(1)
  client.close()
  const found = steady(await line())
  assert.deepEqual([found.status, found.reason, found.bytes_sent], [499, 'client_closed', 0])
  assert.deepEqual(found.attempts, [
    { endpoint: upstream.url, status: null, failure: 'client_closed', ...GONE }
  ])
})

test('a fallback tells what it stands in for', bounded, async (t) => {
  const { port, line } = await logged(t, {
    pools: { users: { endpoints: [CLOSED] } },
    routes: [{ path: '/*', pool: 'users', fallback: { respond: { status: 200, body: 'later' } } }]
  })
  const response = await rawRequest(port, GET)
  assert.equal(response.text, 'later')
  const { status, fallback, attempts } = await line()
  assert.deepEqual([status, fallback, attempts?.length], [200, 'upstream_connect_failed', 1])
})

test('what a policy would have refused is logged', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { status: 500 })
  const circuitBreaker = { minRequests: 1, mode: 'observe' } as const
  const { port, line } = await logged(t, {
    pools: { users: { endpoints: [upstream.url], circuitBreaker } },
    routes: [{ path: '/*', pool: 'users' }]
  })
  await rawRequest(port, GET)
  await rawRequest(port, GET)
  assert.deepEqual((await line(1)).observed, null)
  assert.deepEqual((await line(2)).observed, ['circuit_open'])
})

test('with a share of successes, errors are logged all the same', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const options = { successes: 0 }
  const { port, line, lines } = await logged(t, upstream.url, options)
  upstream.next({}, { status: 404 }, {}, { status: 500 })
  for (let n = 0; n < 4; n++) await rawRequest(port, GET)
  assert.deepEqual([(await line(1)).status, (await line(2)).status, lines.length], [404, 500, 2])
})

test('the same requests are logged by every gateway', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const chosen: string[][] = []
  for (let n = 0; n < 2; n++) {
    const ids: string[] = []
    const destination = { write: (text: string) => ids.push(JSON.parse(text).request_id) }
    const more = { trustedProxies: ['127.0.0.1'], accessLog: { successes: 30, destination } }
    const { url, gateway } = await startGateway(t, upstream.url, more)
    for (let id = 0; id < 60; id++)
      await (await fetch(url, { headers: { 'x-request-id': `r-${id}` } })).text()
    await gateway.close()
    chosen.push(ids)
  }
  const [one = [], other] = chosen
  assert.deepEqual(one, other)
  assert.ok(one.length > 5 && one.length < 35, `${one.length} of 60`)
})

test(
  'the query and headers are logged when asked for, without secrets and control characters',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port, line } = await logged(t, upstream.url, {
      query: true,
      headers: ['user-agent', 'authorization', 'x-tenant'],
      redactHeaders: ['x-tenant']
    })
    await rawRequest(
      port,
      crlf`GET /?a=1&token=secret&%1b31m HTTP/1.1
Host: a
User-Agent: curl\t${'\x9b31m\xc2\x85'}
Authorization: Bearer secret
X-Tenant: secret

`
    )
    const { query, headers } = await line()
    assert.equal(query, 'a=1&token=***&%1b31m')
    assert.deepEqual(headers, {
      'user-agent': 'curl\ufffd\ufffd31mÂ\ufffd',
      authorization: '***',
      'x-tenant': '***'
    })
  }
)

test(
  'a destination that is never read delays no request, and what it cannot take is counted',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const stuck = new Writable({ write: () => {} })
    const { gateway, url } = await startGateway(t, upstream.url, {
      accessLog: { destination: stuck, maxBuffer: '16KiB' },
      shutdown: { signals: false, drain: '0ms' }
    })
    for (let n = 0; n < 100; n++) assert.equal(await (await fetch(url)).text(), 'ok')
    const { written, dropped } = gateway.app.accessLog
    assert.ok(stuck.writableLength <= 16 * 1024, `${stuck.writableLength} bytes`)
    assert.ok(written > 10 && dropped > 10, `${written} written, ${dropped} dropped`)
    assert.ok(written + dropped >= 99)
  }
)

test('a destination that throws hurts no request, and is reported once', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const told: string[] = []
  const { gateway, url } = await startGateway(t, upstream.url, {
    logger: { level: 'error', stream: { write: (line: string) => told.push(line) } },
    accessLog: {
      destination: {
        write() {
          throw new Error('no more paper')
        }
      }
    }
  })
  for (let n = 0; n < 3; n++) assert.equal((await fetch(url)).status, 200)
  await gateway.close()
  assert.deepEqual(gateway.app.accessLog.written, 0)
  assert.equal(gateway.app.accessLog.dropped, 3)
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /no more paper.*the access log cannot be written/)
})
