import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualClock } from './virtual-clock.js'

test('the clock stands still until it is moved', () => {
  const time = virtualClock(50)
  assert.equal(time.clock(), 50)
  assert.equal(time.clock(), 50)
  time.advance(7.5)
  assert.equal(time.clock(), 57.5)
  assert.equal(time.now(), 57.5)
})

test('the clock does not start at 0, which records use for "not yet"', () => {
  assert.notEqual(virtualClock().now(), 0)
})

test('the clock cannot go back', () => {
  const time = virtualClock()
  assert.throws(() => time.advance(-1), RangeError)
  assert.throws(() => time.advance(Number.NaN), RangeError)
})
