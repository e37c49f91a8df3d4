import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { DEFAULT_TIMEOUTS, type Exchange, type Reason } from '@gatewright/core'
import { type PhaseOwner, PhaseTimer } from './phase-timer.js'
import type { Limit } from './time-limits.js'
import { TimerWheel } from './timer-wheel.js'

const FAR: Limit = { at: Number.POSITIVE_INFINITY, reason: 'internal_error' }

class Owner implements PhaseOwner {
  readonly calls: string[] = []
  limit: Limit = FAR
  /** What the request does when its next attempt begins. */
  next = (): void => {}

  nextLimit(): Limit {
    return this.limit
  }
  expire(reason: Reason): void {
    this.calls.push(reason)
  }
  tryAgain(): void {
    this.calls.push('again')
    this.next()
  }
  hedge(): void {
    this.calls.push('hedge')
  }
}

function timerAt(deadlineAt = 0, fallback: Reason | null = null) {
  let now = 10_000
  const wheel = new TimerWheel(() => now, { after: () => () => {}, every: () => () => {} })
  const owner = new Owner()
  const exchange = { deadlineAt, startedAt: now, fallback } as Exchange
  const timer = new PhaseTimer(owner, wheel, exchange, { ...DEFAULT_TIMEOUTS, firstByteMs: 200 }, now)
  owner.next = () => timer.enter('connecting', now)
  return {
    wheel,
    owner,
    timer,
    advance(ms: number): void {
      for (const until = now + ms; now < until; ) {
        now = Math.min(now + 10, until)
        wheel.advance()
      }
    }
  }
}

test('a limit is told once it is reached, not before', () => {
  const { owner, timer, advance } = timerAt()
  timer.watch(10_000, 1_000)
  timer.enter('sent', 10_000)
  owner.limit = { at: 10_500, reason: 'upstream_timeout' }
  advance(490)
  assert.deepEqual(owner.calls, [])
  advance(20)
  assert.deepEqual(owner.calls, ['upstream_timeout'])
})

test('a wait ends after its time, and begins the next attempt once', () => {
  const { owner, timer, advance } = timerAt()
  timer.watch(10_000, 1_000)
  timer.wait(50, 10_000)
  advance(40)
  assert.deepEqual(owner.calls, [])
  advance(500)
  assert.deepEqual(owner.calls, ['again'])
})

test('a wait of no time ends in the same turn of the event loop, but not at once', async () => {
  const { owner, timer } = timerAt()
  timer.wait(0, 10_000)
  assert.deepEqual(owner.calls, [])
  await setImmediate()
  assert.deepEqual(owner.calls, ['again'])
})

test('a wait that something else has ended begins no attempt', async () => {
  const { owner, timer } = timerAt()
  timer.wait(0, 10_000)
  timer.enter('admission', 10_000)
  await setImmediate()
  assert.deepEqual(owner.calls, [])
})

test('a hedge is due from the beginning of the phase, though limits are looked at less often', () => {
  const { owner, timer, advance } = timerAt()
  timer.watch(10_000, 1_000)
  timer.armHedge(30)
  advance(20)
  assert.deepEqual(owner.calls, [])
  advance(20)
  assert.deepEqual(owner.calls, ['hedge'])
  advance(500)
  assert.deepEqual(owner.calls, ['hedge'])
})

test('a hedge that was disarmed is not begun', () => {
  const { owner, timer, advance } = timerAt()
  timer.watch(10_000, 1_000)
  timer.armHedge(30)
  timer.disarmHedge()
  advance(500)
  assert.deepEqual(owner.calls, [])
})

test('a request that has ended is not woken any more', () => {
  const { owner, timer, wheel, advance } = timerAt()
  timer.watch(10_000, 1_000)
  owner.limit = { at: 10_100, reason: 'upstream_timeout' }
  timer.end()
  assert.equal(wheel.size, 0)
  advance(500)
  assert.deepEqual(owner.calls, [])
})

test('a deadline that is nearer than any limit is long is told when it is reached, also after a wait', () => {
  for (const [deadlineAt, waitMs, told] of [
    [10_050, 0, 50],
    [10_000, 0, 10],
    [10_150, 50, 150]
  ] as const) {
    const { owner, timer, advance } = timerAt(deadlineAt)
    owner.limit = { at: deadlineAt, reason: 'deadline_exceeded' }
    timer.watch(10_000, 1_000)
    if (waitMs > 0) timer.wait(waitMs, 10_000)
    advance(told - 10)
    assert.equal(owner.calls.includes('deadline_exceeded'), false)
    owner.expire = (reason) => {
      owner.calls.push(reason)
      timer.end()
    }
    advance(10)
    assert.equal(owner.calls.at(-1), 'deadline_exceeded')
  }
})

test('a fallback for a deadline that has passed has the time until limits are looked at', () => {
  const { owner, timer, advance } = timerAt(9_000, 'deadline_exceeded')
  owner.limit = { at: 9_000, reason: 'deadline_exceeded' }
  timer.watch(10_000, 1_000)
  advance(190)
  assert.deepEqual(owner.calls, [])
})
