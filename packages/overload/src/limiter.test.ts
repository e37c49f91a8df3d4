import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance, virtualClock } from '@gatewright/testing'
import fc from 'fast-check'
import type { ConcurrencyConfig, Importance } from './config/config.js'
import { Gradient } from './gradient.js'
import { Limiter, type Waiter } from './limiter.js'
import { shortage } from './process-signals.js'
import { type AdaptiveSettings, type LimitSettings, resolveLimit, resolveProcess } from './settings.js'

function setUp(config: ConcurrencyConfig) {
  const time = virtualClock()
  return { time, limiter: new Limiter(resolveLimit(config) as LimitSettings, time.clock, () => 0) }
}

function waiter(importance: Importance = 'default', told: string[] = [], name = ''): Waiter {
  return {
    importance,
    enteredAt: 0,
    answering: false,
    waitingSince: 0,
    next: null,
    previous: null,
    queue: null,
    called: (outcome) => void told.push(`${name}${outcome}`)
  }
}

test('so many are in, so many wait, and the next one is refused', () => {
  const { limiter } = setUp({ max: 2, maxQueue: 1 })
  assert.deepEqual(
    [1, 2, 3, 4].map(() => limiter.enter(waiter())),
    ['in', 'in', 'waits', 'full']
  )
  assert.deepEqual([limiter.running, limiter.waiting], [2, 1])
})

test('who waits is called in the order of arrival, what matters most first', () => {
  const { limiter } = setUp({ max: 2, maxQueue: 9 })
  const told: string[] = []
  const inside = [waiter(), waiter()]
  for (const one of inside) limiter.enter(one)
  for (const [importance, name] of [
    ['bulk', 'b'],
    ['default', 'd1 '],
    ['critical', 'c '],
    ['default', 'd2 ']
  ] as const)
    limiter.enter(waiter(importance, told, name))
  limiter.leave(inside[0] as Waiter)
  limiter.leave(inside[1] as Waiter)
  assert.deepEqual(told, ['c in', 'd1 in'])
})

test('what matters least leaves a fifth of the limit to others', () => {
  const { limiter } = setUp({ max: 10 })
  const entries = Array.from({ length: 9 }, () => limiter.enter(waiter('bulk')))
  assert.equal(entries.filter((entry) => entry === 'in').length, 8)
  assert.equal(limiter.enter(waiter()), 'in')
})

test('a wait has an end', () => {
  const { limiter, time } = setUp({ max: 1, maxQueue: 5, queueTimeout: '100ms' })
  const told: string[] = []
  limiter.enter(waiter())
  limiter.enter(waiter('default', told, 'a '))
  time.advance(60)
  limiter.enter(waiter('default', told, 'b '))
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
  const inside = waiter()
  limiter.enter(inside)
  limiter.enter(waiter('default', told, 'old '))
  time.advance(90)
  limiter.enter(waiter('default', told, 'new '))
  time.advance(20)
  limiter.leave(inside)
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
      const inside = new Set<Waiter>()
      const waiting = new Set<Waiter>()
      for (const { do: what, importance, n } of steps) {
        if (what === 'wait') time.advance(n * 10)
        else if (what === 'expire') limiter.expire()
        else if (what === 'enter') {
          const one: Waiter = {
            ...waiter(importance),
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
            limiter.leave(one)
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

function adapting(settings: Partial<AdaptiveSettings> = {}): Gradient {
  return new Gradient({ ...ADAPTIVE, ...settings }, seededChance(9))
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
    const gradient = adapting({ initial })
    const limit = settle(gradient, 50, 1_000, 120)
    assert.ok(limit >= 45 && limit <= 250, `${initial} → ${limit}`)
  }
})

test('it falls when the upstream gets slower, and stays when it is not used', () => {
  const gradient = adapting()
  const before = settle(gradient, 50, 1_000, 60)
  const after = settle(gradient, 10, 1_000, 10, 60_000)
  assert.ok(after < before, `${before} → ${after}`)
  const idle = settle(gradient, 10, 1, 1, 70_000)
  assert.equal(settle(gradient, 10, 1, 60, 71_000), idle)
})

test('a queue that stands for an hour does not become normal', () => {
  for (const capacity of [2, 10, 50]) {
    const gradient = adapting()
    const before = settle(gradient, capacity, 1_000, 60)
    const after = settle(gradient, capacity, 1_000, 3_600, 60_000)
    assert.ok(after <= 2 * before, `${capacity}: ${before} → ${after}`)
  }
})

test('an upstream that has become slower for good gets its limit back within minutes', () => {
  const gradient = adapting()
  const before = settle(gradient, 50, 1_000, 100)
  const fallen = settle(gradient, 50, 1_000, 10, 100_000, 50)
  assert.ok(fallen < before / 2, `${before} → ${fallen}`)
  const after = settle(gradient, 50, 1_000, 180, 110_000, 50)
  assert.ok(after > before / 2 && after < 2 * before, `${before} → ${fallen} → ${after}`)
})

test('one that begins far above what the upstream can do finds it once it has measured again', () => {
  const never = settle(adapting({ initial: 400, remeasureMs: 0 }), 20, 1_000, 300)
  const gradient = adapting({ initial: 400 })
  settle(gradient, 20, 1_000, 60)
  const after = settle(gradient, 20, 1_000, 240, 60_000)
  assert.ok(never > 300 && after < 100, `${never} never, ${after} with`)
})

/** The least and the greatest limit of `seconds` under a demand, requests of `serviceMs` that do not wait for each other. */
function range(gradient: Gradient, demand: number, seconds: number, from: number): [number, number] {
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (let ms = 0; ms < seconds * 1_000; ms += 5) {
    gradient.record(10, Math.min(demand, gradient.limit), from + ms)
    least = Math.min(least, gradient.limit)
    most = Math.max(most, gradient.limit)
  }
  return [least, most]
}

test('what requests take at best is measured with three tenths less, and with less still only while they get faster', () => {
  const bound = adapting({ max: 100, initial: 100 })
  range(bound, 1_000, 50, 0)
  assert.deepEqual(range(bound, 1_000, 30, 50_000), [70, 100])
})

test('where requests stay far from the limit, nothing is measured', () => {
  const free = adapting({ initial: 100 })
  assert.deepEqual(range(free, 30, 300, 0), [100, 100])
})

test('what began before a measurement does not count for it, and one that finds no time to begin is given up', () => {
  const gradient = adapting({ max: 100, initial: 100, remeasureMs: 5_000 })
  let now = 0
  for (; gradient.limit === 100; now += 5) gradient.record(10, 100, now)
  for (let n = 0; n < 100; n++) gradient.record(10, 100, now)
  gradient.record(500, 70, now)
  for (let n = 0; n < 100; n++) gradient.record(501, 70, now + 500)
  assert.equal(gradient.limit, 70)
  for (let n = 0; n < 50; n++) gradient.record(10, 70, now + 520)
  assert.equal(gradient.limit, 100)
  for (; gradient.limit === 100; now += 5) gradient.record(10, 100, now)
  for (let ms = 0; ms <= 5_000; ms += 5) gradient.record(10, 100, now + ms)
  assert.equal(gradient.limit, 100)
})

test('gateways that begin at the same time measure at different ones', () => {
  const beginning = (chance: number): number => {
    const gradient = new Gradient({ ...ADAPTIVE, max: 100, initial: 100 }, () => chance)
    let now = 0
    for (; gradient.limit === 100; now += 5) gradient.record(10, 100, now)
    return now
  }
  assert.ok(beginning(0.99) - beginning(0) > 8_000)
})

test('a few requests that take very long change nothing for the others', () => {
  const gradient = adapting()
  settle(gradient, 50, 1_000, 60)
  const before = gradient.limit
  for (let ms = 60_000; ms < 90_000; ms += 5) {
    gradient.record(ms % 2_500 === 0 ? 30_000 : latencyOf(gradient.limit, 50, 10), gradient.limit, ms)
  }
  assert.ok(gradient.limit > before / 2, `${before} → ${gradient.limit}`)
})

test('few requests a second are judged by many, not by the ones of half a second', () => {
  const gradient = adapting({ initial: 20 })
  const chance = seededChance(5)
  for (let ms = 0; ms < 600_000; ms += 250) gradient.record(10 + 40 * chance(), gradient.limit, ms)
  assert.ok(gradient.limit > 20, String(gradient.limit))
})

test('an answer that has begun holds no place of a limit that finds itself, and one of a limit that is given', () => {
  for (const [config, second] of [
    [{ adaptive: { min: 1, initial: 1 } }, 'in'],
    [{ adaptive: { min: 1, initial: 1 }, max: 1 }, 'full'],
    [{ max: 1 }, 'full']
  ] as const) {
    const { limiter } = setUp(config)
    const stream = waiter()
    limiter.enter(stream)
    stream.answering = true
    limiter.answered(10)
    const next = waiter()
    assert.equal(limiter.enter(next), second, JSON.stringify(config))
    limiter.leave(stream)
    if (second === 'in') limiter.leave(next)
    assert.deepEqual([limiter.running, limiter.enter(waiter())], [0, 'in'])
  }
})

test('who waits is called when the answer of another one has begun', () => {
  const { limiter } = setUp({ adaptive: { min: 1, initial: 1 }, maxQueue: 1 })
  const told: string[] = []
  limiter.enter(waiter())
  limiter.enter(waiter('default', told))
  limiter.answered(10)
  assert.deepEqual(told, ['in'])
})

test('what a measurement takes of the limit may wait, where nobody else may', () => {
  const { limiter, time } = setUp({ max: 100, adaptive: { initial: 100 } })
  const busy = Array.from({ length: 100 }, () => waiter())
  for (const one of busy) limiter.enter(one)
  while (limiter.limit === 100) {
    time.advance(5)
    const one = busy.shift() as Waiter
    one.answering = true
    limiter.answered(10)
    limiter.leave(one)
    busy.push(waiter())
    limiter.enter(busy[99] as Waiter)
  }
  assert.equal(limiter.limit, 70)
  for (let n = 0; n < 40; n++) limiter.enter(waiter())
  assert.deepEqual([limiter.running, limiter.waiting, limiter.enter(waiter())], [99, 30, 'full'])
})

test('when those that hold every place are silent, one more is let in at a time, and whoever comes back makes room for another', () => {
  const { limiter, time } = setUp({ adaptive: { min: 4, initial: 4, window: '500ms' } })
  for (let n = 0; n < 4; n++) limiter.enter(waiter())
  assert.equal(limiter.enter(waiter()), 'full')
  time.advance(501)
  assert.deepEqual([limiter.enter(waiter()), limiter.enter(waiter())], ['in', 'full'])
  limiter.answered(10)
  assert.deepEqual(
    [1, 2, 3].map(() => limiter.enter(waiter())),
    ['in', 'in', 'full']
  )
  // Where nobody comes back, it ends at twice the limit.
  for (let n = 0; n < 20; n++) {
    time.advance(501)
    limiter.enter(waiter())
  }
  assert.equal(limiter.running, 8)
})

test('what matters more takes the place of what matters least and would have been served last', () => {
  for (const order of ['fifo', 'adaptive'] as const) {
    const { limiter, time } = setUp({ max: 1, maxQueue: 3, queueOrder: order })
    const told: string[] = []
    limiter.enter(waiter())
    for (const [importance, name] of [
      ['default', 'd1 '],
      ['bulk', 'b '],
      ['default', 'd2 ']
    ] as const)
      limiter.enter(waiter(importance, told, name))
    time.advance(200)
    assert.equal(limiter.enter(waiter('bulk', told)), 'full')
    assert.equal(limiter.enter(waiter('default', told, 'd3 ')), 'waits')
    assert.equal(limiter.enter(waiter('default', told)), 'full')
    assert.equal(limiter.enter(waiter('critical', told)), 'waits')
    assert.deepEqual(told, order === 'fifo' ? ['b full', 'd3 full'] : ['b full', 'd1 full'])
    assert.equal(limiter.waiting, 3)
  }
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

test('requests are silent when they take ten times what is usual, and longer than a window', () => {
  const silentAfter = (usual: number): number => {
    const gradient = adapting({ windowMs: 500 })
    for (let ms = 5; ms <= 5_000; ms += 5) gradient.record(usual, 15, ms)
    let silence = 0
    while (!gradient.isSilent(5_000 + silence)) silence += 10
    return silence
  }
  assert.equal(silentAfter(10), 510)
  assert.ok(silentAfter(200) > 2_000)
  assert.equal(adapting({ windowMs: 500 }).isSilent(400), false)
})

test('whatever it is resized to, who came is let in or sent away once, and nobody is counted who has left', () => {
  const settings = fc.record(
    {
      max: fc.integer({ min: 1, max: 6 }),
      maxQueue: fc.integer({ min: 0, max: 6 }),
      queueOrder: fc.constantFrom('fifo' as const, 'adaptive' as const),
      adaptive: fc.constantFrom(false, { min: 1, initial: 1, window: '10ms' } as const)
    },
    { requiredKeys: ['max'] }
  )
  const step = fc.oneof(
    settings.map((resize) => ({ resize })),
    fc.constantFrom('enter' as const, 'enter' as const, 'answer' as const, 'leave' as const, 'wait' as const)
  )
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 60 }), (first, steps) => {
      const { limiter, time } = setUp(first)
      const inside: Waiter[] = []
      let waiting = 0
      for (const what of steps) {
        time.advance(7)
        if (typeof what === 'object') {
          limiter.resize(resolveLimit(what.resize) as LimitSettings)
          limiter.callNext()
        } else if (what === 'enter') {
          const one = waiter()
          one.called = (outcome) => {
            waiting--
            if (outcome === 'in') inside.push(one)
          }
          const entry = limiter.enter(one)
          if (entry === 'in') inside.push(one)
          if (entry === 'waits') waiting++
        } else if (what === 'wait') {
          time.advance(500)
          limiter.expire()
        } else {
          const one = inside.find(({ answering }) => what === 'leave' || !answering)
          if (one === undefined) continue
          if (what === 'answer') {
            one.answering = true
            limiter.answered(5)
          } else {
            inside.splice(inside.indexOf(one), 1)
            limiter.leave(one)
          }
        }
        const { adaptive } = limiter.settings
        const counted = inside.filter(({ answering }) => adaptive === null || !answering)
        assert.deepEqual([limiter.running, limiter.waiting], [counted.length, waiting])
      }
      for (let one = inside.pop(); one !== undefined; one = inside.pop()) limiter.leave(one)
      assert.deepEqual([limiter.running, limiter.waiting], [0, 0])
    })
  )
})
