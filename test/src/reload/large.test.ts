import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'

const ROUTES = 3_000

/** A configuration in which every part has something to do for every route. */
function large(version: number): GatewayServerConfig {
  return {
    logger: false,
    accessLog: false,
    metrics: { listener: 'app', maxLabelValues: 10_000 },
    pools: { main: { endpoints: ['http://127.0.0.1:1'] } },
    policies: {
      all: {
        retry: 'idempotent',
        rateLimit: { requestsPerSecond: 1_000 },
        cors: { origins: ['https://a.example'] },
        transform: { request: { headers: { set: { 'x-route': '{route}' } } } }
      }
    },
    routes: [
      { id: 'version', path: '/version', respond: { body: `v${version}` } },
      ...Array.from({ length: ROUTES }, (_, index) => ({
        id: `route ${index}`,
        path: `/route-${index}/*`,
        host: `host-${index % 100}.example`,
        pool: 'main',
        use: ['all']
      }))
    ]
  }
}

test('requests are answered while thousands of routes are made ready, by the old configuration and then the new', async (t) => {
  const gateway = createGateway(large(1))
  t.after(() => gateway.close())
  await gateway.ready()
  let isApplied = false
  const applied = gateway.apply(large(2)).then(() => {
    isApplied = true
  })
  const before: string[] = []
  while (!isApplied) {
    before.push((await gateway.inject('/version')).body)
    // As requests of sockets do, it leaves the turn.
    await new Promise(setImmediate)
  }
  await applied
  assert.ok(before.filter((body) => body === 'v1').length >= 10, `${before.length} requests in between`)
  assert.deepEqual(
    [...new Set(before)].filter((body) => body !== 'v1' && body !== 'v2'),
    []
  )
  assert.equal((await gateway.inject('/version')).body, 'v2')
})

test('a large configuration that is wrong in its last route says the same as a small one', async (t) => {
  const gateway = createGateway(large(1))
  t.after(() => gateway.close())
  await gateway.ready()
  const wrong = large(2) as { routes: object[] }
  wrong.routes.push({ path: '/last', pol: 'main' })
  await assert.rejects(
    gateway.apply(wrong as GatewayServerConfig),
    new RegExp(`routes\\[${ROUTES + 1}\\]: unknown key 'pol'; did you mean 'pool'\\?`)
  )
  assert.equal((await gateway.inject('/version')).body, 'v1')
})

test('a large change that is under way when the app closes is given up', async () => {
  const gateway = createGateway(large(1))
  await gateway.ready()
  const applied = gateway.apply(large(2))
  const [change] = await Promise.allSettled([applied, gateway.close()])
  assert.equal(change.status, 'rejected')
})

test('the series of many routes all begin at zero soon after', async (t) => {
  const gateway = createGateway(large(1))
  t.after(() => gateway.close())
  await gateway.ready()
  const last = `proxy_requests_total{route="route ${ROUTES - 1}",pool="main",status="200"} 0`
  for (;;) {
    const { body } = await gateway.inject('/metrics')
    if (body.includes(last)) break
    await new Promise(setImmediate)
  }
})
