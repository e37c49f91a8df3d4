import assert from 'node:assert/strict'
import test from 'node:test'
import { Timed, TimerWheel } from './timer-wheel.js'

class Alarm extends Timed {
  woken: number[] = []
  readonly again: (now: number) => number

  constructor(again: (now: number) => number = () => 0) {
    super()
    this.again = again
  }

  override wake(now: number): number {
    this.woken.push(now)
    return this.again(now)
  }
}

function wheelAt(start = 0) {
  let now = start
  const wheel = new TimerWheel(() => now)
  return {
    wheel,
    advance(ms: number) {
      now += ms
      wheel.advance()
    }
  }
}

test('an alarm wakes once, at or just after its time', () => {
  const { wheel, advance } = wheelAt()
  const alarm = new Alarm()
  wheel.schedule(alarm, 100)
  advance(99)
  assert.deepEqual(alarm.woken, [])
  advance(11)
  assert.deepEqual(alarm.woken, [110])
  advance(20_000)
  assert.deepEqual(alarm.woken, [110])
  assert.equal(wheel.size, 0)
})

test('an alarm beyond one turn of the wheel waits for its own turn', () => {
  const { wheel, advance } = wheelAt()
  const alarm = new Alarm()
  wheel.schedule(alarm, 25_000)
  for (let ms = 0; ms < 24_900; ms += 100) advance(100)
  assert.deepEqual(alarm.woken, [])
  advance(110)
  assert.equal(alarm.woken.length, 1)
})

test('a cancelled alarm never wakes, wherever it stands in its slot', () => {
  const { wheel, advance } = wheelAt()
  const alarms = [new Alarm(), new Alarm(), new Alarm()]
  for (const alarm of alarms) wheel.schedule(alarm, 50)
  wheel.cancel(alarms[1] as Alarm)
  wheel.cancel(alarms[1] as Alarm)
  advance(60)
  assert.deepEqual(
    alarms.map((alarm) => alarm.woken.length),
    [1, 0, 1]
  )
})

test('alarms of one slot wake although the first cancels the next one', () => {
  const { wheel, advance } = wheelAt()
  const last = new Alarm()
  const cancelled = new Alarm()
  const first = new Alarm(() => {
    wheel.cancel(cancelled)
    return 0
  })
  for (const alarm of [last, cancelled, first]) wheel.schedule(alarm, 50)
  advance(60)
  assert.deepEqual(
    [first, cancelled, last].map(({ woken }) => woken.length),
    [1, 0, 1]
  )
})

test('scheduling again moves an alarm', () => {
  const { wheel, advance } = wheelAt()
  const alarm = new Alarm()
  wheel.schedule(alarm, 50)
  wheel.schedule(alarm, 500)
  advance(100)
  assert.deepEqual(alarm.woken, [])
  advance(410)
  assert.equal(alarm.woken.length, 1)
})

test('an alarm may ask to be woken again', () => {
  const { wheel, advance } = wheelAt()
  const alarm = new Alarm((now) => (now < 300 ? now + 100 : 0))
  wheel.schedule(alarm, 100)
  for (let i = 0; i < 60; i++) advance(10)
  assert.deepEqual(alarm.woken, [100, 200, 300])
})

test('after a stall longer than a turn everything due wakes once', () => {
  const { wheel, advance } = wheelAt()
  const alarms = Array.from({ length: 500 }, (_, i) => {
    const alarm = new Alarm()
    wheel.schedule(alarm, (i + 1) * 30)
    return alarm
  })
  advance(60_000)
  assert.ok(alarms.every((alarm) => alarm.woken.length === 1))
})

test('an alarm whose time has passed already wakes at the next tick', () => {
  const { wheel, advance } = wheelAt(1_000)
  const alarm = new Alarm()
  wheel.schedule(alarm, 10)
  advance(10)
  assert.equal(alarm.woken.length, 1)
})
