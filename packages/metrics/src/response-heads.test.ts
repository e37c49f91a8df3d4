import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AttemptRecord, type Exchange, type Route, RouteSlot } from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange, virtualClock } from '@gatewright/testing'
import { EndpointSeriesMap } from './endpoint-series.js'
import { createFamilies, DURATION_BUCKETS } from './families.js'
import { LabelCap } from './label-cap.js'
import type { Family } from './sample.js'
import { Traffic } from './traffic.js'

const route = { id: 'users', slots: [] as unknown[] } as Route

function sumAndCount(family: Family): number[] {
  return family
    .samples()
    .filter(({ metricName }) => !metricName?.endsWith('_bucket'))
    .map(({ value }) => Number(value.toPrecision(12)))
}

test('answers are counted by class, and how long a stream lasts says nothing of how long its head took', () => {
  const cap = new LabelCap(1_000)
  const families = createFamilies(cap, DURATION_BUCKETS)
  const traffic = new Traffic(
    families,
    new EndpointSeriesMap(families, cap, virtualClock().clock),
    new RouteSlot(0)
  )
  const [one, two] = endpoints(2)
  const over = (changes: Partial<Exchange>, ...attempts: AttemptRecord[]): Exchange => {
    const exchange = Object.assign(fakeExchange({ startedAt: 1_000 }), { route, status: 200, ...changes })
    exchange.attempts.push(...attempts)
    return exchange
  }
  const endedAt = 601_000
  traffic.closed(over({ endedAt }, fakeAttempt(one, { headAt: 1_100 })))
  traffic.closed(over({ endedAt, reason: 'upstream_reset' }, fakeAttempt(one, { headAt: 1_100 })))
  const failed = fakeAttempt(two, { headAt: 0, failure: 'upstream_reset' })
  traffic.closed(over({ endedAt }, fakeAttempt(one, { headAt: 1_100 }), failed))
  assert.deepEqual(sumAndCount(families.heads), [0.3, 3])
  const late = { endedAt, status: 504, reason: 'upstream_timeout' } as const
  traffic.closed(over(late, fakeAttempt(one, { headAt: 1_100, status: 503 })))
  traffic.closed(over({ endedAt, status: 499, reason: 'client_closed' }, fakeAttempt(one, { headAt: 0 })))
  const own = over({ endedAt })
  own.response.setHeader('content-type', 'text/event-stream; charset=utf-8')
  traffic.closed(own)
  traffic.closed(over({ endedAt: 2_000 }))
  assert.deepEqual(sumAndCount(families.heads), [601.3, 5])
  const classes = families.responses.samples().map(({ labels, value }) => [labels.class, value])
  assert.deepEqual(classes, [
    ['left', 1],
    ['2xx', 5],
    ['3xx', 0],
    ['4xx', 0],
    ['5xx', 1]
  ])
})
