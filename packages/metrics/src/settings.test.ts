import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricsConfig } from './config/config.js'
import { checkMetrics, resolveMetrics } from './settings.js'

test('metrics are off unless they are switched on', () => {
  for (const config of [undefined, false, { enabled: false }] as const)
    assert.equal(resolveMetrics(config, 'app'), null)
  assert.equal(resolveMetrics(true, 'app')?.path, '/metrics')
  assert.equal(resolveMetrics(true, 'app')?.maxLabelValues, 2_000)
  assert.equal(resolveMetrics({}, 'probes')?.listener, 'probes')
  assert.equal(resolveMetrics({ listener: 'app' }, 'probes')?.listener, 'app')
})

test('buckets that do not grow, a missing token and a missing listener are problems', () => {
  const metrics: MetricsConfig = {
    buckets: [1, 1],
    requireToken: true,
    tokenEnv: 'SCRAPE',
    listener: 'probes'
  }
  assert.deepEqual(
    [...checkMetrics({ metrics }, 'app', {})],
    [
      'metrics.buckets: must grow from one to the next',
      'metrics.requireToken: the environment variable SCRAPE (metrics.tokenEnv) is not set',
      "metrics.listener: 'probes' needs a gateway made with createGateway; use 'app'"
    ]
  )
  assert.deepEqual(
    [...checkMetrics({ metrics: { requireToken: true } }, 'app', { GW_METRICS_TOKEN: 'x' })],
    []
  )
  assert.deepEqual(
    [
      ...checkMetrics({ metrics: { requireToken: true, slo: { availability: 100, latency: '2m' } } }, 'app', {
        GW_METRICS_TOKEN: 'a b\n'
      })
    ].map((problem) => problem.split(':')[0]),
    ['metrics.tokenEnv', 'metrics.slo.availability', 'metrics.slo.latency']
  )
  assert.deepEqual([...checkMetrics({ metrics: { ...metrics, enabled: false } }, 'app', {})], [])
})
