import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Endpoint, Events, Pool, resolvePool } from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange, seededChance, virtualTime } from '@gatewright/testing'
import type { OutlierConfig } from './config/config.js'
import { PoolHealth } from './pool-health.js'
import { SlowStart } from './slow-start.js'
import { Window } from './window.js'

const exchange = fakeExchange()

/** Health by windows of a second alone, on virtual time. */
function windows(count: number, config: OutlierConfig) {
  const time = virtualTime()
  const { clock, timers } = time
  const all: readonly Endpoint[] = endpoints(count)
  const outlierDetection = {
    consecutiveErrors: 0,
    consecutiveLocalErrors: 0,
    window: '1s',
    ...config
  } as const
  const policy = { pick: ([one]: readonly Endpoint[]) => one as Endpoint }
  const pool = new Pool('main', all, policy, resolvePool({ endpoints: [] }), { outlierDetection })
  const events = new Events()
  const told: string[] = []
  events.on('endpoint_health', ({ endpoint, to, because }) => {
    if (to === 'ejected') told.push(`${all.indexOf(endpoint)}: ${because}`)
  })
  const chance = seededChance()
  const slowStart = new SlowStart(clock, timers)
  const health = new PoolHealth(pool, {
    clock,
    timers,
    chance,
    events,
    slowStart,
    warn: assert.fail,
    threw: assert.fail
  })
  const observe = (index: number, status: number, ms: number): void => {
    const now = time.now()
    const record = { status, startedAt: now - ms, headAt: now, endedAt: now }
    health.observe(fakeAttempt(all[index] as Endpoint, record), exchange)
  }
  /** So many attempts each, of which so many fail; then the window ends with one more, which belongs to it. */
  const window = (...each: readonly { count: number; faults?: number; ms?: number }[]): void => {
    for (const [index, { count, faults = 0, ms = 10 }] of each.entries())
      for (let n = 0; n < count; n++) {
        const last = index === each.length - 1 && n === count - 1
        if (last) time.advance(1_000)
        observe(index, n < faults ? 500 : 200, ms)
      }
  }
  // The first attempt of all begins the first window.
  observe(0, 200, 10)
  time.advance(1_000)
  observe(0, 200, 10)
  return { all, told, window }
}

test('an endpoint that fails less than the rate stays, at the rate it goes', () => {
  const { all, told, window } = windows(3, { errorRatePercent: 50, minRequests: 10 })
  for (let n = 0; n < 5; n++) window({ count: 100, faults: 49 }, { count: 100 }, { count: 100 })
  assert.deepEqual([told, all.map(({ health }) => health)], [[], ['unknown', 'unknown', 'unknown']])
  window({ count: 100, faults: 50 }, { count: 100 }, { count: 100 })
  assert.deepEqual(told, ['0: 50 % of 100 attempts failed; for 30 s'])
})

test('too few attempts say nothing, whatever their rate', () => {
  const { told, window } = windows(3, { errorRatePercent: 50, minRequests: 10 })
  for (let n = 0; n < 5; n++) window({ count: 9, faults: 9 }, { count: 100 }, { count: 100 })
  assert.deepEqual(told, [])
  window({ count: 10, faults: 10 }, { count: 100 }, { count: 100 })
  assert.deepEqual(told, ['0: 100 % of 10 attempts failed; for 30 s'])
})

test('an endpoint is too slow only above the factor, and in two windows in a row', () => {
  const { told, window } = windows(3, { latencyFactor: 5, minRequests: 10 })
  const others = [{ count: 20 }, { count: 20 }]
  for (let n = 0; n < 5; n++) window({ count: 20, ms: 50 }, ...others)
  window({ count: 20, ms: 51 }, ...others)
  window({ count: 20, ms: 50 }, ...others)
  window({ count: 20, ms: 51 }, ...others)
  assert.deepEqual(told, [])
  // A window with too few attempts says neither.
  window({ count: 9, ms: 50 }, ...others)
  window({ count: 20, ms: 51 }, ...others)
  assert.deepEqual(told, ['0: median latency 51 ms, that of its peers 10 ms; for 30 s'])
})

test('where there are no peers to compare with, none is too slow', () => {
  const { told, window } = windows(2, { latencyFactor: 2, minRequests: 10 })
  for (let n = 0; n < 5; n++) window({ count: 20, ms: 5_000 }, { count: 5 })
  assert.deepEqual(told, [])
})

test('a window has the median of its attempts that were answered', () => {
  const window = new Window()
  assert.equal(window.median(), null)
  for (const ms of [30, null, 10, 20]) window.add(ms === null, ms, seededChance())
  assert.deepEqual([window.median(), window.total, window.errorRate], [20, 4, 0.25])
  window.reset()
  assert.deepEqual([window.median(), window.total, window.errorRate], [null, 0, 0])
})

test('of more than 64 latencies a fair sample is kept', () => {
  // 10,000 that rise: the median of the first or the last 64 would be far off.
  for (let seed = 1; seed <= 20; seed++) {
    const window = new Window()
    const chance = seededChance(seed)
    for (let ms = 1; ms <= 10_000; ms++) window.add(false, ms, chance)
    const median = window.median() as number
    assert.ok(median > 2_500 && median < 7_500, `${median}`)
  }
})

test('of more than 64 latencies any may be kept, and each replaces one', () => {
  const window = new Window()
  for (let n = 0; n < 64; n++) window.add(false, 1, assert.fail)
  // The last place of all: not among the 64.
  for (let n = 0; n < 64; n++) window.add(false, 9, () => 0.999)
  assert.equal(window.median(), 1)
  let place = 0
  for (let n = 0; n < 33; n++) window.add(false, 9, () => (place++ + 0.5) / (129 + n))
  assert.equal(window.median(), 9)
})
