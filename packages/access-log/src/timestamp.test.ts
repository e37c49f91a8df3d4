import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTimestamps } from './timestamp.js'

test('times are those of Date, whichever way they go', () => {
  const timestampOf = createTimestamps()
  for (const ms of [
    0, 1, 999, 1_000, 1_767_323_045_678, 1_767_323_045_007, 1_767_323_046_000, 5, 86_399_999.9
  ])
    assert.equal(timestampOf(ms), new Date(ms).toISOString())
})
