import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  createGateway,
  type GatewayServerConfig,
  type PoolConfig,
  type RouteConfig
} from '@gatewright/gateway'
import { gatewayKit, type SimulationOptions, type SimulationResult, simulate } from '@gatewright/testing'

const ENDPOINTS = ['http://a.test', 'http://b.test', 'http://c.test']

type Load = Omit<SimulationOptions, 'gateway' | 'time' | 'pool'>

async function simulated(
  t: TestContext,
  pool: Omit<PoolConfig, 'endpoints'>,
  route: Omit<RouteConfig, 'path' | 'pool'>,
  load: Load
): Promise<SimulationResult> {
  const kit = gatewayKit()
  const gateway = createGateway(
    {
      accessLog: false,
      logger: false,
      pools: { main: { endpoints: ENDPOINTS, ...pool } },
      routes: [{ path: '/*', pool: 'main', ...route }]
    } as GatewayServerConfig,
    kit.seams
  )
  t.after(() => gateway.close())
  await gateway.ready()
  return simulate({ gateway: gateway.app.gateway, time: kit.time, pool: 'main', ...load })
}

const STEADY: Load = { load: { perSecond: 300 }, durationMs: 60_000, service: { medianMs: 10, capacity: 20 } }
const SLOW: Load = { ...STEADY, faults: [{ kind: 'slow', endpoint: 2, factor: 50 }] }

test('with one endpoint 50 times slower, policies that see it keep p99 near the healthy one', async (t) => {
  const healthy = await simulated(t, { balancing: 'peak-ewma' }, {}, STEADY)
  const p99: Record<string, number> = {}
  for (const balancing of ['round-robin', 'p2c', 'peak-ewma'] as const)
    p99[balancing] = (await simulated(t, { balancing, outlierDetection: false }, {}, SLOW)).p99Ms
  const hedged = await simulated(
    t,
    { balancing: 'peak-ewma', outlierDetection: false },
    { hedge: { after: '25ms' } },
    SLOW
  )
  t.diagnostic(
    `healthy ${Math.round(healthy.p99Ms)} ms; ${JSON.stringify(p99)}; hedged ${Math.round(hedged.p99Ms)} ms`
  )
  assert.ok((p99['peak-ewma'] as number) <= 3 * healthy.p99Ms, JSON.stringify(p99))
  assert.ok((p99['round-robin'] as number) > 5 * healthy.p99Ms, JSON.stringify(p99))
  assert.ok(hedged.p99Ms <= 2 * healthy.p99Ms, `${hedged.p99Ms} to ${healthy.p99Ms}`)
  assert.equal(hedged.goodput, 1)
})

test('with all endpoints failing, attempts stay within a tenth of the load and the floor', async (t) => {
  const seconds = 60
  const result = await simulated(
    t,
    { outlierDetection: false },
    { retry: { attempts: 3, budgetMinPerSecond: 3 } },
    { ...STEADY, durationMs: seconds * 1_000, faults: [{ kind: 'errors', rate: 1 }] }
  )
  assert.ok(
    result.attempts <= result.requests * 1.1 + 3 * seconds,
    `${result.attempts} of ${result.requests}`
  )
  assert.equal(result.unanswered, 0)
})

test('not even in the first second in which all endpoints fail are there many more attempts than requests', async (t) => {
  const result = await simulated(
    t,
    { outlierDetection: false },
    { retry: { attempts: 3 } },
    { load: { perSecond: 300 }, durationMs: 15_000, faults: [{ kind: 'errors', rate: 1, fromMs: 10_000 }] }
  )
  for (const { attempts, requests } of result.timeline.slice(10))
    assert.ok(attempts <= requests * 1.2, `${attempts} of ${requests}`)
  // What is saved up is still there for one endpoint that dies.
  const service = { medianMs: 200, p99Ms: 400 }
  const faults = [{ kind: 'kill', endpoint: 1, fromMs: 10_000 }] as const
  const killed = await simulated(
    t,
    {},
    { retry: { attempts: 3 } },
    { load: { perSecond: 300 }, durationMs: 15_000, service, faults }
  )
  assert.equal(killed.goodput, 1)
})

test('at ten times the capacity, most of it is still used well, and those let in do not wait long', async (t) => {
  // Three endpoints × 10 at a time × 100 a second each: 3,000 requests a second at best.
  const capacity = 3_000
  const overloaded: Load = {
    load: { perSecond: capacity * 10 },
    durationMs: 10_000,
    service: { medianMs: 10, p99Ms: 11, capacity: 10 }
  }
  const limited = await simulated(
    t,
    { concurrency: { max: 33, maxQueue: 30, queueTimeout: '50ms' }, outlierDetection: false },
    {},
    overloaded
  )
  const perSecond = (limited.goodput * limited.requests) / 10
  t.diagnostic(`goodput ${Math.round(perSecond)}/s of ${capacity}, p99 ${Math.round(limited.p99Ms)} ms`)
  assert.ok(perSecond >= 0.8 * capacity, String(perSecond))
  assert.ok(limited.p99Ms <= 100, String(limited.p99Ms))
  assert.equal(limited.unanswered, 0)
})

test('where a route limits no attempt, the simulation does not either', async (t) => {
  const { attempts, requests, statuses } = await simulated(
    t,
    {},
    { timeouts: { firstByte: '0ms' } },
    { ...STEADY, load: { perSecond: 10 }, durationMs: 10_000 }
  )
  assert.deepEqual([attempts, statuses], [requests, { 200: requests }])
})
