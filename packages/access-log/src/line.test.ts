import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AttemptRecord,
  Endpoint,
  type Exchange,
  Gateway,
  GatewayError,
  type Snapshot
} from '@gatewright/core'
import { type FakeExchangeOptions, fakeAttempt, fakeExchange } from '@gatewright/testing'
import { createAccessLog, lineOf } from './access-log.js'
import { ACCESS_LOG_FIELDS, type AccessLogLine } from './line.js'
import { type AccessLogSettings, resolveAccessLog } from './settings.js'

const ONE = new Endpoint('users', new URL('http://10.0.0.1:8080'), 1)
const TWO = new Endpoint('users', new URL('http://10.0.0.2:8080'), 1)
const STARTED = 1_000

/** What features would have found out about exchanges, by the field of the log. */
const KNOWN = new WeakMap<Exchange, Readonly<Record<string, string | number | boolean>>>()

function snapshotWithFacts(): Snapshot {
  const gateway = new Gateway({ config: {}, clock: () => 0, chance: () => 0 })
  for (const log of ['tenant', 'canary_variant', 'breaker_state', 'vip', 'cache'])
    gateway.facts.add({
      name: log.replace('_', '') as never,
      log,
      read: (exchange: Exchange) => KNOWN.get(exchange)?.[log] ?? null
    } as never)
  return gateway.compile()
}

/** An exchange that was over 20 ms after its beginning, with these attempts. */
function finished(attempts: readonly AttemptRecord[], options: FakeExchangeOptions = {}): Exchange {
  const exchange = fakeExchange({
    method: 'POST',
    path: '/users/7',
    headers: { host: 'a.example' },
    ...options
  })
  exchange.attempts.push(...attempts)
  exchange.endedAt = STARTED + 20
  exchange.status = 200
  return exchange
}

/** An attempt in milliseconds from the beginning of the exchange; 0 for what did not happen. */
function attempt(
  endpoint: Endpoint,
  [startedAt, dispatchedAt, sentAt, headAt, endedAt]: readonly [number, number, number, number, number],
  more: Partial<AttemptRecord> = {}
): AttemptRecord {
  const at = (ms: number): number => (ms === 0 ? 0 : STARTED + ms)
  const times = {
    dispatchedAt: at(dispatchedAt),
    sentAt: at(sentAt),
    headAt: at(headAt),
    endedAt: at(endedAt)
  }
  return fakeAttempt(endpoint, { startedAt: STARTED + startedAt, ...times, ...more })
}

/** The JSON line with these options, as it was written. */
function written(exchange: Exchange, options: Parameters<typeof resolveAccessLog>[0] = true): string {
  const lines: string[] = []
  const settings = resolveAccessLog(options) as AccessLogSettings
  createAccessLog(
    settings,
    (line) => lines.push(line),
    () => 1_767_323_045_678
  ).closed(exchange)
  return lines.join('')
}

const fieldsOf = (...args: Parameters<typeof written>): AccessLogLine => JSON.parse(written(...args))

test('a line has the fields of the access log', () => {
  const exchange = finished([attempt(ONE, [1, 2, 4, 7, 12])], { snapshot: snapshotWithFacts() })
  exchange.bytesReceived = 5
  exchange.bytesSent = 6
  exchange.traceId = '0af7651916cd43dd8448eb211c80319c'
  KNOWN.set(exchange, {
    cache: 'miss',
    breaker_state: 'half_open',
    canary_variant: 'canary',
    tenant: 7,
    vip: true
  })
  exchange.observe('pool_queue_full')
  exchange.fallback = 'upstream_reset'
  assert.deepEqual(fieldsOf(exchange), {
    level: 'info',
    timestamp: '2026-01-02T03:04:05.678Z',
    request_id: 'test',
    method: 'POST',
    path: '/users/7',
    host: 'a.example',
    route: null,
    pool: null,
    endpoint: 'http://10.0.0.1:8080',
    status: 200,
    duration_ms: 20,
    upstream_duration_ms: 11,
    retries: 0,
    cache: 'miss',
    breaker_state: 'half_open',
    canary_variant: 'canary',
    reason: null,
    attempts: null,
    queue_ms: 1,
    connect_ms: 2,
    first_byte_ms: 3,
    client: '192.0.2.1',
    bytes_received: 5,
    bytes_sent: 6,
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    observed: ['pool_queue_full'],
    fallback: 'upstream_reset',
    tenant: 7,
    vip: true
  })
})

test('the fields of features stand in their places, those of their own before the query, and null is absent', () => {
  const snapshot = snapshotWithFacts()
  const well = finished([attempt(ONE, [1, 2, 4, 7, 12])], { snapshot })
  KNOWN.set(well, { breaker_state: 'closed' })
  for (const exchange of [well, finished([], { snapshot })]) {
    const line = fieldsOf(exchange, { query: true })
    assert.deepEqual(
      Object.keys(line),
      ACCESS_LOG_FIELDS.flatMap((name) =>
        name === 'query' ? ['tenant', 'vip', name] : ['detail', 'headers'].includes(name) ? [] : [name]
      )
    )
    assert.deepEqual(
      [line.cache, line.breaker_state, line.canary_variant, (line as { tenant?: unknown }).tenant],
      [null, exchange === well ? 'closed' : null, null, null]
    )
  }
})

test('what is absent is null, and the fields stand in their order', () => {
  const line = fieldsOf(finished([]))
  const optional = ['detail', 'query', 'headers']
  assert.deepEqual(
    Object.keys(line),
    ACCESS_LOG_FIELDS.filter((name) => !optional.includes(name))
  )
  const absent = Object.entries(line).flatMap(([name, value]) => (value === null ? [name] : []))
  const phases = ['queue_ms', 'connect_ms', 'first_byte_ms']
  assert.deepEqual(absent, [
    ...['route', 'pool', 'endpoint', 'upstream_duration_ms', 'cache', 'breaker_state', 'canary_variant'],
    ...['reason', 'attempts', ...phases, 'trace_id', 'observed', 'fallback']
  ])
})

test('a line says why the gateway answered itself, with what lies behind it', () => {
  const exchange = finished([attempt(ONE, [1, 1, 1, 0, 3], { failure: 'upstream_reset', status: 0 })])
  const error = new GatewayError('upstream_reset', { detail: 'http://10.0.0.1:8080: other side closed' })
  exchange.reason = error.reason
  exchange.detail = error.detail
  const line = fieldsOf(exchange)
  assert.equal(line.reason, 'upstream_reset')
  assert.equal(line.detail, error.detail)
})

test('more than one attempt, or one that failed, is listed with its phases', () => {
  const line = fieldsOf(
    finished([
      attempt(ONE, [1, 2, 0, 0, 5], { failure: 'upstream_connect_failed', status: 0 }),
      attempt(TWO, [6, 6, 7, 9, 10], { status: 201 })
    ])
  )
  assert.equal(line.retries, 1)
  assert.equal(line.endpoint, TWO.url)
  const alone = { hedge: false, cancelled: false, reconnected: false }
  assert.deepEqual(line.attempts, [
    {
      endpoint: ONE.url,
      status: null,
      failure: 'upstream_connect_failed',
      ...alone,
      queue_ms: 1,
      connect_ms: 3,
      first_byte_ms: null,
      ms: 4
    },
    {
      endpoint: TWO.url,
      status: 201,
      failure: null,
      ...alone,
      queue_ms: 0,
      connect_ms: 1,
      first_byte_ms: 2,
      ms: 4
    }
  ])
  const waited = fieldsOf(
    finished([attempt(ONE, [1, 0, 0, 0, 9], { failure: 'pool_queue_timeout', status: 0 })])
  )
  assert.deepEqual(
    [waited.attempts?.length, waited.queue_ms, waited.connect_ms, waited.first_byte_ms],
    [1, 8, null, null]
  )
})

test('what an attempt was given up for too late, and what it lost to a pause of the gateway, is shown where it is so', () => {
  const overdue = { cancelled: true, status: 0, overdue: true, stalledMs: 120.4 }
  const { attempts } = fieldsOf(
    finished([attempt(ONE, [1, 1, 1, 0, 5], overdue), attempt(TWO, [3, 3, 3, 5, 6])])
  )
  const [first, second] = attempts ?? []
  assert.deepEqual([first?.overdue, first?.stalled_ms], [true, 120])
  assert.ok(second !== undefined && !('overdue' in second || 'stalled_ms' in second))
})

test('of attempts beside each other the one that answered counts', () => {
  const given = { cancelled: true, status: 0 }
  assert.equal(
    lineOf(finished([attempt(ONE, [1, 1, 1, 5, 6]), attempt(TWO, [3, 3, 3, 0, 5], given)])).endpoint,
    ONE.url
  )
  assert.equal(
    lineOf(finished([attempt(ONE, [1, 1, 1, 0, 5], given), attempt(TWO, [3, 3, 3, 5, 6])])).endpoint,
    TWO.url
  )
  // Where a clock stands still, both end at once.
  assert.equal(
    lineOf(finished([attempt(ONE, [1, 1, 1, 5, 5]), attempt(TWO, [3, 3, 3, 0, 5], given)])).endpoint,
    ONE.url
  )
  const failed = { failure: 'upstream_reset', status: 0 } as const
  const first = lineOf(finished([attempt(ONE, [1, 1, 1, 7, 9]), attempt(TWO, [3, 3, 3, 0, 5], failed)]))
  assert.deepEqual([first.endpoint, first.upstream_duration_ms], [ONE.url, 8])
})

test('an attempt that was sent twice is listed, and says so', () => {
  const { attempts } = fieldsOf(finished([attempt(ONE, [1, 1, 1, 2, 3], { reconnected: true })]))
  assert.deepEqual([attempts?.length, attempts?.[0]?.reconnected, attempts?.[0]?.failure], [1, true, null])
})

test('an attempt that ends after its exchange counts no longer than that', () => {
  const line = fieldsOf(finished([attempt(ONE, [1, 2, 3, 4, 30])]))
  assert.deepEqual([line.duration_ms, line.upstream_duration_ms], [20, 19])
})

test('an attempt that is not over counts until the exchange is', () => {
  const line = fieldsOf(finished([attempt(ONE, [1, 2, 0, 0, 0])]))
  assert.deepEqual([line.upstream_duration_ms, line.connect_ms], [19, 18])
})

test('times are rounded to microseconds', () => {
  const exchange = finished([])
  exchange.endedAt = STARTED + 1.23456789
  assert.equal(fieldsOf(exchange).duration_ms, 1.235)
})

test('the query and headers are logged when asked for, without their secrets', () => {
  const asked = {
    query: true,
    redactQuery: ['Session'],
    headers: ['user-agent', 'authorization', 'x-tenant', 'accept', 'constructor'],
    redactHeaders: ['x-tenant']
  }
  const exchange = finished([], {
    query: 'a=1&token=t&session=s',
    headers: { 'user-agent': 'curl/8', authorization: 'Bearer b', 'x-tenant': 'c' }
  })
  const line = fieldsOf(exchange, asked)
  assert.equal(line.query, 'a=1&token=***&session=***')
  assert.deepEqual(line.headers, { 'user-agent': 'curl/8', authorization: '***', 'x-tenant': '***' })
  assert.equal(fieldsOf(finished([]), asked).query, null)
  assert.ok(!('query' in fieldsOf(exchange)) && !('headers' in fieldsOf(exchange)))
})

test('headers that hold secrets by their names are not shown, nor are secrets in the URLs of others', () => {
  const secrets = ['x-auth-token', 'x-amz-security-token', 'private-token', 'api-key', 'x-hub-signature-256']
  const exchange = finished([], {
    headers: {
      ...Object.fromEntries(secrets.map((name) => [name, 'secret'])),
      referer: 'https://a.test/?page=2&code=secret'
    }
  })
  const line = fieldsOf(exchange, { headers: [...secrets, 'referer'] })
  assert.deepEqual(line.headers, {
    ...Object.fromEntries(secrets.map((name) => [name, '***'])),
    referer: 'https://a.test/?page=2&code=***'
  })
})

test('UTF-8 in a header is logged as it was meant', () => {
  const sent = (text: string): string => Buffer.from(text).toString('latin1')
  const exchange = finished([], { headers: { 'user-agent': sent('Grüße 日本'), 'x-name': 'Jos\xe9' } })
  const line = fieldsOf(exchange, { headers: ['user-agent', 'x-name'] })
  assert.deepEqual(line.headers, { 'user-agent': 'Grüße 日本', 'x-name': 'José' })
})

const NASTY = 'a\r\n\x1b[31m"b\\\x9b\u2028\u202e\u2066c'

test('what would steer a terminal or forge a line is replaced in every field', () => {
  const headers = { 'user-agent': 'agent' }
  const endpoint = Object.assign(new Endpoint('users', new URL('http://a'), 1), { name: NASTY })
  const exchange = finished([attempt(endpoint, [1, 1, 1, 2, 3], { failure: 'upstream_reset' })], {
    headers,
    snapshot: snapshotWithFacts()
  })
  KNOWN.set(exchange, { cache: NASTY, breaker_state: NASTY, canary_variant: NASTY, tenant: NASTY })
  Object.assign(exchange, {
    id: NASTY,
    method: NASTY,
    path: NASTY,
    query: `?${NASTY}`,
    route: { id: NASTY },
    pool: { id: NASTY },
    reason: NASTY,
    detail: NASTY,
    traceId: NASTY,
    observed: [NASTY],
    fallback: NASTY
  })
  exchange.ingress.host = exchange.ingress.client = exchange.raw.headers['user-agent'] = NASTY
  const line = written(exchange, { query: true, headers: ['user-agent'] })
  assert.match(line, /^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]*\n$/)
  const clean = 'a\ufffd\ufffd\ufffd[31m"b\\\ufffd\ufffd\ufffd\ufffdc'
  const fields = JSON.parse(line)
  for (const name of [
    ...['request_id', 'method', 'path', 'host', 'route', 'pool', 'endpoint', 'cache', 'breaker_state'],
    ...['canary_variant', 'tenant', 'reason', 'detail', 'client', 'trace_id', 'fallback', 'query']
  ])
    assert.equal(fields[name], clean, name)
  assert.deepEqual(
    [fields.observed[0], fields.attempts[0].endpoint, fields.headers['user-agent']],
    [clean, clean, clean]
  )
})

test('text has a limit', () => {
  const long = 'x'.repeat(7_000)
  const exchange = finished([], { path: `/${long}` })
  exchange.detail = long
  const { path, detail = '' } = fieldsOf(exchange)
  assert.deepEqual([path.length, detail.length], [2_048, 2_048])
})
