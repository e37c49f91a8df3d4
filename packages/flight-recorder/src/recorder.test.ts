import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Endpoint, type Exchange, Gateway, type Pool, type Reason } from '@gatewright/core'
import {
  type FakeExchangeOptions,
  fakeAttempt,
  fakeExchange,
  type VirtualClock,
  virtualClock
} from '@gatewright/testing'
import { Notes } from './notes.js'
import { Recorder } from './recorder.js'
import { resolveRecorder } from './settings.js'

const EPOCH = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const STARTED = 1_000

interface Setup extends VirtualClock {
  readonly gateway: Gateway
  readonly recorder: Recorder
  /** What features would have found out. */
  readonly known: WeakMap<Exchange, Readonly<Record<string, string>>>
  readonly pool: Pool
}

declare module '@gatewright/core' {
  interface GatewayEvents {
    step: { readonly exchange: Exchange; readonly text: string | null }
    turn: { readonly pool?: Pool; readonly to: string; readonly because: string }
    silent: { readonly exchange: Exchange }
  }
}

function setUp(recent = 3, failures = 3): Setup {
  const time = virtualClock(STARTED)
  const config = { pools: { users: { endpoints: ['http://10.0.0.1', 'http://10.0.0.2'] } } }
  const gateway = new Gateway({ config, clock: time.clock, chance: () => 0 })
  const known: Setup['known'] = new WeakMap()
  for (const name of ['cache', 'variant', 'breakerState'])
    gateway.facts.add({
      name,
      read: (exchange: Exchange) => known.get(exchange)?.[name] ?? null,
      ...(name === 'breakerState' ? { note: (state: string) => `The breaker was ${state}.` } : {})
    } as never)
  gateway.events.describe('step', { note: ({ text }) => text, isFailure: ({ text }) => text === 'fatal' })
  gateway.events.describe('turn', {
    note: ({ to, because }) => `turned ${to}: ${because}`,
    isFailure: ({ to }) => to === 'open'
  })
  gateway.events.describe('silent', {})
  gateway.compile()
  const recorder = new Recorder(gateway, () => EPOCH + time.now() - STARTED)
  recorder.use({ recent, failures })
  new Notes(gateway.events, recorder).start()
  return { ...time, gateway, recorder, known, pool: gateway.pool('users') }
}

function begun({ gateway, pool, now }: Setup, id: string, options: FakeExchangeOptions = {}): Exchange {
  return fakeExchange({ id, pool, startedAt: now(), snapshot: gateway.snapshot, ...options })
}

function over(
  { recorder, now }: Setup,
  exchange: Exchange,
  status = 200,
  reason: Reason | null = null
): void {
  Object.assign(exchange, { status, reason, endedAt: now() })
  recorder.closed(exchange)
}

const ids = (flights: readonly { readonly requestId: string }[]): string[] =>
  flights.map(({ requestId }) => requestId)

test('the last exchanges are kept, and failures beside them for longer', () => {
  const setup = setUp()
  over(setup, begun(setup, 'failed'), 502, 'upstream_reset')
  over(setup, begun(setup, 'refused'), 404, 'route_not_found')
  over(setup, begun(setup, 'error of the upstream'), 500)
  for (let n = 0; n < 6; n++) over(setup, begun(setup, `ok-${n}`))
  assert.deepEqual(ids(setup.recorder.last()), ['ok-5', 'ok-4', 'ok-3'])
  assert.deepEqual(ids(setup.recorder.failures()), ['error of the upstream', 'refused', 'failed'])
  assert.deepEqual(ids(setup.recorder.failures(1)), ['error of the upstream'])
  assert.deepEqual(setup.recorder.last(0), [])
  assert.match(setup.recorder.why('failed'), /^GET \/ → 502 upstream_reset/)
})

test('a flight has everything, in milliseconds from its beginning', () => {
  const setup = setUp()
  const { pool, recorder, advance } = setup
  const exchange = begun(setup, 'r-1', { method: 'POST', path: '/users/7', headers: { host: 'a.example' } })
  const at = { dispatchedAt: STARTED + 2, sentAt: STARTED + 4, headAt: STARTED + 7 }
  exchange.attempts.push(
    fakeAttempt(pool.endpoints[0] as Endpoint, {
      startedAt: STARTED + 1,
      ...at,
      endedAt: STARTED + 12,
      status: 0,
      failure: 'upstream_reset',
      error: new Error('other side closed'),
      reused: true
    })
  )
  Object.assign(exchange, {
    deadlineAt: STARTED + 3_000,
    traceId: 'abc',
    fallback: 'no_endpoint',
    detail: 'behind it',
    bytesReceived: 1,
    bytesSent: 2,
    observed: ['pool_queue_full']
  })
  setup.known.set(exchange, { cache: 'miss', variant: 'canary', breakerState: 'closed' })
  advance(20)
  over(setup, exchange, 502, 'upstream_reset')
  assert.match(recorder.why('r-1'), /\nThe breaker was closed\.\n/)
  assert.deepEqual(recorder.last(), [
    {
      requestId: 'r-1',
      method: 'POST',
      path: '/users/7',
      host: 'a.example',
      client: '192.0.2.1',
      startedAt: '2026-01-02T03:04:05.678Z',
      totalMs: 20,
      status: 502,
      reason: 'upstream_reset',
      detail: 'behind it',
      route: null,
      pattern: null,
      policies: [],
      pool: 'users',
      attemptCount: 1,
      attempts: [
        {
          endpoint: 'http://10.0.0.1',
          number: 1,
          startMs: 1,
          queueMs: 1,
          connectMs: 2,
          firstByteMs: 3,
          totalMs: 11,
          status: null,
          failure: 'upstream_reset',
          error: 'other side closed',
          hedge: false,
          reused: true,
          reconnected: false,
          cancelled: false
        }
      ],
      notes: [],
      breakerState: 'closed',
      deadlineMs: 3_000,
      fallback: 'no_endpoint',
      cache: 'miss',
      variant: 'canary',
      observed: ['pool_queue_full'],
      bytesReceived: 1,
      bytesSent: 2,
      traceId: 'abc',
      endpoints: [
        { url: 'http://10.0.0.1', health: 'unknown', weight: 1, draining: false, inFlight: 0 },
        { url: 'http://10.0.0.2', health: 'unknown', weight: 1, draining: false, inFlight: 0 }
      ],
      endpointsLeft: 0
    }
  ])
})

test('an entry that is used again keeps nothing of the one before', () => {
  const setup = setUp(1, 1)
  const failed = begun(setup, 'failed')
  const endpoint = setup.pool.endpoints[0] as Endpoint
  failed.attempts.push(fakeAttempt(endpoint, { failure: 'upstream_reset' }), fakeAttempt(endpoint))
  setup.gateway.events.emit('rejected', { exchange: failed, reason: 'pool_queue_full', because: 'full' })
  failed.detail = 'detail'
  over(setup, failed, 502, 'upstream_reset')
  const [kept] = setup.recorder.last()
  over(setup, begun(setup, 'ok', { startedAt: STARTED + 5 }))
  const [later] = setup.recorder.last()
  assert.deepEqual([kept?.attempts.length, kept?.notes.length, kept?.endpoints?.length], [2, 1, 2])
  assert.deepEqual(
    [later?.attempts, later?.attemptCount, later?.notes, later?.endpoints, later?.detail, later?.reason],
    [[], 0, [], null, '', null]
  )
})

test('events of an exchange are noted with their time', () => {
  const setup = setUp()
  const { gateway, advance, recorder } = setup
  const exchange = begun(setup, 'r-1')
  const { events } = gateway
  const other = begun(setup, 'r-2')
  events.emit('observed', { exchange, reason: 'no_endpoint', because: "pool 'users'" })
  advance(2)
  events.emit('step', { exchange, text: 'a step' })
  events.emit('step', { exchange, text: null })
  events.emit('silent', { exchange })
  events.emit('step', { exchange, text: 'another' })
  advance(1)
  events.emit('rejected', { exchange, reason: 'pool_queue_full', because: '100 requests' })
  over(setup, exchange)
  over(setup, other)
  const [second, first] = recorder.last()
  assert.deepEqual(second?.notes, [])
  assert.deepEqual(
    first?.notes.map(({ atMs, text }) => `${atMs} ${text}`),
    [
      "0 would have been no_endpoint (pool 'users'), only observed",
      '2 a step',
      '2 another',
      '3 not let in: pool_queue_full (100 requests)'
    ]
  )
})

test('what changes is noted for the exchanges of its pool that see it, and what concerns all of them for all', () => {
  const setup = setUp()
  const { gateway, recorder, pool, advance } = setup
  const before = begun(setup, 'before')
  over(setup, before)
  advance(1)
  const during = begun(setup, 'during')
  const elsewhere = begun(setup, 'elsewhere')
  elsewhere.pool = null
  advance(1)
  gateway.events.emit('turn', { pool, to: 'open', because: '3 of 3 failed' })
  gateway.events.emit('turn', { pool, to: 'half_open', because: 'time' })
  gateway.events.emit('turn', { to: 'dark', because: 'night' })
  advance(1)
  over(setup, during)
  over(setup, elsewhere)
  over(setup, begun(setup, 'after'))
  const [after, other, seen] = recorder.last()
  assert.deepEqual(seen?.notes, [
    { atMs: 1, text: 'turned open: 3 of 3 failed' },
    { atMs: 1, text: 'turned half_open: time' },
    { atMs: 1, text: 'turned dark: night' }
  ])
  assert.deepEqual([other?.notes, after?.notes], [[{ atMs: 1, text: 'turned dark: night' }], []])
})

test('the exchange whose attempt made a failure of others is kept among the failures', async () => {
  const setup = setUp()
  const { gateway, recorder, pool } = setup
  const [one, two, three] = ['one', 'two', 'three'].map((id) => begun(setup, id)) as [
    Exchange,
    Exchange,
    Exchange
  ]
  const attempt = fakeAttempt(pool.endpoints[0] as Endpoint)
  recorder.ended(attempt, one)
  gateway.events.emit('turn', { pool, to: 'open', because: 'faults' })
  recorder.ended(attempt, two)
  recorder.ended(attempt, three)
  // An event without an attempt belongs to no exchange.
  gateway.events.emit('turn', { pool, to: 'open', because: 'restored' })
  await Promise.resolve()
  recorder.ended(attempt, three)
  gateway.events.emit('step', { exchange: three, text: 'fatal' })
  for (const exchange of [one, two, three]) over(setup, exchange)
  assert.deepEqual(ids(recorder.failures()), ['three', 'two'])
})

test('an attempt that began beside another one is a hedge', () => {
  const setup = setUp()
  const { recorder, pool } = setup
  const exchange = begun(setup, 'r-1')
  for (const [index, hedge] of [false, true].entries())
    exchange.attempts.push(fakeAttempt(pool.endpoints[index] as Endpoint, { number: index + 1, hedge }))
  over(setup, exchange)
  assert.deepEqual(
    recorder.last()[0]?.attempts.map(({ hedge }) => hedge),
    [false, true]
  )
})

test('a request that is not kept is told of, and so is one of a recorder that is off', () => {
  const setup = setUp(2, 5)
  assert.match(setup.recorder.why('x'), /^Request x is not kept: only the last 2 .* None was over yet\.$/)
  for (let n = 0; n < 3; n++) over(setup, begun(setup, `r-${n}`))
  assert.equal(
    setup.recorder.why('\u001b[31mr-0'),
    'Request \ufffd[31mr-0 is not kept: only the last 2 requests and the last 5 failures are, once they are over. The oldest of them is r-1, from 2026-01-02T03:04:05.678Z.'
  )
  setup.recorder.use(null)
  over(setup, begun(setup, 'unseen'))
  assert.match(setup.recorder.why('r-2'), /set 'flightRecorder: true'/)
  assert.deepEqual([setup.recorder.last(), setup.recorder.failures()], [[], []])
})

test('text from outside is printable and has a limit', () => {
  const setup = setUp()
  const nasty = '\u001b[31m\n\u202e'
  const exchange = begun(setup, 'r-1', { path: `/${'a'.repeat(2_000)}` })
  const { pool } = setup
  const error = new Error(nasty + 'e'.repeat(2_000))
  exchange.attempts.push(fakeAttempt(pool.endpoints[0] as Endpoint, { failure: 'upstream_reset', error }))
  Object.assign(exchange, { detail: nasty.repeat(500), variant: nasty, id: nasty })
  exchange.ingress.host = exchange.ingress.client = nasty
  over(setup, exchange, 502, 'upstream_reset')
  const [flight] = setup.recorder.last()
  assert.deepEqual(
    [flight?.path.length, flight?.detail.length, flight?.attempts[0]?.error.length],
    [512, 512, 512]
  )
  assert.match(setup.recorder.why(nasty), /^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]*$/)
})

test('an error without a message is known by its code, and what is no error by nothing', () => {
  const setup = setUp()
  for (const [error, text] of [
    [Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
    [new RangeError(''), 'RangeError'],
    ['thrown', '']
  ] as const) {
    const exchange = begun(setup, 'r')
    exchange.attempts.push(
      fakeAttempt(setup.pool.endpoints[0] as Endpoint, { failure: 'upstream_reset', error })
    )
    over(setup, exchange, 502)
    assert.equal(setup.recorder.last(1)[0]?.attempts[0]?.error, text)
  }
})

test('attempts, notes and endpoints have limits, and what is left out is counted', () => {
  const setup = setUp()
  const { gateway, pool, recorder } = setup
  pool.replaceEndpoints(Array.from({ length: 30 }, (_, n) => `http://10.0.1.${n}`))
  const exchange = begun(setup, 'r-1')
  for (let number = 1; number <= 40; number++) {
    exchange.attempts.push(fakeAttempt(pool.endpoints[0] as Endpoint, { number }))
    gateway.events.emit('step', { exchange, text: `step ${number}` })
  }
  over(setup, exchange, 502)
  const [flight] = recorder.last()
  assert.deepEqual(
    [flight?.attempts.length, flight?.attemptCount, flight?.notes.length, flight?.endpoints?.length],
    [16, 40, 32, 20]
  )
  assert.equal(flight?.endpointsLeft, 10)
})

test('a hundred thousand exchanges leave no more than the rings, and nothing of themselves', () => {
  const setup = setUp(200, 100)
  const { recorder, pool } = setup
  const attempt = fakeAttempt(pool.endpoints[0] as Endpoint, {
    failure: 'upstream_reset',
    error: Object.assign(new Error('reset'), { socket: new Endpoint('x', new URL('http://x'), 1) })
  })
  const exchange = begun(setup, 'r')
  exchange.attempts.push(attempt)
  for (let n = 0; n < 100_000; n++) over(setup, exchange, n % 2 === 0 ? 200 : 502)
  assert.deepEqual(recorder.size, { recent: 200, failures: 100 })
  assert.deepEqual([recorder.last(1_000).length, recorder.failures(1_000).length], [200, 100])
})

test('it is off unless it is wanted, and keeps 500 of each', () => {
  assert.equal(resolveRecorder(), null)
  assert.equal(resolveRecorder(false), null)
  assert.deepEqual(resolveRecorder(true), { recent: 500, failures: 500 })
  assert.deepEqual(resolveRecorder({ recent: 5 }), { recent: 5, failures: 500 })
})
