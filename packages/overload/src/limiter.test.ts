import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConcurrencyConfig, Importance } from '@gatewright/core'
import { seededChance, virtualClock } from '@gatewright/testing'
import fc from 'fast-check'
import { Gradient } from './gradient.js'
import { type Guest, Limiter } from './limiter.js'
import { shortage } from './process-signals.js'
import { type AdaptiveSettings, type LimitSettings, resolveLimit, resolveProcess } from './settings.js'

function setUp(config: ConcurrencyConfig) {
  const time = virtualClock()
  return { time, limiter: new Limiter(resolveLimit(config) as LimitSettings, time.clock) }
}

function guest(importance: Importance = 'default', told: string[] = [], name = ''): Guest {
  return {
    importance,
    enteredAt: 0,
    waitingSince: 0,
    next: null,
    previous: null,
    line: null,
    called: (outcome) => void told.push(`${name}${outcome}`)
  }
}

test('so many are in, so many wait, and the next one is refused', () => {
  const { limiter } = setUp({ max: 2, maxQueue: 1 })
  assert.deepEqual(
    [1, 2, 3, 4].map(() => limiter.enter(guest())),
    ['in', 'in', 'waits', 'full']
  )
  assert.deepEqual([limiter.running, limiter.waiting], [2, 1])
})

test('who waits is called in the order of arrival, what matters most first', () => {
  const { limiter } = setUp({ max: 2, maxQueue: 9 })
  const told: string[] = []
  const inside = [guest(), guest()]
  for (const one of inside) limiter.enter(one)
  for (const [importance, name] of [
    ['bulk', 'b'],
    ['default', 'd1 '],
    ['critical', 'c '],
    ['default', 'd2 ']
  ] as const)
    limiter.enter(guest(importance, told, name))
  limiter.leave(inside[0] as Guest, true)
  limiter.leave(inside[1] as Guest, true)
  assert.deepEqual(told, ['c in', 'd1 in'])
})

test('what matters least leaves a fifth of the limit to others', () => {
  const { limiter } = setUp({ max: 10 })
  const entries = Array.from({ length: 9 }, () => limiter.enter(guest('bulk')))
  assert.equal(entries.filter((entry) => entry === 'in').length, 8)
  assert.equal(limiter.enter(guest()), 'in')
})

test('a wait has an end', () => {
  const { limiter, time } = setUp({ max: 1, maxQueue: 5, queueTimeout: '100ms' })
  const told: string[] = []
  limiter.enter(guest())
  limiter.enter(guest('default', told, 'a '))
  time.advance(60)
  limiter.enter(guest('default', told, 'b '))
  time.advance(39)
  limiter.expire()
  assert.deepEqual(told, [])
  time.advance(1)
  limiter.expire()
  assert.deepEqual(told, ['a timeout'])
  assert.equal(limiter.waiting, 1)
})

test('a standing line is served from its end, and the old ones are let go early', () => {
  const { limiter, time } = setUp({ max: 1, maxQueue: 9, queueTimeout: '1s', queueOrder: 'adaptive' })
  const told: string[] = []
  const inside = guest()
  limiter.enter(inside)
  limiter.enter(guest('default', told, 'old '))
  time.advance(90)
  limiter.enter(guest('default', told, 'new '))
  time.advance(20)
  limiter.leave(inside, true)
  assert.deepEqual(told, ['new in'])
  limiter.expire()
  assert.deepEqual(told, ['new in', 'old timeout'])
})

test('whatever happens, no more than the limit are in, and the counts are right', () => {
  const step = fc.record({
    do: fc.constantFrom('enter', 'leave', 'giveUp', 'wait', 'expire'),
    importance: fc.constantFrom<Importance>('critical', 'default', 'bulk'),
    n: fc.nat(20)
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), fc.boolean(), (steps, adaptive) => {
      const { limiter, time } = setUp({
        max: 4,
        maxQueue: 3,
        queueTimeout: '200ms',
        queueOrder: adaptive ? 'adaptive' : 'fifo'
      })
      const inside = new Set<Guest>()
      const waiting = new Set<Guest>()
      for (const { do: what, importance, n } of steps) {
        if (what === 'wait') time.advance(n * 10)
        else if (what === 'expire') limiter.expire()
        else if (what === 'enter') {
          const one: Guest = {
            ...guest(importance),
            called(outcome) {
              waiting.delete(one)
              if (outcome === 'in') inside.add(one)
            }
          }
          const entry = limiter.enter(one)
          if (entry === 'in') inside.add(one)
          else if (entry === 'waits') waiting.add(one)
        } else {
          const some = [...(what === 'leave' ? inside : waiting)]
          const one = some[n % Math.max(1, some.length)]
          if (one === undefined) continue
          if (what === 'leave') {
            inside.delete(one)
            limiter.leave(one, true)
          } else {
            waiting.delete(one)
            limiter.giveUp(one)
          }
        }
        assert.ok(inside.size <= 4 && waiting.size <= 3)
        assert.deepEqual([limiter.running, limiter.waiting], [inside.size, waiting.size])
      }
    })
  )
})

const ADAPTIVE: AdaptiveSettings = {
  min: 5,
  max: 500,
  initial: 20,
  windowMs: 500,
  tolerance: 1.5,
  remeasureMs: 60_000
}

// A server that works on `capacity` requests at a time, `ms` each; more of them wait their turn.
function latencyOf(running: number, capacity: number, ms: number): number {
  return ms * Math.max(1, running / capacity)
}

function settle(
  gradient: Gradient,
  capacity: number,
  demand: number,
  seconds: number,
  from = 0,
  serviceMs = 10
): number {
  const chance = seededChance(3)
  for (let ms = 0; ms < seconds * 1_000; ms += 5) {
    const running = Math.min(demand, gradient.limit)
    gradient.record(latencyOf(running, capacity, serviceMs) * (0.9 + 0.2 * chance()), running, from + ms)
  }
  return gradient.limit
}

test('the limit settles a little above what the upstream can do at a time', () => {
  for (const initial of [5, 50]) {
    const gradient = new Gradient({ ...ADAPTIVE, initial })
    const limit = settle(gradient, 50, 1_000, 120)
    assert.ok(limit >= 45 && limit <= 250, `${initial} → ${limit}`)
  }
})

test('it falls when the upstream gets slower, and stays when it is not used', () => {
  const gradient = new Gradient(ADAPTIVE)
  const before = settle(gradient, 50, 1_000, 60)
  const after = settle(gradient, 10, 1_000, 10, 60_000)
  assert.ok(after < before, `${before} → ${after}`)
  const idle = settle(gradient, 10, 1, 1, 70_000)
  assert.equal(settle(gradient, 10, 1, 60, 71_000), idle)
})

test('a queue that stands for an hour does not become normal', () => {
  for (const capacity of [2, 10, 50]) {
    const gradient = new Gradient(ADAPTIVE)
    const before = settle(gradient, capacity, 1_000, 60)
    const after = settle(gradient, capacity, 1_000, 3_600, 60_000)
    assert.ok(after <= 2 * before, `${capacity}: ${before} → ${after}`)
  }
})

test('an upstream that has become slower for good gets its limit back within minutes', () => {
  const gradient = new Gradient(ADAPTIVE)
  const before = settle(gradient, 50, 1_000, 130)
  const fallen = settle(gradient, 50, 1_000, 10, 130_000, 50)
  assert.ok(fallen < before / 2, `${before} → ${fallen}`)
  const after = settle(gradient, 50, 1_000, 180, 140_000, 50)
  assert.ok(after > before / 2 && after < 2 * before, `${before} → ${fallen} → ${after}`)
})

test('one that begins far above what the upstream can do finds it once it has measured again', () => {
  const hurried = { ...ADAPTIVE, initial: 400 }
  const never = settle(new Gradient({ ...hurried, remeasureMs: 0 }), 20, 1_000, 300)
  const gradient = new Gradient(hurried)
  settle(gradient, 20, 1_000, 60)
  const after = settle(gradient, 20, 1_000, 240, 60_000)
  assert.ok(never > 300 && after < 100, `${never} never, ${after} with`)
})

test('while it measures, no more than the least are let in, and what began before does not count', () => {
  const gradient = new Gradient({ ...ADAPTIVE, min: 5 })
  settle(gradient, 50, 1_000, 60)
  let now = 60_000
  for (; gradient.limit > 5; now += 5) gradient.record(10, 60, now)
  for (let n = 0; n < 100; n++) gradient.record(500, 60, now)
  assert.equal(gradient.limit, 5)
  for (let n = 0; n < 50; n++) {
    now += 11
    gradient.record(10, 5, now)
  }
  assert.ok(gradient.limit > 5)
})

test('the process is short of something when a threshold is reached; sooner for what matters least, never for what matters most', () => {
  const settings = resolveProcess({
    maxEventLoopDelay: '100ms',
    maxEventLoopUtilization: 90,
    maxHeapPercent: 80
  })
  assert.ok(settings !== null)
  const calm = { delayMs: 5, utilization: 0.2, heap: 0.1 }
  assert.equal(shortage(calm, settings, 'bulk'), null)
  for (const busy of [{ delayMs: 85 }, { utilization: 0.8 }, { heap: 0.7 }]) {
    assert.equal(shortage({ ...calm, ...busy }, settings, 'default'), null)
    assert.notEqual(shortage({ ...calm, ...busy }, settings, 'bulk'), null)
  }
  for (const over of [{ delayMs: 100 }, { utilization: 0.9 }, { heap: 0.8 }]) {
    assert.notEqual(shortage({ ...calm, ...over }, settings, 'default'), null)
    assert.equal(shortage({ ...calm, ...over }, settings, 'critical'), null)
  }
})
