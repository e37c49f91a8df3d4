import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DURATION_PATTERN, durationMs } from './duration.js'

const DURATIONS: readonly [text: string, ms: number][] = [
  ['0ms', 0],
  ['250ms', 250],
  ['3s', 3_000],
  ['1.5s', 1_500],
  ['0.25s', 250],
  ['5m', 300_000],
  ['2h', 7_200_000]
]

test('a duration is a number and a unit', () => {
  for (const [text, ms] of DURATIONS) {
    assert.equal(durationMs(text), ms, text)
    assert.match(text, new RegExp(DURATION_PATTERN))
  }
})

test('anything else is not a duration, for the schema neither', () => {
  for (const text of [
    '',
    '5',
    's',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '1S',
    '.5s',
    '1.s',
    '1e3ms',
    '1d',
    '1s1ms',
    '1s\n'
  ]) {
    assert.equal(durationMs(text), undefined, JSON.stringify(text))
    assert.doesNotMatch(text, new RegExp(DURATION_PATTERN))
  }
})
