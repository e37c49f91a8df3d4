import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Exchange, type Route, RouteSlot } from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange, virtualClock } from '@gatewright/testing'
import { EndpointSeriesMap } from './endpoint-series.js'
import { createFamilies, DURATION_BUCKETS, type Families } from './families.js'
import { LabelCap } from './label-cap.js'
import type { Family } from './sample.js'
import { Traffic } from './traffic.js'

// The function that the flag brings is only in contexts made after it.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

interface Counted {
  readonly traffic: Traffic
  readonly families: Families
  readonly known: EndpointSeriesMap
  readonly advance: (ms: number) => void
}

// The routes of these tests are known to all of them.
let parts = 0

function counted(most = 1_000): Counted {
  const cap = new LabelCap(most)
  const families = createFamilies(cap, DURATION_BUCKETS)
  const time = virtualClock()
  const known = new EndpointSeriesMap(families, cap, time.clock)
  return {
    traffic: new Traffic(families, known, new RouteSlot(parts++)),
    families,
    known,
    advance: time.advance
  }
}

/** The lines of a family that are not zero, buckets left out, as `labels value`. */
function shown(family: Family): string[] {
  return family
    .samples()
    .filter(({ value, metricName }) => value !== 0 && metricName?.endsWith('_bucket') !== true)
    .map(({ labels, sharedLabels, metricName, value }) =>
      [metricName?.split('_').at(-1), ...Object.values({ ...sharedLabels, ...labels }), value]
        .filter((part) => part !== undefined)
        .map((part) => (typeof part === 'number' ? Number(part.toPrecision(12)) : part))
        .join(' ')
    )
}

function over(changes: Partial<Exchange> = {}): Exchange {
  const exchange = fakeExchange({ startedAt: 1_000 })
  return Object.assign(exchange, { status: 200, endedAt: 1_250, ...changes })
}

const route = { id: 'users', slots: [] as unknown[] } as Route

test('a request counts for its route and its status, with its time and its sizes', () => {
  const { traffic, families } = counted()
  traffic.closed(over({ route, bytesReceived: 10, bytesSent: 2_000 }))
  traffic.closed(over({ route, status: 503, reason: 'no_endpoint' }))
  assert.deepEqual(shown(families.requests), ['users none 200 1', 'users none 503 1'])
  assert.deepEqual(shown(families.durations), ['sum users none 0.5', 'count users none 2'])
  assert.deepEqual(shown(families.requestSizes), ['sum users 10', 'count users 2'])
  assert.deepEqual(shown(families.responseSizes), ['sum users 2000', 'count users 2'])
  assert.deepEqual(shown(families.reasons), ['users no_endpoint 1'])
})

test('a request that no route matched has no path in its labels', () => {
  const { traffic, families } = counted()
  traffic.closed(
    Object.assign(fakeExchange({ path: '/secret/7' }), { status: 404, reason: 'route_not_found' })
  )
  assert.deepEqual(shown(families.requests), ['none none 404 1'])
  assert.deepEqual(shown(families.reasons), ['none route_not_found 1'])
})

test('an answer of the fallback is counted', () => {
  const { traffic, families } = counted()
  traffic.closed(over({ route, fallback: 'no_endpoint' }))
  assert.deepEqual(shown(families.fallbacks), ['users no_endpoint 1'])
})

test('an attempt counts for its endpoint, and its parts for the pool', () => {
  const { traffic, families } = counted()
  const [one] = endpoints(2)
  const times = { startedAt: 0, dispatchedAt: 10, sentAt: 40, headAt: 100, endedAt: 500 }
  traffic.ended(fakeAttempt(one, times), over())
  assert.deepEqual(shown(families.upstreamRequests), [`test ${one.url} 1`])
  assert.deepEqual(shown(families.upstreamDurations), [`sum test ${one.url} 0.5`, `count test ${one.url} 1`])
  assert.deepEqual(shown(families.phases), [
    'sum test queue 0.01',
    'count test queue 1',
    'sum test connect 0.03',
    'count test connect 1',
    'sum test first_byte 0.06',
    'count test first_byte 1',
    'sum test total 0.5',
    'count test total 1'
  ])
  traffic.ended(fakeAttempt(one, { reused: true, startedAt: 1_000, endedAt: 1_001 }), over())
  assert.ok(shown(families.phases).includes('count test connect 1'))
  assert.ok(shown(families.phases).includes('count test queue 1'))
})

test('failures are told apart by reason, an upstream’s own errors among them', () => {
  const { traffic, families } = counted()
  const [one] = endpoints(2)
  traffic.ended(fakeAttempt(one, { failure: 'upstream_reset', status: 0, headAt: 0 }), over())
  traffic.ended(fakeAttempt(one, { status: 502 }), over())
  traffic.ended(fakeAttempt(one, { status: 404 }), over())
  assert.deepEqual(shown(families.upstreamFailures), [
    `test ${one.url} upstream_reset 1`,
    `test ${one.url} status_5xx 1`
  ])
})

test('an endpoint that has left is shown for five minutes after its last attempt, and then forgotten', () => {
  const { traffic, families, known, advance } = counted(1)
  const [one, two] = endpoints(2)
  traffic.ended(fakeAttempt(one, { status: 500 }), over())
  one.inFlight = 1
  known.left(one)
  const after = (ms: number): number => {
    advance(ms)
    known.sweep()
    return shown(families.upstreamRequests).length
  }
  assert.equal(after(600_000), 1)
  one.inFlight = 0
  assert.equal(after(600_000), 1)
  assert.equal(after(299_999), 1)
  assert.equal(after(1), 0)
  assert.deepEqual(shown(families.upstreamDurations), [])
  assert.deepEqual(shown(families.upstreamFailures), [])
  traffic.ended(fakeAttempt(two), over())
  assert.deepEqual(shown(families.upstreamRequests), [`test ${two.url} 1`])
})

test('an endpoint that has left and come back goes on where it was', () => {
  const { traffic, families, known, advance } = counted()
  const [before] = endpoints(2)
  const [after] = endpoints(2)
  traffic.ended(fakeAttempt(before), over())
  known.left(before)
  known.came(after)
  for (let n = 0; n < 3; n++) {
    known.sweep()
    advance(600_000)
    traffic.ended(fakeAttempt(after), over())
  }
  assert.deepEqual(shown(families.upstreamRequests), [`test ${before.url} 4`])
})

test('an endpoint that comes back after it was forgotten is shown again', () => {
  const { traffic, families, known, advance } = counted()
  const [one] = endpoints(2)
  traffic.ended(fakeAttempt(one), over())
  known.left(one)
  for (let n = 0; n < 2; n++) {
    known.sweep()
    advance(600_000)
  }
  known.sweep()
  known.came(one)
  traffic.ended(fakeAttempt(one), over())
  assert.deepEqual(shown(families.upstreamRequests), [`test ${one.url} 1`])
})

test('one that waits for a connection to its end has waited, and one that got none at once has not', () => {
  const { traffic, families } = counted()
  const [one] = endpoints(2)
  const nowhere = { dispatchedAt: 0, sentAt: 0, headAt: 0, status: 0, sent: false }
  traffic.ended(
    fakeAttempt(one, { ...nowhere, startedAt: 0, endedAt: 1_000, failure: 'pool_queue_timeout' }),
    over()
  )
  traffic.ended(
    fakeAttempt(one, { ...nowhere, startedAt: 0, endedAt: 0, failure: 'pool_queue_full' }),
    over()
  )
  assert.ok(shown(families.phases).includes('count test queue 1'))
  assert.ok(shown(families.phases).includes('sum test queue 1'))
})

test('what is not the endpoint’s fault is no failure of its', () => {
  const { traffic, families } = counted()
  const [one] = endpoints(2)
  for (const failure of ['client_closed', 'pool_queue_timeout', 'body_too_large'] as const)
    traffic.ended(fakeAttempt(one, { failure }), over())
  traffic.ended(fakeAttempt(one, { failure: 'deadline_exceeded', cancelled: true }), over())
  assert.deepEqual(shown(families.upstreamFailures), [])
})

test('an answer that broke off after a good status is told apart, and a client that left has no duration', () => {
  const { traffic, families } = counted()
  traffic.closed(over({ route, status: 200, reason: 'upstream_reset' }))
  traffic.closed(over({ route, status: 502, reason: 'upstream_reset' }))
  traffic.closed(over({ route, status: 499, reason: 'client_closed' }))
  traffic.closed(over({ route, status: 404, reason: 'route_not_found' }))
  assert.deepEqual(shown(families.broken), ['users upstream_reset 1'])
  assert.ok(shown(families.durations).includes('count users none 3'))
})

test('only traces that are recorded are examples', () => {
  const { traffic, families } = counted()
  const traced = { route, traceId: 'a'.repeat(32) }
  const examples = (): number =>
    families.durations.samples().filter(({ exemplar }) => exemplar !== undefined).length
  traffic.closed(over({ ...traced, traceSampled: false }))
  assert.equal(examples(), 0)
  traffic.closed(over({ ...traced, traceSampled: true }))
  assert.equal(examples(), 1)
})

test('a million requests over a thousand routes take no more memory than the first hundred thousand', () => {
  const { traffic, families } = counted()
  const routes = Array.from(
    { length: 1_000 },
    (_, index) => ({ id: `route-${index}`, slots: [] as unknown[] }) as Route
  )
  const exchange = over()
  const attempt = fakeAttempt(endpoints(2)[0])
  const go = (times: number): { series: number; heap: number } => {
    for (let n = 0; n < times; n++) {
      exchange.route = routes[n % 1_000] as Route
      exchange.endedAt = exchange.startedAt + (n % 50)
      traffic.ended(attempt, exchange)
      traffic.closed(exchange)
    }
    collectGarbage()
    const series = Object.values(families).reduce((sum, family: Family) => sum + family.samples().length, 0)
    collectGarbage()
    return { series, heap: process.memoryUsage().heapUsed }
  }
  const before = go(100_000)
  const after = go(900_000)
  assert.equal(after.series, before.series)
  assert.ok(after.heap - before.heap < 500_000, `${after.heap - before.heap} bytes more`)
})
