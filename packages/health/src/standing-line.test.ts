import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, fakeAttempt } from '@gatewright/testing'
import { StandingLine } from './standing-line.js'

const [endpoint] = endpoints(1) as [ReturnType<typeof endpoints>[number]]

function answered(line: StandingLine, tookMs: number): void {
  line.answered(fakeAttempt(endpoint, { startedAt: 0, dispatchedAt: 100, endedAt: 100 + tookMs }))
}

function refusals(line: StandingLine, from: number, to: number): (string | null)[] {
  const told: (string | null)[] = []
  for (let now = from; now <= to; now += 100) told.push(line.refused(now, 5))
  return told
}

test('a line that only grows says so after a second, not before', () => {
  const line = new StandingLine()
  answered(line, 10)
  const told = refusals(line, 5_000, 6_000)
  assert.deepEqual(told.slice(0, -1), new Array(10).fill(null))
  assert.match(
    String(told.at(-1)),
    /^11 requests in a row got no connection, and there was no response for 1000 ms$/
  )
})

test('few refusals say nothing, however long the silence is', () => {
  const line = new StandingLine()
  answered(line, 10)
  for (let n = 0; n < 4; n++) assert.equal(line.refused(n * 60_000, 5), null)
  assert.notEqual(line.refused(240_000, 5), null)
  assert.equal(line.refused(240_000, 0), null)
})

test('an answer between them begins it anew', () => {
  const line = new StandingLine()
  answered(line, 10)
  assert.deepEqual(refusals(line, 0, 900), new Array(10).fill(null))
  answered(line, 10)
  assert.deepEqual(refusals(line, 1_000, 1_900), new Array(10).fill(null))
})

test('where answers take long, the silence must be longer', () => {
  const line = new StandingLine()
  answered(line, 5_000)
  for (let n = 0; n < 10; n++) answered(line, 10)
  assert.ok(refusals(line, 0, 8_000).every((told) => told === null))
  assert.notEqual(line.refused(10_000, 5), null)
})

test('an endpoint that has never answered is not judged by its line', () => {
  assert.ok(refusals(new StandingLine(), 0, 60_000).every((told) => told === null))
})
