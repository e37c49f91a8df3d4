import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayConfig, Route } from '@gatewright/core'
import { defineKey, finish, Gateway } from '@gatewright/core'
import { virtualClock } from '@gatewright/testing'
import { EndpointSeriesMap } from './endpoint-series.js'
import { createFamilies, DURATION_BUCKETS } from './families.js'
import { LabelCap } from './label-cap.js'
import type { Family } from './sample.js'
import { beginAtZero } from './zeros.js'

/** A feature's. */
const LIMITED = {
  name: 'limited' as never,
  status: 429,
  title: 'Too many',
  blames: 'client',
  mayAnswer: ({ rewrite }: Route) => rewrite !== null
} as const

/** Keys of features, of any shape. */
const KEYS = ['circuitBreaker', 'retry', 'hedge', 'concurrency'].map((name) =>
  defineKey({ name, on: ['pool', 'policy', 'route'], plugin: name, reload: 'live', schema: {} })
)

/** How many lines each family begins with, those of no route and of its histograms' buckets left out. */
function begun(config: GatewayConfig, most = 1_000): { lines: string[]; families: readonly Family[] } {
  const cap = new LabelCap(most)
  const families = createFamilies(cap, DURATION_BUCKETS)
  const { clock } = virtualClock()
  const gateway = new Gateway({ config, clock, chance: () => 0 })
  gateway.keys.add(...KEYS)
  gateway.router = () => ({ find: () => null, allowed: () => [], explain: () => [] })
  gateway.reasons.add(LIMITED)
  finish(
    beginAtZero(
      gateway.compile(),
      families,
      new EndpointSeriesMap(families, cap, clock),
      gateway.reasons.added
    )
  )
  const all: Family[] = Object.values(families)
  const lines = all.flatMap((family) =>
    family.type === 'counter'
      ? family
          .samples()
          .map(({ labels, value }) => `${[family.name, ...Object.values(labels), value].join(' ')}`)
      : []
  )
  return { lines: lines.filter((line) => !line.includes(' none ')), families: all }
}

function reasonsIn(lines: readonly string[], name: string): string[] {
  return lines.flatMap((line) => {
    const [family, , reason = ''] = line.split(' ')
    return family === name ? [reason] : []
  })
}

test('a route begins with the reasons that its options can have, and no others', () => {
  const endpoints = ['http://a.test']
  const plain = begun({ pools: { app: { endpoints } }, routes: [{ id: 'r', path: '/*', pool: 'app' }] })
  const reasons = reasonsIn(plain.lines, 'proxy_request_reasons_total')
  for (const reason of [
    'upstream_reset',
    'no_endpoint',
    'pool_queue_full',
    'client_closed',
    'client_too_slow',
    'body_too_large'
  ])
    assert.ok(reasons.includes(reason), reason)
  for (const reason of ['limited', 'upstream_tls_failed', 'path_rejected', 'loop_detected'])
    assert.ok(!reasons.includes(reason), reason)
  const full = begun({
    pools: { app: { endpoints: ['https://a.test'], circuitBreaker: {} } },
    routes: [{ id: 'r', path: '/*', pool: 'app', rewrite: { stripPrefix: '/x' } }]
  } as GatewayConfig)
  const more = reasonsIn(full.lines, 'proxy_request_reasons_total')
  for (const reason of ['limited', 'upstream_tls_failed', 'path_rejected'])
    assert.ok(more.includes(reason), reason)
})

test('the fallback of a route begins at zero, and its statuses for the fallback’s pool too', () => {
  const { lines } = begun({
    pools: { app: { endpoints: ['http://a.test'] }, spare: { endpoints: ['http://b.test'] } },
    routes: [
      {
        id: 'r',
        path: '/*',
        pool: 'app',
        fallback: { pool: 'spare', on: ['no_endpoint'] }
      }
    ]
  })
  for (const line of [
    'proxy_responses_total r 5xx 0',
    'proxy_requests_total r app 503 0',
    'proxy_requests_total r spare 503 0',
    'proxy_broken_answers_total r upstream_reset 0',
    'proxy_fallbacks_total r no_endpoint 0',
    'proxy_upstream_failures_total app http://a.test status_5xx 0',
    'proxy_upstream_requests_total spare http://b.test 0'
  ])
    assert.ok(lines.includes(line), line)
})

test('how many series there are from the start is bounded: by the configuration, and by the most values of a label', () => {
  const routes = Array.from({ length: 500 }, (_, index) => ({
    id: `r${index}`,
    path: `/${index}`,
    pool: 'app'
  }))
  const endpoints = Array.from({ length: 500 }, (_, index) => `http://h${index}.test`)
  const config = { pools: { app: { endpoints } }, routes }
  const count = (most: number): number =>
    begun(config, most).families.reduce((sum, family) => sum + family.samples().length, 0)
  // A route: 5 classes, 20 lines of the head's histogram, at most 45 others. An endpoint: 21 and 9.
  assert.ok(count(2_000) < 500 * 70 + 500 * 40, `${count(2_000)}`)
  assert.ok(count(10) < 1_500, `${count(10)}`)
})
