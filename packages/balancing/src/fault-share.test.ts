import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultShare } from './fault-share.js'

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} instead of ${expected}`)

test('of an endpoint that has never worked, one fault says that all fail', () => {
  const share = new FaultShare()
  share.count(true, 1_000, 10_000)
  assert.equal(share.valueAt(1_000, 10_000), 1)
})

test('a single fault counts by the time since the last attempt', () => {
  const share = new FaultShare()
  share.count(false, 1_000, 10_000)
  share.count(true, 1_050, 10_000)
  near(share.valueAt(1_050, 10_000), 1 - Math.exp(-0.005))
  share.count(false, 11_050, 10_000)
  near(share.valueAt(11_050, 10_000), (1 - Math.exp(-0.005)) / Math.E)
})

test('a single fault is no more than 1 %, however long ago the last attempt was', () => {
  const share = new FaultShare()
  share.count(false, 0, 10_000)
  share.count(true, 900_000, 10_000)
  assert.equal(share.valueAt(900_000, 10_000), 0.01)
})

test('five in a row count as all, and four do not', () => {
  const share = new FaultShare()
  const values: boolean[] = []
  for (const fault of [false, true, true, true, true, false, true, true, true, true, true]) {
    share.count(fault, 1_000, 10_000)
    values.push(share.valueAt(1_000, 10_000) === 1)
  }
  assert.deepEqual(values, [...Array(10).fill(false), true])
})

test('it fades while nothing is asked', () => {
  const share = new FaultShare()
  share.count(true, 0, 10_000)
  near(share.valueAt(20_000, 10_000), 1 / Math.E ** 2)
})
