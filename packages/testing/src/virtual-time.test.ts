import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualTime } from './virtual-time.js'

test('what is due runs in order of time, and at one time in the order of scheduling', () => {
  const time = virtualTime(1_000)
  const ran: string[] = []
  const note = (name: string) => () => ran.push(`${name}@${time.now()}`)
  time.timers.after(20, note('c'))
  time.timers.after(10, note('a'))
  time.timers.after(10, note('b'))
  time.timers.after(31, note('late'))
  time.advance(30)
  assert.deepEqual(ran, ['a@1010', 'b@1010', 'c@1020'])
  assert.equal(time.now(), 1_030)
  assert.equal(time.nextAt(), 1_031)
})

test('what a task schedules within the same stretch of time runs in it', () => {
  const time = virtualTime(1_000)
  const ran: number[] = []
  time.timers.after(10, () => time.timers.after(5, () => ran.push(time.now())))
  time.advance(15)
  assert.deepEqual(ran, [1_015])
})

test('a task that was cancelled never runs, and a repeated one ends, also from within', () => {
  const time = virtualTime()
  let ran = 0
  time.timers.after(1, () => ran++)()
  const stop = time.timers.every(10, () => {
    if (++ran === 3) stop()
  })
  time.advance(1_000)
  assert.equal(ran, 3)
  assert.equal(time.nextAt(), Number.POSITIVE_INFINITY)
})

test('thousands of cancelled time limits leave order and the others as they are', () => {
  const time = virtualTime(1_000)
  const ran: number[] = []
  for (let n = 0; n < 5_000; n++) {
    const cancel = time.timers.after(10_000 - n, () => ran.push(time.now()))
    if (n % 1_000 !== 0) cancel()
  }
  time.advance(10_000)
  assert.deepEqual(ran, [7_000, 8_000, 9_000, 10_000, 11_000])
})

test('time cannot go back', () => {
  assert.throws(() => virtualTime().advance(-1), RangeError)
})
