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

interface Setup {
  readonly pool?: Omit<PoolConfig, 'endpoints'>
  readonly route: Omit<RouteConfig, 'path' | 'pool'>
  readonly down?: readonly string[]
  readonly load: Omit<SimulationOptions, 'gateway' | 'time' | 'pool'>
}

async function simulated(t: TestContext, { pool, route, down = [], load }: Setup): Promise<SimulationResult> {
  const kit = gatewayKit()
  const config = {
    accessLog: false,
    logger: false,
    pools: { main: { endpoints: ENDPOINTS, ...pool } },
    routes: [{ path: '/*', pool: 'main', ...route }]
  } as GatewayServerConfig
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  await gateway.ready()
  for (const url of down) gateway.app.health.force('main', url, 'down')
  return simulate({ gateway: gateway.app.gateway, time: kit.time, pool: 'main', ...load })
}

test('hedges that have nowhere to go leave the budget to retries', async (t) => {
  const result = await simulated(t, {
    pool: { outlierDetection: false },
    route: { retry: 'safe', hedge: { after: '12ms' } },
    down: ENDPOINTS.slice(1),
    load: {
      load: { perSecond: 100 },
      durationMs: 20_000,
      faults: [{ kind: 'errors', rate: 0.05, fromMs: 2_000 }]
    }
  })
  assert.deepEqual(result.hedges, {})
  // One of twenty fails, and one of twenty of those again.
  assert.ok(result.goodput > 0.995, `${result.goodput}`)
})

for (const balancing of ['p2c', 'round-robin'] as const)
  for (const after of ['p95', '50ms'] as const)
    test(`behind hedges, an endpoint that hangs is ejected, and no healthy one: ${balancing}, ${after}`, async (t) => {
      const setup = {
        pool: { balancing },
        route: { retry: { budgetPercent: 100 }, hedge: { after } }
      } as const
      const load = { load: { perSecond: 100 }, durationMs: 20_000 }
      const well = await simulated(t, { ...setup, load: { ...load, durationMs: 60_000 } })
      assert.deepEqual(well.ejections, [])
      const hung = await simulated(t, {
        ...setup,
        load: { ...load, faults: [{ kind: 'black-hole', endpoint: 0, fromMs: 5_000 }] }
      })
      assert.equal(hung.ejections[0]?.endpoint.url, ENDPOINTS[0])
      assert.ok(
        (hung.ejections[0]?.atMs ?? 0) < (after === '50ms' ? 6_000 : 10_000),
        `${hung.ejections[0]?.atMs}`
      )
      assert.equal(hung.timeline[15]?.byEndpoint[0], 0)
      assert.equal(hung.goodput, 1)
    })

test('what is slow everywhere is no reason to eject', async (t) => {
  const result = await simulated(t, {
    route: { retry: { budgetPercent: 100 }, hedge: { after: '20ms' } },
    load: { load: { perSecond: 100 }, durationMs: 30_000, service: { medianMs: 200, p99Ms: 400 } }
  })
  assert.deepEqual(result.ejections, [])
})

test('slow calls are seen behind hedges too', async (t) => {
  const result = await simulated(t, {
    pool: {
      balancing: 'round-robin',
      outlierDetection: false,
      circuitBreaker: { slowCall: '60ms', slowCallThresholdPercent: 20 }
    },
    route: { retry: { budgetPercent: 100 }, hedge: { after: '60ms' } },
    load: {
      load: { perSecond: 100 },
      durationMs: 20_000,
      service: { medianMs: 5, p99Ms: 10 },
      faults: [{ kind: 'black-hole', endpoint: 0, fromMs: 5_000 }]
    }
  })
  assert.equal(result.breaker[0]?.to, 'open')
})

test('simulated, what yields to a running hedge is no retry, and observers are told of every answer', async (t) => {
  const kit = gatewayKit()
  const config = {
    accessLog: false,
    logger: false,
    pools: { main: { endpoints: ENDPOINTS, outlierDetection: false } },
    routes: [
      {
        path: '/*',
        pool: 'main',
        hedge: { after: '5ms' },
        retry: { attempts: 4, statuses: [429], budgetPercent: 100, backoff: { base: '1ms' } }
      }
    ]
  } as GatewayServerConfig
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  await gateway.ready()
  const { events, snapshot } = gateway.app.gateway
  const told = { retry: {} as Record<string, number>, heads: 0, superseded: 0 }
  events.on('retry', ({ outcome }) => {
    told.retry[outcome] = (told.retry[outcome] ?? 0) + 1
  })
  snapshot.stages.observers.push({
    answered: () => void told.heads++,
    ended({ superseded }) {
      if (superseded) told.superseded++
    }
  })
  const result = simulate({
    gateway: gateway.app.gateway,
    time: kit.time,
    pool: 'main',
    load: { perSecond: 100 },
    durationMs: 20_000,
    faults: [{ kind: 'errors', rate: 0.4, status: 429 }]
  })
  const { again = 0, success = 0, exhausted = 0 } = told.retry
  assert.ok(again > 100 && told.superseded > again, `${again} retries, ${told.superseded} superseded`)
  assert.equal(result.attempts, result.requests + (result.hedges.sent ?? 0) + again)
  assert.equal(told.heads, result.requests)
  assert.ok(success > 0 && success + exhausted <= again, JSON.stringify(told.retry))
})
