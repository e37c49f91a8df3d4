import assert from 'node:assert/strict'
import { AsyncResource } from 'node:async_hooks'
import { test } from 'node:test'
import { settleTickShape } from './tick-shape.js'

test('objects as Node makes them for ticks are made with whole and broken ids, under symbols that Node itself uses', () => {
  const own = Object.getOwnPropertySymbols(new AsyncResource('test'))
  assert.deepEqual(
    settleTickShape().map((tick) => Object.getOwnPropertySymbols(tick).map((symbol) => tick[symbol])),
    [
      [1, 1],
      [1.5, 1.5]
    ]
  )
  for (const tick of settleTickShape()) {
    assert.ok(Object.getOwnPropertySymbols(tick).every((symbol) => own.includes(symbol)))
    assert.deepEqual(Object.keys(tick), ['callback', 'args'])
  }
})
