import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs } from './backoff.js'
import { retryAfterMs } from './retry-after.js'

const NOW = Date.parse('2026-01-01T00:00:00Z')

test('Retry-After is a number of seconds or an HTTP-date', () => {
  const rows: [string, number][] = [
    ['3', 3_000],
    [' 0 ', 0],
    ['1234567890', 1_234_567_890_000],
    ['0000000000007', 7_000],
    ['9'.repeat(400), Number.POSITIVE_INFINITY],
    ['Thu, 01 Jan 2026 00:00:07 GMT', 7_000],
    ['Thu, 01 Jan 2025 00:00:07 GMT', 0],
    ['soon', 0],
    ['-1', 0],
    ['1.5', 0],
    ['2026-01-01T00:00:07Z', 0],
    ['', 0]
  ]
  for (const [value, ms] of rows) assert.equal(retryAfterMs(value, NOW), ms, value)
})

test('the limit of the wait doubles up to its maximum, and chance decides below it', () => {
  const settings = { baseMs: 25, maxMs: 250 }
  const limits = [0, 1, 2, 3, 4, 100].map((retries) => backoffMs(settings, retries, () => 0.999_999))
  assert.deepEqual(limits, [25, 50, 100, 200, 250, 250])
  assert.equal(
    backoffMs(settings, 2, () => 0),
    0
  )
  assert.equal(
    backoffMs(settings, 2, () => 0.5),
    50
  )
})
