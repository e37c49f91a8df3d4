import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LatencyHistogram } from './latency.js'

test('a quantile is at most an eighth, or an eighth of a millisecond, too high', () => {
  const latencies = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), {
    minLength: 50,
    maxLength: 200
  })
  fc.assert(
    fc.property(latencies, fc.constantFrom(0.5, 0.9, 0.95, 0.99), (all, q) => {
      const histogram = new LatencyHistogram()
      for (const ms of all) histogram.record(ms, 10_000)
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(q * all.length) - 1] as number
      const found = histogram.quantile(q, 10_000) as number
      assert.ok(found >= exact && found <= exact * 1.126 + 0.126, `${found} for ${exact}`)
    })
  )
})

test('nothing is said of few samples, nor of old ones', () => {
  const histogram = new LatencyHistogram()
  for (let n = 0; n < 49; n++) histogram.record(5, 10_000)
  assert.equal(histogram.quantile(0.5, 10_000), null)
  histogram.record(5, 10_000)
  assert.notEqual(histogram.quantile(0.5, 10_000), null)
  assert.notEqual(histogram.quantile(0.5, 25_000), null)
  assert.equal(histogram.quantile(0.5, 40_000), null)
})
