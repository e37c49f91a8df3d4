import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BreakerSettings, resolveBreaker } from './settings.js'
import { admits, awaited, type BreakerState, CLOSED, entered, left, opened } from './state.js'

const SETTINGS = resolveBreaker({
  openDuration: '10s',
  maxOpenDuration: '60s',
  halfOpenRequests: 2,
  ramp: '4s'
}) as BreakerSettings
const NO_RAMP: BreakerSettings = { ...SETTINGS, rampMs: 0 }
const NOW = 100_000

type Of<Kind extends BreakerState['kind']> = Extract<BreakerState, { kind: Kind }>

/** Never open before; just closed after its second time; closed since long. */
const FRESH = CLOSED as Of<'closed'>
const CLOSED_NOW: Of<'closed'> = { kind: 'closed', since: NOW, times: 2, lastOpenMs: 20_000 }
const CLOSED_LONG: Of<'closed'> = { kind: 'closed', since: NOW - 20_000, times: 2, lastOpenMs: 20_000 }
const OPEN: Of<'open'> = { kind: 'open', since: NOW - 19_999, until: NOW + 1, times: 2 }
const DUE: Of<'open'> = { kind: 'open', since: NOW - 20_000, until: NOW, times: 2 }
const HALF: Of<'half_open'> = { kind: 'half_open', times: 2, lastOpenMs: 20_000, running: 0, successes: 0 }
const HALF_FULL: Of<'half_open'> = { ...HALF, running: 2 }
const HALF_NEARLY: Of<'half_open'> = { ...HALF, running: 1, successes: 1 }

const STATES = {
  'never opened': FRESH,
  'just closed': CLOSED_NOW,
  'long closed': CLOSED_LONG,
  open: OPEN,
  'open, its time over,': DUE,
  'half open': HALF,
  'half open and full': HALF_FULL,
  'half open and nearly closed': HALF_NEARLY
}
type Name = keyof typeof STATES

/** A row per state: what it becomes by an input, or `same` for the very same object. */
type Row = Readonly<Record<Name, BreakerState | 'same'>>

function table(input: string, row: Row, apply: (state: BreakerState) => BreakerState): void {
  for (const name of Object.keys(STATES) as Name[]) {
    const expected = row[name]
    test(`a breaker ${name} ${input}: ${expected === 'same' ? 'it stays so' : expected.kind}`, () => {
      const before = structuredClone(STATES[name])
      const after = apply(STATES[name])
      if (expected === 'same') assert.equal(after, STATES[name])
      else assert.deepEqual(after, expected)
      assert.deepEqual(STATES[name], before)
    })
  }
}

function openFor(ms: number, times: number): BreakerState {
  return { kind: 'open', since: NOW, until: NOW + ms, times }
}

// Twice as long each time; a row of openings ends only when it was closed for as long as it was open last.
table(
  'opens',
  {
    'never opened': openFor(10_000, 1),
    'just closed': openFor(40_000, 3),
    'long closed': openFor(10_000, 1),
    open: openFor(40_000, 3),
    'open, its time over,': openFor(40_000, 3),
    'half open': openFor(40_000, 3),
    'half open and full': openFor(40_000, 3),
    'half open and nearly closed': openFor(40_000, 3)
  },
  (state) => opened(state, NOW, 0.5, SETTINGS)
)

const STAYS: Row = {
  'never opened': 'same',
  'just closed': 'same',
  'long closed': 'same',
  open: 'same',
  'open, its time over,': 'same',
  'half open': 'same',
  'half open and full': 'same',
  'half open and nearly closed': 'same'
}

table('is looked at', { ...STAYS, 'open, its time over,': HALF }, (state) => awaited(state, NOW))

table(
  'lets an attempt begin',
  {
    ...STAYS,
    'half open': { ...HALF, running: 1 },
    'half open and full': { ...HALF, running: 3 },
    'half open and nearly closed': { ...HALF, running: 2, successes: 1 }
  },
  entered
)

table(
  'is told of a success',
  {
    ...STAYS,
    // One that was never counted as begun, by a restart in between, must not go below nothing.
    'half open': { ...HALF, running: 0, successes: 1 },
    'half open and full': { ...HALF, running: 1, successes: 1 },
    'half open and nearly closed': CLOSED_NOW
  },
  (state) => left(state, true, NOW, SETTINGS)
)

table(
  'is told of an attempt that says nothing',
  {
    ...STAYS,
    'half open': { ...HALF },
    'half open and full': { ...HALF, running: 1 },
    'half open and nearly closed': { ...HALF, successes: 1 }
  },
  (state) => left(state, null, NOW, SETTINGS)
)

const ADMITS: [name: Name, elapsedMs: number, chance: number, ramped: boolean, unramped: boolean][] = [
  ['never opened', 0, 0.99, true, true],
  ['just closed', 0, 0, false, true],
  ['just closed', 1_000, 0.24, true, true],
  ['just closed', 1_000, 0.25, false, true],
  ['just closed', 4_000, 0.99, true, true],
  ['long closed', 0, 0.99, true, true],
  ['open', 0, 0, false, false],
  // Its time is over, but only looking at it makes it half open.
  ['open, its time over,', 0, 0, false, false],
  ['half open', 0, 0.99, true, true],
  ['half open and nearly closed', 0, 0.99, true, true],
  ['half open and full', 0, 0, false, false]
]

for (const [name, elapsedMs, chance, ramped, unramped] of ADMITS)
  test(`whether a breaker ${name} lets one in after ${elapsedMs} ms by a chance of ${chance}: ${ramped}, without a ramp ${unramped}`, () => {
    const state = STATES[name]
    assert.equal(admits(state, NOW + elapsedMs, chance, SETTINGS), ramped)
    assert.equal(admits(state, NOW + elapsedMs, chance, NO_RAMP), unramped)
  })

test('a breaker that has never been open has no ramp, also when the clock has just begun', () => {
  assert.ok(admits(CLOSED, 1, 0.99, SETTINGS))
})

test('the time it opens for is spread by a tenth either way, and never longer than the longest', () => {
  const rows: [times: number, chance: number, ms: number][] = [
    [0, 0, 9_000],
    [0, 1, 11_000],
    [1, 0.5, 20_000],
    [2, 1, 44_000],
    [3, 0, 60_000],
    [3, 1, 60_000],
    [2_000, 0.5, 60_000]
  ]
  for (const [times, chance, ms] of rows) {
    const state = opened({ ...HALF, times }, NOW, chance, SETTINGS)
    assert.ok(state.kind === 'open')
    assert.equal(Math.round(state.until - NOW), ms, `time ${times + 1} by a chance of ${chance}`)
  }
})
