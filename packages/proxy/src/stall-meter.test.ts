import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StallMeter } from './stall-meter.js'

test('a tick that comes late tells what was lost, also before it comes; one that is a little late does not', () => {
  const meter = new StallMeter(10)
  assert.equal(meter.lostBy(5_000), 0)
  meter.begin(1_000)
  meter.tick(1_010)
  meter.tick(1_069)
  assert.equal(meter.lostBy(1_079), 0)
  assert.equal(meter.lostBy(2_579), 1_500)
  meter.tick(2_579)
  assert.equal(meter.lostBy(2_579), 1_500)
  meter.tick(2_689)
  assert.equal(meter.lostBy(2_690), 1_600)
  meter.end()
  assert.equal(meter.lostBy(9_000), 1_600)
  meter.begin(9_000)
  assert.equal(meter.lostBy(9_010), 1_600)
})

test('a time limit that was reached while the process stood still has the rest of its time afterwards', () => {
  const meter = new StallMeter(10)
  meter.begin(1_000)
  meter.tick(2_510)
  for (const [at, extended] of [
    [1_009, 1_009],
    [1_010, 2_510],
    [1_300, 2_800],
    [2_509, 4_009],
    [2_510, 2_510],
    [4_009, 4_009]
  ] as const)
    assert.equal(meter.extended(at), extended, `${at}`)
})

test('a time limit is put off by one loss after another, but not by losses without end', () => {
  const meter = new StallMeter(10)
  meter.begin(0)
  const lose = (from: number): void => {
    meter.tick(from + 100)
    meter.tick(from + 110)
  }
  for (const from of [10, 130, 250]) lose(from)
  // Lost: 10 to 110, 130 to 230, 250 to 350. The remaining 50 each time fall into the next.
  assert.equal(meter.extended(60), 360)
  for (const from of [370, 490, 610]) lose(from)
  assert.equal(meter.extended(60), 60)
  assert.equal(meter.extended(190), 590)
})

test('without a step nothing is ever found', () => {
  const meter = new StallMeter(Number.POSITIVE_INFINITY)
  meter.begin(0)
  meter.tick(1_000_000)
  assert.equal(meter.lostBy(9_000_000), 0)
  assert.equal(meter.extended(500), 500)
})
