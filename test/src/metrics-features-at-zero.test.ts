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
