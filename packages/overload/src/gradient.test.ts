import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gradient } from './gradient.js'
import type { AdaptiveSettings } from './settings.js'

const SETTINGS: AdaptiveSettings = {
  min: 5,
  max: 500,
  initial: 100,
  windowMs: 500,
  tolerance: 1.5,
  remeasureMs: 0
}

/** A limit, with what lets many requests end for some seconds, so many `running` at a time. */
function setUp(settings: Partial<AdaptiveSettings> = {}) {
  const gradient = new Gradient({ ...SETTINGS, ...settings }, () => 0)
  let now = 1_000
  return {
    gradient,
    run(seconds: number, ms: number, running = gradient.limit): number {
      for (const end = now + seconds * 1_000; now < end; now += 5) gradient.record(ms, running, now)
      return gradient.limit
    }
  }
}

test('what requests take at best follows when they get faster: as slow as before is then too slow', () => {
  const { run } = setUp()
  const slow = run(5, 100)
  const fast = run(10, 20)
  assert.ok(fast > slow, `${slow} → ${fast}`)
  const again = run(10, 100)
  assert.ok(again < fast / 2, `${fast} → ${again}`)
})

test('with no more than the least at a time, what requests take is what they take at best', () => {
  const { run } = setUp()
  run(1, 10)
  const before = run(10, 50, 5)
  const after = run(5, 50)
  assert.ok(after > before, `${before} → ${after}`)
})

test('the limit grows by its root within a window, where at least half of it is used', () => {
  for (const [running, expected] of [
    [49, 100],
    [50, 102],
    [100, 102]
  ] as const)
    assert.equal(setUp().run(0.8, 10, running), expected, String(running))
})

test('requests that take less than a millisecond do not lower the limit', () => {
  assert.ok(setUp().run(10, 0.2) > 110)
})
