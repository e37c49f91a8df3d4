import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keep, readCounts, readKept } from './kept.js'
import type { BreakerState } from './state.js'

const STATES: BreakerState[] = [
  { kind: 'closed', since: 0, times: 0, lastOpenMs: 0 },
  { kind: 'open', since: 4_000, until: 9_000, times: 2 },
  { kind: 'half_open', times: 1, lastOpenMs: 5_000, running: 0, successes: 0 }
]

const COUNTS = { total: 9, faults: 4, slow: 1 }

for (const state of STATES)
  test(`a ${state.kind} breaker goes on where it was, in a process whose clock shows another time`, () => {
    const kept = JSON.parse(JSON.stringify(keep(state, COUNTS, 5_000)))
    const expected = state.kind === 'open' ? { ...state, since: 99_000, until: 104_000 } : state
    assert.deepEqual(readKept('pool a', kept, 100_000), expected)
  })

test('a closed breaker goes on with what it had counted', () => {
  const kept = JSON.parse(JSON.stringify(keep(STATES[0] as BreakerState, COUNTS, 5_000)))
  assert.deepEqual(readCounts('pool a', kept), COUNTS)
  assert.deepEqual(readCounts('pool a', { kind: 'closed' }), { total: 0, faults: 0, slow: 0 })
  for (const counts of [
    1,
    { total: 1, faults: 2, slow: 0 },
    { total: 1.5, faults: 0, slow: 0 },
    { total: 1 }
  ])
    assert.throws(() => readCounts('pool a', { counts }), /pool a: counts must be total, faults and slow/)
})

test('what is no state is refused, naming the breaker and the rule', () => {
  const rows: [unknown, RegExp][] = [
    [null, /pool a: times must be a whole number/],
    [{ kind: 'open', times: 1 }, /pool a: remainingMs and sinceMs must be milliseconds/],
    [{ kind: 'closed', times: 1, lastOpenMs: -1 }, /lastOpenMs must be milliseconds/],
    [{ kind: 'ajar', times: 1, lastOpenMs: 1 }, /kind must be 'closed', 'open' or 'half_open'/]
  ]
  for (const [value, message] of rows) assert.throws(() => readKept('pool a', value, 0), message)
})
