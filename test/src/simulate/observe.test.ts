import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  createGateway,
  type GatewayBuilder,
  type GatewayServerConfig,
  type PoolConfig,
  type RouteConfig
} from '@gatewright/gateway'
import { gatewayKit, type SimulationOptions, type SimulationResult, simulate } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'

const ENDPOINTS = ['http://a.test', 'http://b.test', 'http://c.test']

interface Observed {
  readonly result: SimulationResult
  /** How often something was observed whose reason or cause matches. */
  count(what: RegExp): number
}

async function simulated(
  t: TestContext,
  pool: Omit<PoolConfig, 'endpoints'>,
  load: Omit<SimulationOptions, 'gateway' | 'time' | 'pool'>,
  route: Omit<RouteConfig, 'path'> = {}
): Promise<Observed> {
  const kit = gatewayKit()
  const config: GatewayServerConfig = singlePool(ENDPOINTS, { retry: false, ...pool }, route)
  const gateway = createGateway({ accessLog: false, logger: false, ...config }, kit.seams) as GatewayBuilder
  t.after(() => gateway.close())
  await gateway.ready()
  const told: string[] = []
  gateway.app.gateway.events.on('observed', ({ reason, because }) => void told.push(`${reason}: ${because}`))
  const result = simulate({ gateway: gateway.app.gateway, time: kit.time, pool: 'upstream', ...load })
  assert.deepEqual(result.errors, [])
  assert.equal(result.unanswered, 0)
  return { result, count: (what) => told.filter((text) => what.test(text)).length }
}

const FAILING: Parameters<typeof simulated>[2] = {
  load: { perSecond: 200 },
  durationMs: 10_000,
  faults: [{ kind: 'errors', rate: 1, fromMs: 2_000 }]
}

test('a limit that only observes counts what it would have refused, and refuses nothing', async (t) => {
  const load = { load: { perSecond: 1_000 }, durationMs: 5_000, service: { medianMs: 50, p99Ms: 50 } }
  const enforced = await simulated(t, { concurrency: { max: 5 } }, load)
  const observed = await simulated(t, { concurrency: { max: 5, mode: 'observe' } }, load)
  assert.ok((enforced.result.reasons.overloaded ?? 0) > 1_000)
  assert.equal(enforced.count(/./), 0)
  assert.deepEqual(observed.result.reasons, {})
  assert.equal(observed.result.goodput, 1)
  // Those let in all the same hold places too, so it would have refused even more.
  assert.ok(observed.count(/^overloaded/) >= (enforced.result.reasons.overloaded as number))
})

test('a breaker that only observes opens and counts, and lets every attempt through', async (t) => {
  const off = { outlierDetection: false } as const
  const enforced = await simulated(t, { ...off, circuitBreaker: true }, FAILING)
  const observed = await simulated(t, { ...off, circuitBreaker: { mode: 'observe' } }, FAILING)
  assert.ok((enforced.result.reasons.circuit_open ?? 0) > 1_000)
  assert.equal(enforced.count(/./), 0)
  assert.equal(observed.result.breaker[0]?.to, 'open')
  assert.ok(observed.count(/^circuit_open/) > 1_000)
  assert.deepEqual(observed.result.reasons, {})
  assert.equal(observed.result.attempts, observed.result.requests)
})

test('an ejection that is only observed is told, and the endpoint goes on as before', async (t) => {
  const killed = { ...FAILING, faults: [{ kind: 'errors', rate: 1, endpoint: 1, fromMs: 2_000 }] } as const
  const enforced = await simulated(t, { outlierDetection: {} }, killed)
  const observed = await simulated(t, { outlierDetection: { mode: 'observe' } }, killed)
  assert.equal(enforced.result.ejections.length, 1)
  assert.equal(enforced.count(/./), 0)
  assert.deepEqual(observed.result.health, [])
  assert.ok(observed.count(/^null: http:\/\/b\.test ejected: 5 faults in a row/) > 10)
  const share = (second: number): number => observed.result.timeline[second]?.byEndpoint[1] ?? 0
  assert.ok(share(9) > 30, `${share(9)} requests in its last second`)
})

test('retries that are only observed are counted, and none is made', async (t) => {
  const half = { ...FAILING, faults: [{ kind: 'errors', rate: 0.5 }] } as const
  const off = { outlierDetection: false } as const
  const enforced = await simulated(t, { ...off, retry: { budgetPercent: 100 } }, half)
  const observed = await simulated(t, { ...off, retry: { mode: 'observe' } }, half)
  assert.equal(enforced.count(/./), 0)
  assert.ok(enforced.result.amplification > 1.3, `${enforced.result.amplification}`)
  assert.equal(observed.result.attempts, observed.result.requests)
  assert.equal(observed.count(/another attempt/), observed.result.statuses[503])
})

test('hedges that are only observed are counted, and none is sent', async (t) => {
  const slow = { load: { perSecond: 100 }, durationMs: 5_000, service: { medianMs: 50, p99Ms: 50 } }
  const { result, count } = await simulated(t, { hedge: { after: '20ms', mode: 'observe' } }, slow)
  assert.equal(result.attempts, result.requests)
  assert.equal(count(/a second attempt beside the first/), result.requests)
})

test('the total time limit holds in a simulation too', async (t) => {
  const { result } = await simulated(
    t,
    { outlierDetection: false },
    { load: { perSecond: 50 }, durationMs: 5_000, faults: [{ kind: 'black-hole' }] },
    {
      timeouts: { firstByte: '400ms', total: '1s' },
      retry: { attempts: 9, backoff: { base: '0ms' }, budgetMinPerSecond: 1_000 }
    }
  )
  assert.deepEqual(result.statuses, { 504: result.requests })
  assert.deepEqual(result.reasons, { deadline_exceeded: result.requests })
  // 400 ms, 400 ms, and what is left.
  assert.ok(result.amplification > 2 && result.amplification <= 3, `${result.amplification}`)
})
