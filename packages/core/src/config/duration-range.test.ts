import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LONGEST_TIMER_MS, processTimers } from '../runtime/timers.js'
import { durationMs } from './duration.js'
import { isInRange, rangeRule } from './duration-range.js'

test('a range has both its ends, and zero where that has a meaning', () => {
  const range = { least: '10ms', most: '596h', zero: false }
  assert.equal(isInRange(range, '10ms') && isInRange(range, '596h') && isInRange(range, '0.01s'), true)
  for (const text of ['9.9ms', '0ms', '597h']) assert.equal(isInRange(range, text), false, text)
  assert.equal(isInRange({ ...range, zero: true }, '0s'), true)
  assert.equal(isInRange({ ...range, least: '1ms' }, '0.5ms'), false)
  assert.equal(rangeRule(range), 'from 10ms to 596h')
  assert.equal(rangeRule({ ...range, zero: true }), 'from 10ms to 596h, or 0ms')
})

test('the longest of all ranges can be waited for by a timer', () => {
  assert.ok((durationMs('596h') ?? Infinity) <= LONGEST_TIMER_MS)
})

test('a timer that is set for too long, or for no time at all, does not flood', (t) => {
  const delays: unknown[] = []
  const set = (_task: unknown, ms: unknown): unknown => {
    delays.push(ms)
    return { unref() {} }
  }
  t.mock.method(globalThis, 'setTimeout', set)
  t.mock.method(globalThis, 'setInterval', set)
  for (const ms of [2 ** 31, Infinity, Number.NaN, -1, 0]) {
    processTimers.after(ms, () => {})
    processTimers.every(ms, () => {})
  }
  const most = LONGEST_TIMER_MS
  assert.deepEqual(delays, [most, most, most, most, most, most, 0, 1, 0, 1])
})
