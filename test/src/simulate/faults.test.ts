import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayServerConfig, type PoolConfig } from '@gatewright/gateway'
import {
  gatewayKit,
  type SimulationOptions,
  type SimulationResult,
  simulate,
  toSvg
} from '@gatewright/testing'

const ENDPOINTS = ['http://a.test', 'http://b.test', 'http://c.test']

async function simulated(
  t: TestContext,
  pool: Omit<PoolConfig, 'endpoints'>,
  options: Omit<SimulationOptions, 'gateway' | 'time' | 'pool'>
): Promise<SimulationResult> {
  const kit = gatewayKit()
  const config: GatewayServerConfig = {
    accessLog: false,
    logger: false,
    pools: { main: { endpoints: ENDPOINTS, retry: 'idempotent', ...pool } },
    routes: [{ path: '/*', pool: 'main', timeouts: { firstByte: '2s' } }]
  }
  const gateway = createGateway(config, kit.seams)
  t.after(() => gateway.close())
  await gateway.ready()
  return simulate({ gateway: gateway.app.gateway, time: kit.time, pool: 'main', ...options })
}

test('without faults every request is answered once', async (t) => {
  const result = await simulated(t, {}, { load: { perSecond: 200 }, durationMs: 10_000 })
  assert.ok(Math.abs(result.requests - 2_000) < 200, `${result.requests}`)
  assert.equal(result.goodput, 1)
  assert.equal(result.amplification, 1)
  assert.equal(result.unanswered, 0)
  assert.deepEqual(result.errors, [])
  assert.ok(result.p50Ms > 8 && result.p50Ms < 12, `${result.p50Ms}`)
  assert.equal(result.timeline.length, 10)
  assert.match(toSvg(result), /^<svg .*<polyline .*<\/svg>\n$/)
})

test('the same seed gives the same result, another one another', async (t) => {
  const options = {
    load: { perSecond: 100 },
    durationMs: 5_000,
    faults: [{ kind: 'errors', rate: 0.5, endpoint: 0 }]
  } as const
  const once = await simulated(t, {}, options)
  assert.deepEqual((await simulated(t, {}, options)).timeline, once.timeline)
  assert.notDeepEqual((await simulated(t, {}, { ...options, seed: 2 })).timeline, once.timeline)
})

test('an endpoint that is killed is ejected, and retries save its requests', async (t) => {
  const result = await simulated(
    t,
    {},
    {
      load: { perSecond: 200 },
      durationMs: 20_000,
      faults: [{ kind: 'kill', endpoint: 1, fromMs: 5_000 }]
    }
  )
  assert.ok(result.goodput > 0.999, `${result.goodput} ${JSON.stringify(result.reasons)}`)
  assert.equal(result.ejections[0]?.endpoint.url, ENDPOINTS[1])
  assert.ok((result.ejections[0]?.atMs ?? 0) < 6_000)
  assert.equal(result.timeline[8]?.byEndpoint[1], 0)
})

test('a breaker opens when all endpoints fail, and the budget bounds what is sent', async (t) => {
  const result = await simulated(
    t,
    { circuitBreaker: true, outlierDetection: false },
    {
      load: { perSecond: 200 },
      durationMs: 20_000,
      faults: [{ kind: 'errors', rate: 1, fromMs: 5_000 }]
    }
  )
  assert.equal(result.breaker[0]?.to, 'open')
  assert.ok((result.breaker[0]?.atMs ?? 0) >= 5_000)
  assert.ok((result.reasons.circuit_open ?? 0) > 1_000)
  assert.ok(result.amplification <= 1.1, `${result.amplification}`)
})

test('ten minutes at 500 requests a second with faults', async (t) => {
  const startedAt = performance.now()
  const result = await simulated(
    t,
    { circuitBreaker: true },
    {
      load: { perSecond: 500 },
      durationMs: 600_000,
      faults: [
        { kind: 'slow', factor: 50, endpoint: 0, fromMs: 60_000, untilMs: 120_000 },
        { kind: 'flap', endpoint: 1, fromMs: 180_000, untilMs: 240_000 },
        { kind: 'kill', endpoint: 2, fromMs: 300_000, untilMs: 360_000 }
      ]
    }
  )
  t.diagnostic(`${Math.round(performance.now() - startedAt)} ms of real time`)
  assert.ok(Math.abs(result.requests - 300_000) < 3_000, `${result.requests}`)
  assert.equal(result.unanswered, 0)
  assert.ok(result.goodput > 0.99, `${result.goodput} ${JSON.stringify(result.reasons)}`)
})

test('an endpoint that is full lets requests wait, and the wait is seen in their times', async (t) => {
  const load = { load: { perSecond: 200 }, durationMs: 10_000 }
  const free = await simulated(t, {}, { ...load, service: { medianMs: 10, p99Ms: 10 } })
  const full = await simulated(t, {}, { ...load, service: { medianMs: 10, p99Ms: 10, capacity: 1 } })
  assert.ok(Math.abs(free.p99Ms - 10) < 0.001, `${free.p99Ms}`)
  assert.ok(full.p99Ms > 15, `${full.p99Ms}`)
})

test('more than a pool admits is refused by its limit', async (t) => {
  const result = await simulated(
    t,
    { concurrency: { max: 5 }, retry: false },
    { load: { perSecond: 1_000 }, durationMs: 5_000, service: { medianMs: 50, p99Ms: 50 } }
  )
  assert.ok((result.reasons.overloaded ?? 0) > 1_000, JSON.stringify(result.reasons))
  assert.equal(result.unanswered, 0)
})

test('a hedged request does not wait for the endpoint that is slow', async (t) => {
  const slow = {
    load: { perSecond: 100 },
    durationMs: 10_000,
    faults: [{ kind: 'slow', factor: 50, endpoint: 0 }]
  } as const
  const pool = { balancing: 'round-robin', outlierDetection: false } as const
  const without = await simulated(t, pool, slow)
  const hedge = await simulated(t, { ...pool, hedge: { after: '60ms' }, retry: { budgetPercent: 100 } }, slow)
  assert.ok(without.p99Ms > 500, `${without.p99Ms}`)
  assert.ok(hedge.p99Ms < without.p99Ms / 3, `${hedge.p99Ms} of ${without.p99Ms}`)
  assert.ok(hedge.amplification > 1.2)
  assert.deepEqual(hedge.errors, [])
})

test('a black hole costs the time limit, and an endpoint that flaps is down every other second', async (t) => {
  const off = { outlierDetection: false, retry: false, balancing: 'round-robin' } as const
  const load = { load: { perSecond: 90 }, durationMs: 10_000 }
  const hole = await simulated(t, off, { ...load, faults: [{ kind: 'black-hole', endpoint: 0 }] })
  assert.ok((hole.reasons.upstream_timeout ?? 0) > 0, JSON.stringify(hole.reasons))
  const flap = await simulated(t, off, { ...load, faults: [{ kind: 'flap' }] })
  assert.ok((flap.timeline[2]?.good ?? 0) > 40)
  assert.ok((flap.timeline[3]?.good ?? 99) < 10)
})

test('an endpoint that is much slower than its peers is ejected', async (t) => {
  const result = await simulated(
    t,
    { outlierDetection: { latencyFactor: 5, window: '2s' } },
    {
      load: { perSecond: 200 },
      durationMs: 20_000,
      faults: [{ kind: 'slow', factor: 20, endpoint: 2, fromMs: 5_000 }]
    }
  )
  assert.equal(result.ejections[0]?.endpoint.url, ENDPOINTS[2])
})
