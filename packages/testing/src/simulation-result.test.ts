import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Endpoint, type Exchange, Gateway, type Pool } from '@gatewright/core'
import { fakeAttempt } from './fake-attempt.js'
import { fakeExchange } from './fake-exchange.js'
import { SimulationRecord } from './simulation-result.js'

const BEGUN = 1_000

function setUp(durationMs = 2_000, kinds = 1) {
  const config = { pools: { p: { endpoints: ['http://a.test', 'http://b.test'] } } }
  const gateway = new Gateway({ config, clock: () => BEGUN, chance: () => 0 })
  const pool = gateway.compile().pools.get('p') as Pool
  const record = new SimulationRecord(gateway, pool, BEGUN, durationMs, kinds)
  /** A request that arrives after `from` milliseconds, and may close. */
  const arrive = (from: number, kind = 0): Exchange => {
    const exchange = fakeExchange({ startedAt: BEGUN + from })
    record.arrived(exchange, kind)
    return exchange
  }
  const close = (exchange: Exchange, after: number, changes: Partial<Exchange> = {}): void =>
    record.closed(Object.assign(exchange, { status: 200, endedAt: BEGUN + after }, changes))
  return { record, pool, arrive, close }
}

test('requests count to the second they arrive in, answers to the one they are given in', () => {
  const { record, arrive, close } = setUp(3_000)
  const early = arrive(0)
  const late = arrive(1_000)
  close(early, 999)
  close(late, 2_000, { status: 500 })
  const { timeline } = record.result()
  assert.deepEqual(
    timeline.map(({ requests, good, failed }) => [requests, good, failed]),
    [
      [1, 1, 0],
      [1, 0, 0],
      [0, 0, 1]
    ]
  )
})

test('what comes after the load has ended counts to its last second', () => {
  const { record, arrive, close } = setUp(1_500)
  close(arrive(0), 2_000)
  close(arrive(0), 9_000)
  const { timeline } = record.result()
  assert.deepEqual(
    timeline.map(({ requests, good }) => [requests, good]),
    [
      [2, 0],
      [0, 2]
    ]
  )
})

test('a second that has begun is one, and a load of no time has one', () => {
  for (const [durationMs, seconds] of [
    [0, 1],
    [1, 1],
    [2_000, 2],
    [2_001, 3]
  ] as const)
    assert.equal(setUp(durationMs).record.result().timeline.length, seconds)
})

test('an answer below 500 is good, and how long it took is to its head', () => {
  const { record, pool, arrive, close } = setUp()
  const [endpoint] = pool.endpoints as [Endpoint]
  const exchange = arrive(100)
  exchange.attempts.push(
    fakeAttempt(endpoint, { headAt: BEGUN + 150, status: 503 }),
    fakeAttempt(endpoint, { headAt: BEGUN + 180 }),
    fakeAttempt(endpoint, { headAt: 0, failure: 'upstream_reset' })
  )
  close(exchange, 900, { status: 499 })
  close(arrive(100), 400, { status: 500 })
  const { goodput, p50Ms, p99Ms, statuses, timeline } = record.result()
  assert.deepEqual([goodput, p50Ms, p99Ms, statuses], [0.5, 80, 80, { 499: 1, 500: 1 }])
  assert.equal(timeline[0]?.p99Ms, 80)
})

test('an answer without an attempt took as long as its request', () => {
  const { record, arrive, close } = setUp()
  close(arrive(100), 130)
  const { p50Ms, goodput, amplification } = record.result()
  assert.deepEqual([p50Ms, goodput, amplification], [30, 1, 0])
})

test('percentiles are of all good answers, in the order of their time', () => {
  const { record, arrive, close } = setUp()
  for (let ms = 100; ms > 0; ms--) close(arrive(0), ms)
  close(arrive(1_000), 1_900)
  const { p50Ms, p99Ms, timeline } = record.result()
  assert.deepEqual([p50Ms, p99Ms], [51, 100])
  assert.deepEqual(
    timeline.map((second) => second.p99Ms),
    [100, 900]
  )
})

test('without any request there are no shares of requests', () => {
  const { goodput, amplification, p50Ms, p99Ms, requests } = setUp().record.result()
  assert.deepEqual([goodput, amplification, p50Ms, p99Ms, requests], [0, 0, 0, 0, 0])
})

test('attempts are counted by second and by endpoint', () => {
  const { record, pool, arrive, close } = setUp()
  const [a, b] = pool.endpoints as [Endpoint, Endpoint]
  close(arrive(0), 10)
  close(arrive(0), 10)
  for (const [endpoint, from] of [
    [a, 0],
    [b, 10],
    [b, 20],
    [b, 1_500]
  ] as const)
    record.attempted(fakeAttempt(endpoint, { startedAt: BEGUN + from }))
  const { attempts, amplification, timeline } = record.result()
  assert.deepEqual([attempts, amplification], [4, 2])
  assert.deepEqual(
    timeline.map((second) => [second.attempts, second.byEndpoint]),
    [
      [3, [1, 2]],
      [1, [0, 1]]
    ]
  )
})

test('an attempt at an endpoint that came later counts to none of the first ones', () => {
  const { record } = setUp()
  record.attempted(fakeAttempt({} as Endpoint, { startedAt: BEGUN }))
  assert.deepEqual(record.result().timeline[0]?.byEndpoint, [0, 0])
})

test('what comes of the requests of each kind is counted apart, and reasons also for all', () => {
  const { record, arrive, close } = setUp(1_000, 2)
  close(arrive(0, 0), 10)
  close(arrive(0, 1), 10, { status: 504, reason: 'upstream_timeout' })
  close(arrive(0, 1), 10, { status: 504, reason: 'upstream_timeout' })
  const { kinds, reasons, requests } = record.result()
  assert.deepEqual(kinds, [
    { requests: 1, good: 1, reasons: {} },
    { requests: 2, good: 0, reasons: { upstream_timeout: 2 } }
  ])
  assert.deepEqual([reasons, requests], [{ upstream_timeout: 2 }, 3])
})

test('requests without an answer and what stages have thrown are told', () => {
  const { record, arrive, close } = setUp()
  arrive(0)
  close(arrive(0), 10)
  const error = new Error('broken')
  record.threw(error)
  const { unanswered, errors } = record.result()
  assert.deepEqual([unanswered, errors], [1, [error]])
})
