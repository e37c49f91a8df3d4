import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restartDelayMs } from './restart-delay.js'

test('the first failure costs no wait, later ones twice as long each time, up to half a minute', () => {
  const delays = [0, 1, 2, 3, 4, 9, 11, 12, 1_000].map((failures) => restartDelayMs(failures, () => 0))
  assert.deepEqual(delays, [0, 0, 100, 200, 400, 12_800, 30_000, 30_000, 30_000])
})

test('waits differ by up to a quarter', () => {
  assert.equal(
    restartDelayMs(3, () => 0.5),
    225
  )
})
