import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttemptRecord } from '@gatewright/core'
import { endpoints, fakeAttempt } from '@gatewright/testing'
import { LatencyHistogram } from './latency.js'
import { Losses } from './losses.js'

const [hung, other] = endpoints(2)
const winner = (ms: number): AttemptRecord => fakeAttempt(other, { headAt: 1_000 + ms, endedAt: 1_000 + ms })
const loser = (ms: number, changes: Partial<AttemptRecord> = {}): AttemptRecord =>
  fakeAttempt(hung, { cancelled: true, status: 0, headAt: 0, endedAt: 1_000 + ms, ...changes })

function known(ms: number): LatencyHistogram {
  const latency = new LatencyHistogram()
  for (let n = 0; n < 100; n++) latency.record(ms, 1_000)
  return latency
}

test('a loser is late when it was waited for longer than nearly all answers take, and than twice the other one', () => {
  const rows: [waited: number, took: number, latency: LatencyHistogram, late: boolean][] = [
    [200, 50, known(100), true],
    [200, 150, known(100), false],
    [90, 10, known(100), false],
    [90, 10, new LatencyHistogram(), true],
    [15, 10, new LatencyHistogram(), false]
  ]
  for (const [waited, took, latency, late] of rows)
    assert.equal(new Losses().areTooMany(loser(waited), winner(took), latency), late, `${waited} to ${took}`)
})

test("time in line for a connection is not the endpoint's, and a client that leaves says nothing", () => {
  const losses = new Losses()
  const latency = known(100)
  assert.equal(losses.areTooMany(loser(500, { dispatchedAt: 0 }), winner(10), latency), false)
  assert.equal(losses.areTooMany(loser(500, { dispatchedAt: 1_450 }), winner(10), latency), false)
  assert.equal(losses.areTooMany(loser(500, { failure: 'client_closed' }), winner(10), latency), false)
})

test('an endpoint that loses clearly again and again is late, until it answers once', () => {
  const losses = new Losses()
  const latency = known(100)
  const loses = (): boolean => losses.areTooMany(loser(80), winner(10), latency)
  assert.deepEqual(Array.from({ length: 22 }, loses).indexOf(true), 20)
  losses.end(other)
  assert.equal(loses(), true)
  losses.end(hung)
  assert.equal(loses(), false)
})
