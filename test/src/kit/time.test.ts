import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayBuilder, type PoolConfig, type RouteConfig } from '@gatewright/gateway'
import type { ProbeResult } from '@gatewright/health'
import { type GatewayKit, gatewayKit } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'

const A = 'http://a.test'
const B = 'http://b.test'

function setUp(
  t: TestContext,
  pool: Omit<PoolConfig, 'endpoints'> = {},
  route: Omit<RouteConfig, 'path'> = {}
): { readonly kit: GatewayKit; readonly gateway: GatewayBuilder } {
  const kit = gatewayKit()
  const config = singlePool([A, B], { balancing: 'first', ...pool }, route)
  const gateway = createGateway({ accessLog: false, logger: false, ...config }, kit.seams) as GatewayBuilder
  t.after(() => gateway.close())
  return { kit, gateway }
}

test('probes run in virtual time, with their intervals and thresholds', async (t) => {
  let result: ProbeResult = 'healthy'
  const { kit, gateway } = setUp(t, {
    health: { check: async () => result, interval: '10s', fastInterval: '1s', unhealthyThreshold: 3 }
  })
  await gateway.ready()
  const endpoint = gateway.app.gateway.pool('upstream').endpoint(A)
  await kit.advance(1_000)
  assert.equal(endpoint.health, 'healthy')
  result = 'unhealthy'
  // One within ten seconds, then two more, each after another one.
  await kit.advance(10_000)
  assert.equal(endpoint.health, 'healthy')
  await kit.advance(2_000)
  assert.equal(endpoint.health, 'unhealthy')
})

test('an ejection ends when its time has passed', async (t) => {
  const { kit, gateway } = setUp(t, { outlierDetection: { consecutiveErrors: 2, ejection: '30s' } })
  kit.upstream(A).fails(2)
  for (let n = 0; n < 2; n++) assert.equal((await kit.request(gateway, '/')).status, 503)
  const endpoint = gateway.app.gateway.pool('upstream').endpoint(A)
  await kit.advance(29_900)
  assert.equal(endpoint.health, 'ejected')
  await kit.advance(100)
  assert.equal(endpoint.health, 'unknown')
})

test('what an upstream always answers comes after everything else that was said', async (t) => {
  const { kit, gateway } = setUp(t)
  kit.upstream(A).always({ status: 404, body: 'none' }).thenAnswers(201).fails(1)
  const seen: (string | number)[][] = []
  for (let n = 0; n < 4; n++) {
    const { status, body } = await kit.request(gateway, '/')
    seen.push([status, body])
  }
  assert.deepEqual(seen, [
    [201, ''],
    [503, ''],
    [404, 'none'],
    [404, 'none']
  ])
})

test('an upstream that always has a fault has it until it is told otherwise', async (t) => {
  const { kit, gateway } = setUp(t)
  kit.upstream(A).always('refuse')
  const reasons: (string | null)[] = []
  for (let n = 0; n < 3; n++) reasons.push((await kit.request(gateway, '/')).reason)
  kit.upstream(A).always({ status: 200 })
  reasons.push((await kit.request(gateway, '/')).reason)
  const refused = 'upstream_connect_failed'
  assert.deepEqual(reasons, [refused, refused, refused, null])
})

test('the total time limit ends a request to the millisecond, however many attempts are left', async (t) => {
  const { kit, gateway } = setUp(
    t,
    { outlierDetection: false },
    { timeouts: { firstByte: '2s', total: '5s' }, retry: { attempts: 5, budgetMinPerSecond: 10 } }
  )
  for (const url of [A, B]) kit.upstream(url).always('black-hole')
  const { status, reason, attempts, elapsedMs } = await kit.request(gateway, '/')
  assert.deepEqual([status, reason, elapsedMs], [504, 'deadline_exceeded', 5_000])
  assert.ok(attempts.length >= 2 && attempts.length <= 3, `${attempts.length} attempts`)
})

test("a client's own deadline is kept, though it is nearer than any limit of the route", async (t) => {
  const kit = gatewayKit()
  const config = {
    ...singlePool([A]),
    deadlineHeader: 'x-request-timeout-ms',
    trustedProxies: ['127.0.0.1'],
    accessLog: false,
    logger: false
  } as const
  const gateway = createGateway(config, kit.seams) as GatewayBuilder
  t.after(() => gateway.close())
  kit.upstream(A).always('black-hole')
  const headers = { 'x-request-timeout-ms': '300' }
  const { status, reason, elapsedMs } = await kit.request(gateway, '/', { headers })
  assert.deepEqual([status, reason, elapsedMs], [504, 'deadline_exceeded', 300])
})
