import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { reloading } from '../support/reloading.js'

type Pools = NonNullable<GatewayServerConfig['pools']>

test('a change says what begins anew, and why; what stays is not told', async (t) => {
  const upstream = await fakeUpstream(t)
  const of = (one: object, more: object = {}): GatewayServerConfig => ({
    pools: {
      one: { endpoints: [upstream.url], circuitBreaker: true, ...one },
      two: { endpoints: [upstream.url] }
    } as Pools,
    routes: [{ id: 'all', path: '/*', pool: 'one' }],
    ...more
  })
  const { gateway } = await reloading(t, { ...of({}), metrics: { listener: 'app' } })
  const reset = async (config: GatewayServerConfig, dryRun = false) =>
    (await gateway.apply({ ...gateway.config, ...config } as never, { dryRun })).reset
  const connections = (because: string) => [{ pool: 'one', what: 'connections', because }]

  assert.deepEqual(await reset(of({ circuitBreaker: { minRequests: 7 }, retry: 'idempotent' })), [])
  assert.deepEqual(await reset(of({ connections: { max: 7 } }), true), connections('connections has changed'))
  assert.deepEqual(await reset(of({ connections: { max: 7 } })), connections('connections has changed'))
  assert.deepEqual(await reset(of({ connections: { max: 7 } })), [])
  assert.deepEqual(await reset(of({ connections: { max: 7 }, balancing: 'p2c' })), [
    { pool: 'one', what: 'balancing', because: 'balancing has changed' }
  ])
  assert.deepEqual(
    await reset(
      of({ connections: { max: 7 }, balancing: 'p2c' }, { metrics: { listener: 'app', buckets: [1] } })
    ),
    [{ pool: null, what: 'metrics', because: 'buckets have changed' }]
  )
})

test('a breaker of a route is told that begins anew with another pool', async (t) => {
  const upstream = await fakeUpstream(t)
  const of = (pool: string): GatewayServerConfig => ({
    pools: { one: { endpoints: [upstream.url] }, two: { endpoints: [upstream.url] } } as Pools,
    routes: [{ id: 'all', path: '/*', pool, circuitBreaker: { minRequests: 7 } }]
  })
  const { gateway } = await reloading(t, of('one'))
  const { reset } = await gateway.apply({ ...gateway.config, ...of('two') } as never)
  assert.deepEqual(reset, [
    { pool: 'two', what: 'circuit breaker of route all', because: 'the route has another pool' }
  ])
})
