import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateAt, observe } from './estimate.js'

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} instead of ${expected}`)

test('the first measurement is the estimate', () => {
  assert.deepEqual(observe(undefined, 40, 1_000, 10_000), { ms: 40, at: 1_000 })
})

test('a peak counts at once', () => {
  assert.deepEqual(observe({ ms: 40, at: 1_000 }, 900, 1_001, 10_000), { ms: 900, at: 1_001 })
})

test('a lower measurement weighs by the time since the last one', () => {
  near(observe({ ms: 100, at: 0 }, 0, 10_000, 10_000).ms, 100 / Math.E)
  near(observe({ ms: 100, at: 0 }, 50, 10_000, 10_000).ms, 100 / Math.E + 50 * (1 - 1 / Math.E))
  assert.deepEqual(observe({ ms: 100, at: 5 }, 50, 5, 10_000), { ms: 100, at: 5 })
})

test('an estimate fades with time', () => {
  near(estimateAt({ ms: 100, at: 0 }, 0, 10_000), 100)
  near(estimateAt({ ms: 100, at: 0 }, 20_000, 10_000), 100 / Math.E ** 2)
})
