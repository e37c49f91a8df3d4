import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '@gatewright/core'
import { virtualClock } from '@gatewright/testing'
import fc from 'fast-check'
import { Breaker } from './breaker.js'
import type { BreakerConfig } from './config/config.js'
import { type BreakerSettings, resolveBreaker } from './settings.js'

interface Setup {
  readonly breaker: Breaker
  readonly changes: string[]
  readonly advance: (ms: number) => void
  readonly now: () => number
  /** Enters and settles `count` attempts; returns how many were let in. */
  attempts(verdict: Verdict, count?: number, ms?: number): number
}

function setUp(config: BreakerConfig = true, chance = 0.5): Setup {
  const time = virtualClock()
  const changes: string[] = []
  const breaker = new Breaker(
    resolveBreaker(config) as BreakerSettings,
    time.clock,
    () => chance,
    (from, to, because) => void changes.push(`${from} → ${to}: ${because}`)
  )
  return {
    breaker,
    changes,
    advance: time.advance,
    now: time.now,
    attempts(verdict, count = 1, ms = 5) {
      let entered = 0
      for (let n = 0; n < count; n++) {
        const generation = breaker.enter()
        if (generation === -1) continue
        entered++
        breaker.settle(generation, verdict, ms, time.now())
      }
      return entered
    }
  }
}

test('it opens when half of at least 20 attempts failed, and tells what it saw', () => {
  const { breaker, changes, attempts } = setUp()
  attempts('fault', 19)
  assert.equal(breaker.state.kind, 'closed')
  attempts('fault')
  assert.equal(breaker.state.kind, 'open')
  assert.deepEqual(changes, ['closed → open: 20 of 20 attempts within 10 s failed'])
  assert.equal(attempts('success', 5), 0)
})

test('below the share it stays closed, and what is older than the window does not count', () => {
  const { breaker, attempts, advance } = setUp()
  attempts('success', 21)
  attempts('fault', 20)
  assert.equal(breaker.state.kind, 'closed')
  advance(11_000)
  attempts('fault', 19)
  assert.equal(breaker.state.kind, 'closed')
  attempts('success', 1)
  assert.equal(breaker.state.kind, 'open')
})

test('one that takes over what another had counted opens when that one would have', () => {
  const first = setUp()
  first.attempts('fault', 19)
  const { breaker, changes, attempts } = setUp()
  breaker.restore(first.breaker.state, first.breaker.counts)
  assert.deepEqual(changes, [])
  attempts('fault')
  assert.equal(breaker.state.kind, 'open')
  first.breaker.restore(breaker.state, breaker.counts)
  assert.deepEqual(first.changes, ['closed → open: it was restored'])
})

test('attempts that say nothing are not counted', () => {
  const { breaker, attempts } = setUp()
  attempts('neutral', 100)
  attempts('fault', 19)
  assert.equal(breaker.state.kind, 'closed')
})

test('attempts that were given up after so long are slow, though nobody knows how they would have ended', () => {
  const { breaker, attempts } = setUp({ slowCall: '100ms', slowCallThresholdPercent: 50, minRequests: 10 })
  attempts('neutral', 20, 99)
  attempts('success', 5)
  assert.equal(breaker.state.kind, 'closed')
  attempts('neutral', 5, 100)
  assert.equal(breaker.state.kind, 'open')
})

test('slow answers open it too', () => {
  const { changes, attempts } = setUp({ slowCall: '100ms', slowCallThresholdPercent: 80, minRequests: 10 })
  attempts('success', 2, 99)
  attempts('success', 8, 100)
  assert.deepEqual(changes, ['closed → open: 8 of 10 attempts within 10 s took 100 ms or longer'])
})

test('after its time it lets so many through at once, and closes after as many successes', () => {
  const { breaker, changes, attempts, advance, now } = setUp({ halfOpenRequests: 2 })
  attempts('fault', 20)
  advance(29_999)
  assert.equal(breaker.enter(), -1)
  assert.equal(breaker.retryAfter, 1)
  advance(1)
  const one = breaker.enter()
  const two = breaker.enter()
  assert.equal(breaker.enter(), -1)
  breaker.settle(one, 'neutral', null, now())
  const three = breaker.enter()
  assert.notEqual(three, -1)
  breaker.settle(two, 'success', 5, now())
  breaker.settle(three, 'success', 5, now())
  assert.equal(breaker.state.kind, 'closed')
  assert.deepEqual(changes.slice(1), [
    'open → half_open: the open time has elapsed',
    'half_open → closed: 2 attempts succeeded'
  ])
})

test('a fault while half open opens it for twice as long, up to the longest', () => {
  const { breaker, attempts, advance } = setUp({ openDuration: '10s', maxOpenDuration: '30s' })
  attempts('fault', 20)
  const lengths: number[] = []
  for (let n = 0; n < 4; n++) {
    const { state } = breaker
    assert.ok(state.kind === 'open')
    lengths.push(state.until - state.since)
    advance(state.until - state.since)
    attempts('fault')
  }
  assert.deepEqual(lengths, [10_000, 20_000, 30_000, 30_000])
})

test('the row ends when it stays closed for as long as it was open', () => {
  const { breaker, attempts, advance } = setUp({ openDuration: '10s', halfOpenRequests: 1 })
  const lengthOf = (): number => {
    const { state } = breaker
    assert.ok(state.kind === 'open')
    return state.until - state.since
  }
  const openAndClose = (): void => {
    attempts('fault', 20)
    advance(lengthOf())
    attempts('success')
    assert.equal(breaker.state.kind, 'closed')
  }
  openAndClose()
  advance(9_999)
  attempts('fault', 20)
  assert.equal(lengthOf(), 20_000)
  advance(20_000)
  attempts('success')
  advance(20_000)
  attempts('fault', 20)
  assert.equal(lengthOf(), 10_000)
})

test('chance spreads the time by a tenth either way', () => {
  for (const [chance, ms] of [
    [0, 27_000],
    [0.5, 30_000],
    [1, 33_000]
  ] as const) {
    const { breaker, attempts } = setUp(true, chance)
    attempts('fault', 20)
    assert.ok(breaker.state.kind === 'open')
    assert.equal(Math.round(breaker.state.until - breaker.state.since), ms)
  }
})

test('after it has closed, the share of attempts grows with time', () => {
  const { breaker, attempts, advance } = setUp({ halfOpenRequests: 1, ramp: '10s' }, 0.5)
  attempts('fault', 20)
  advance(30_000)
  assert.equal(attempts('success'), 1)
  assert.equal(breaker.state.kind, 'closed')
  advance(5_000)
  assert.equal(attempts('success'), 0)
  advance(1)
  assert.equal(attempts('success'), 1)
})

test('an attempt from before a change counts for nothing after it', () => {
  const { breaker, attempts, advance, now } = setUp({ halfOpenRequests: 1 })
  const early = breaker.enter()
  attempts('fault', 20)
  advance(30_000)
  const probe = breaker.enter()
  breaker.settle(early, 'fault', 5, now())
  assert.equal(breaker.state.kind, 'half_open')
  breaker.settle(probe, 'success', 5, now())
  assert.equal(breaker.state.kind, 'closed')
})

test('whatever happens, permits are neither lost nor made up, and an open breaker lets nobody in', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('enter' as const) }),
    fc.record({
      do: fc.constant('settle' as const),
      which: fc.nat(5),
      verdict: fc.constantFrom<Verdict>('success', 'fault', 'neutral')
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40_000) })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { breaker, advance, now } = setUp({ minRequests: 3, halfOpenRequests: 2, openDuration: '5s' })
      const running: number[] = []
      for (const one of steps) {
        if (one.do === 'wait') advance(one.ms)
        else if (one.do === 'enter') {
          const generation = breaker.enter()
          assert.ok(breaker.state.kind !== 'open' || generation === -1)
          if (generation !== -1) running.push(generation)
        } else {
          const [generation] = running.splice(one.which % Math.max(1, running.length), 1)
          if (generation !== undefined) breaker.settle(generation, one.verdict, 1, now())
        }
        const { state } = breaker
        if (state.kind === 'half_open') assert.ok(state.running >= 0 && state.running <= 2)
      }
      for (const generation of running) breaker.settle(generation, 'neutral', null, now())
      if (breaker.state.kind === 'half_open') assert.equal(breaker.state.running, 0)
    })
  )
})

test('who is told when to try again is told a second where the breaker is not open', () => {
  const { breaker, attempts, advance } = setUp({ openDuration: '5s' })
  assert.equal(breaker.retryAfter, 1)
  attempts('fault', 100)
  assert.equal(breaker.state.kind, 'open')
  assert.ok(breaker.retryAfter > 1)
  advance(60_000)
  breaker.enter()
  assert.equal(breaker.state.kind, 'half_open')
  assert.equal(breaker.retryAfter, 1)
})

test('other thresholds hold for what was counted before', () => {
  const { breaker, attempts, now } = setUp({ minRequests: 100 })
  attempts('fault', 30)
  breaker.follow(resolveBreaker({ minRequests: 31 }) as BreakerSettings, now())
  assert.equal(breaker.state.kind, 'closed')
  attempts('fault')
  assert.equal(breaker.state.kind, 'open')
})

test('a window of another length holds what came within it', () => {
  const { breaker, attempts, advance, now } = setUp({ minRequests: 100, window: '10s' })
  const follow = (window: '1s' | '60s') =>
    breaker.follow(resolveBreaker({ minRequests: 100, window }) as BreakerSettings, now())
  attempts('success', 7)
  advance(5_000)
  attempts('fault', 3)
  follow('1s')
  assert.deepEqual(breaker.counts, { total: 3, faults: 3, slow: 0 })
  follow('60s')
  attempts('success', 2)
  assert.deepEqual(breaker.counts, { total: 5, faults: 3, slow: 0 })
  advance(30_000)
  assert.deepEqual(breaker.counts, { total: 5, faults: 3, slow: 0 })
  advance(36_000)
  assert.deepEqual(breaker.counts, { total: 0, faults: 0, slow: 0 })
})

test('one that is open stays so, and no longer than its new settings say', () => {
  const { breaker, attempts, advance, now } = setUp()
  const follow = (openDuration: '1s' | '2m') =>
    breaker.follow(resolveBreaker({ openDuration }) as BreakerSettings, now())
  attempts('fault', 20)
  follow('2m')
  assert.equal(breaker.retryAfter, 30)
  advance(500)
  follow('1s')
  assert.equal(breaker.isShut, true)
  advance(600)
  assert.equal(attempts('success'), 1)
  assert.equal(breaker.state.kind, 'half_open')
})
