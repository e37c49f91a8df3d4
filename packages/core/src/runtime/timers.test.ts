import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MOST_STALLS, processTimers, STALL_MS, type Timers, waitFor } from './timers.js'

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('a timer that is cancelled when its time has come, but before its task, runs nothing', async () => {
  const ran: string[] = []
  const cancels = [
    processTimers.after(1, () => void ran.push('after')),
    processTimers.every(1, () => void ran.push('every'))
  ]
  // Due in the same round of timers, after both; arrived data is read between that and their tasks.
  await new Promise<void>((done) => {
    setTimeout(() => {
      for (const cancel of cancels) cancel()
      setImmediate(() => setImmediate(done))
    }, 1)
    const due = performance.now() + 5
    while (performance.now() < due);
  })
  assert.deepEqual(ran, [])
})

interface Waits {
  readonly timers: Timers
  readonly waits: { readonly ms: number; readonly task: () => void; cancelled: boolean }[]
}

function recorded(): Waits {
  const waits: Waits['waits'] = []
  const after: Timers['after'] = (ms, task) => {
    const wait = { ms, task, cancelled: false }
    waits.push(wait)
    return () => {
      wait.cancelled = true
    }
  }
  return { timers: { after, every: after }, waits }
}

test('a wait for somebody else ends in time, and once more later where the process stood still at its end', () => {
  const { timers, waits } = recorded()
  let over = 0
  waitFor(timers, 10_000, () => void over++)
  waits[0]?.task()
  assert.equal(over, 1)

  waitFor(timers, 2, () => void over++)
  standStill(STALL_MS + 10)
  waits[1]?.task()
  assert.equal(over, 1)
  assert.equal(waits[2]?.ms, 2)
  waits[2]?.task()
  assert.equal(over, 2)
})

test('a wait for somebody else is put off a few times in a row, and then ends', () => {
  const { timers, waits } = recorded()
  let over = 0
  waitFor(timers, 1, () => void over++)
  for (let n = 0; n <= MOST_STALLS; n++) {
    assert.equal(over, 0)
    standStill(STALL_MS + 2)
    waits[n]?.task()
  }
  assert.equal(over, 1)
})

test('a wait for somebody else can be cancelled in both of its parts', () => {
  const { timers, waits } = recorded()
  waitFor(timers, 10, () => {})()
  assert.equal(waits[0]?.cancelled, true)
  const cancel = waitFor(timers, 1, () => {})
  standStill(STALL_MS + 10)
  waits[1]?.task()
  cancel()
  assert.equal(waits[2]?.cancelled, true)
})
