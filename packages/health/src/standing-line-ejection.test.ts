import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Events, Pool, type PoolConfig, resolvePool } from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange, seededChance, virtualTime } from '@gatewright/testing'
import { PoolHealth } from './pool-health.js'
import { SlowStart } from './slow-start.js'

/** Ten requests a second find no connection to the first of three endpoints; another one answers. */
function standing(
  config: PoolConfig['outlierDetection'],
  answersBetween: boolean,
  overShare = false
): string[] {
  const time = virtualTime()
  const { clock, timers } = time
  const all = endpoints(3)
  const [stuck, well] = all
  const pool = new Pool('main', all, { pick: ([one]) => one }, resolvePool({ endpoints: [] }), {
    outlierDetection: config as never
  })
  const events = new Events()
  const told: string[] = []
  events.on('endpoint_health', ({ to, because }) => void told.push(`${to}: ${because}`))
  events.on('observed', ({ because }) => void told.push(because))
  const slowStart = new SlowStart(clock, timers)
  const health = new PoolHealth(pool, {
    clock,
    timers,
    events,
    chance: seededChance(),
    slowStart,
    warn: assert.fail,
    threw: assert.fail
  })
  const exchange = fakeExchange({ pool })
  const answers = (endpoint: (typeof all)[0]): void => {
    const now = clock()
    health.observe(
      fakeAttempt(endpoint, { startedAt: now - 10, dispatchedAt: now - 10, endedAt: now }),
      exchange
    )
  }
  time.advance(1_000)
  answers(stuck)
  for (let n = 0; n < 20 && told.length === 0; n++) {
    time.advance(100)
    const failure = n % 2 === 0 ? 'pool_queue_full' : 'pool_queue_timeout'
    health.observe(
      fakeAttempt(stuck, { failure, status: 0, sent: false, overShare, endedAt: clock() }),
      exchange
    )
    answers(well)
    if (answersBetween && n % 8 === 7) answers(stuck)
  }
  return told
}

test('an endpoint whose line only grows is ejected', () => {
  const told = standing({}, false)
  assert.equal(told.length, 1)
  assert.match(told[0] as string, /^ejected: 11 requests in a row got no connection/)
})

test('one whose line moves is not, nor is one where that is not looked at', () => {
  assert.deepEqual(standing({}, true), [])
  assert.deepEqual(standing({ consecutiveLocalErrors: 0 }, false), [])
  assert.deepEqual(standing(false, false), [])
})

test('where ejection is only observed, so is this', () => {
  const told = standing({ mode: 'observe' }, false)
  assert.equal(told.length, 1)
  assert.match(told[0] as string, /ejected: 11 requests in a row/)
})

test('nor is one whose line is only that of clients which have their share of its connections', () => {
  assert.deepEqual(standing({}, false, true), [])
})
