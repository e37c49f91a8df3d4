import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HistogramFamily } from './histogram.js'
import { LabelCap } from './label-cap.js'
import type { Sample } from './sample.js'

const described = { name: 'seconds', help: 'Time.', labels: ['route'] }

function lineOf(samples: readonly Sample[], metricName: string, le?: string): number | undefined {
  return samples.find((sample) => sample.metricName === metricName && sample.labels.le === le)?.value
}

test('buckets count what is at most their bound, those below included', () => {
  const family = new HistogramFamily(described, [0.1, 1], new LabelCap(10))
  const series = family.at('users')
  for (const value of [0.05, 0.1, 0.5, 7]) series.record(value, '')
  const samples = family.samples()
  assert.equal(lineOf(samples, 'seconds_bucket', '0.1'), 2)
  assert.equal(lineOf(samples, 'seconds_bucket', '1'), 3)
  assert.equal(lineOf(samples, 'seconds_bucket', '+Inf'), 4)
  assert.equal(lineOf(samples, 'seconds_count'), 4)
  assert.ok(Math.abs((lineOf(samples, 'seconds_sum') ?? 0) - 7.65) < 1e-9)
  assert.ok(samples.every(({ sharedLabels }) => sharedLabels?.route === 'users'))
})

test('the last traced value of a bucket is its example', () => {
  const family = new HistogramFamily(described, [1], new LabelCap(10))
  const series = family.at('users')
  series.record(0.5, 'a'.repeat(32))
  series.record(0.6, 'b'.repeat(32))
  series.record(0.7, '')
  const [first, above] = family.samples()
  assert.equal(first?.exemplar?.labelSet.trace_id, 'b'.repeat(32))
  assert.equal(first.exemplar.value, 0.6)
  assert.equal(above?.exemplar, undefined)
})
