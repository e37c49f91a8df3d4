import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failures } from './failures.js'

function counting(more: { limit?: number; maxClients?: number } = {}) {
  const time = { now: 1_000 }
  const failures = new Failures(
    () => time.now,
    () => 0.5
  )
  failures.use({ limit: 3, window: '1m', ...more })
  const fail = (client: string, times = 1): void => {
    for (let n = 0; n < times; n++) failures.record(client)
  }
  return { time, failures, fail }
}

test('a client may fail so often in a window, and begins anew when it ends', () => {
  const { time, failures, fail } = counting()
  fail('192.0.2.1', 2)
  assert.equal(failures.waitOf('192.0.2.1'), 0)
  fail('192.0.2.1')
  assert.equal(failures.waitOf('192.0.2.1'), 60_000)
  assert.equal(failures.waitOf('192.0.2.2'), 0)
  time.now += 59_999
  assert.equal(failures.waitOf('192.0.2.1'), 1)
  time.now += 1
  assert.equal(failures.waitOf('192.0.2.1'), 0)
  fail('192.0.2.1')
  assert.equal(failures.waitOf('192.0.2.1'), 0)
})

test('an IPv6 client is its /64', () => {
  const { failures, fail } = counting()
  for (const last of ['1', '2', '3']) fail(`2001:db8::${last}`)
  assert.ok(failures.waitOf('2001:db8::ffff') > 0)
  assert.equal(failures.waitOf('2001:db8:0:1::1'), 0)
})

test('a flood of clients neither grows the table nor sets back one that is counted', () => {
  const { failures, fail, time } = counting({ maxClients: 50 })
  fail('192.0.2.1', 3)
  for (let n = 0; n < 10_000; n++) fail(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
  assert.equal(failures.clients, 50)
  assert.ok(failures.waitOf('192.0.2.1') > 0)
  // Those beyond share counts, and so limit one another.
  assert.ok(failures.waitOf('10.0.39.1') > 0)
  time.now += 60_000
  assert.equal(failures.waitOf('10.0.39.1'), 0)
  for (let n = 0; n < 100; n++) fail(`10.1.0.${n}`)
  assert.ok(failures.clients <= 50)
})

test('without a limit nothing is counted', () => {
  const { failures, fail } = counting()
  failures.use(false)
  fail('192.0.2.1', 100)
  assert.deepEqual([failures.waitOf('192.0.2.1'), failures.clients], [0, 0])
})
