import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'

/** The lines of a scrape before any request, without comments. */
async function atStart(config: Partial<GatewayServerConfig>): Promise<string[]> {
  const gateway = createGateway({ logger: false, accessLog: false, metrics: { listener: 'app' }, ...config })
  try {
    await gateway.ready()
    const { body } = await gateway.app.inject('/metrics')
    return body.split('\n').filter((line) => !line.startsWith('#'))
  } finally {
    await gateway.close()
  }
}

const reasonOf = (reason: string): string => `proxy_request_reasons_total{route="r",reason="${reason}"} 0`

test('the reasons of features begin at zero where a route can have them, and nowhere else', async () => {
  const endpoints = ['http://a.test']
  const routes = [{ id: 'r', path: '/*', pool: 'app' }]
  const plain = await atStart({ pools: { app: { endpoints } }, routes })
  for (const reason of ['circuit_open', 'overloaded', 'queue_timeout'])
    assert.ok(!plain.includes(reasonOf(reason)), reason)
  const full = await atStart({
    pools: { app: { endpoints, circuitBreaker: {}, concurrency: { max: 5 } } },
    routes
  })
  for (const reason of ['circuit_open', 'overloaded', 'queue_timeout'])
    assert.ok(full.includes(reasonOf(reason)), reason)
  const shedding = await atStart({ pools: { app: { endpoints } }, routes, overload: { maxHeapPercent: 99 } })
  assert.deepEqual(
    ['overloaded', 'queue_timeout'].map((reason) => shedding.includes(reasonOf(reason))),
    [true, false]
  )
})

test('what features count begins at zero, for what the configuration has of them', async () => {
  const routes = [{ id: 'r', path: '/*', pool: 'app' }]
  const plain = await atStart({ pools: { app: { endpoints: ['http://a.test'] } }, routes })
  const full = await atStart({
    pools: { app: { endpoints: ['http://a.test'], circuitBreaker: {} } },
    routes: [{ ...routes[0], retry: 'safe', hedge: { after: '50ms' }, circuitBreaker: {} }]
  } as never)
  for (const line of [
    'proxy_endpoint_health_changes_total{pool="app",to="ejected"} 0',
    'proxy_ejections_total{pool="app"} 0'
  ])
    assert.ok(plain.includes(line) && full.includes(line), line)
  for (const line of [
    'proxy_retries_total{route="r",outcome="budget"} 0',
    'proxy_retry_attempts_total{route="r"} 0',
    'proxy_hedges_total{route="r",outcome="won"} 0',
    'proxy_breaker_trips_total{pool="app"} 0',
    'proxy_route_breaker_trips_total{route="r"} 0'
  ])
    assert.deepEqual([plain.includes(line), full.includes(line)], [false, true], line)
})

for (const [what, pool, route, reasons] of [
  ['nothing', {}, { retry: 'safe', hedge: { after: '50ms' } }, []],
  ['limits', { concurrency: { max: 5, mode: 'observe' } }, {}, ['overloaded', 'queue_timeout']],
  ['a breaker', { circuitBreaker: { mode: 'observe' } }, {}, ['circuit_open']],
  ['hedging', {}, { hedge: { after: '50ms', mode: 'observe' } }, ['none']],
  ['ejection', { outlierDetection: { mode: 'observe' } }, {}, ['none']],
  [
    'retries of a reset and of statuses',
    {},
    { retry: { mode: 'observe', on: ['reset', 'status'] } },
    ['none', 'upstream_reset']
  ],
  [
    'all retries',
    {},
    { retry: { mode: 'observe' } },
    [
      'none',
      'pool_queue_full',
      'pool_queue_timeout',
      'upstream_connect_failed',
      'upstream_connect_timeout',
      'upstream_reset',
      'upstream_timeout',
      'upstream_tls_failed'
    ]
  ]
] as const)
  test(`where ${what} only observes, what it would have done begins at zero`, async () => {
    const lines = await atStart({
      pools: { app: { endpoints: ['https://a.test'], ...pool } },
      routes: [{ id: 'r', path: '/*', pool: 'app', ...route }]
    } as never)
    assert.deepEqual(
      lines.filter((line) => line.startsWith('proxy_observed_total')).sort(),
      reasons.map((reason) => `proxy_observed_total{route="r",reason="${reason}"} 0`)
    )
  })
