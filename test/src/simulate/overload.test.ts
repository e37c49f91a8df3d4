import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  createGateway,
  type GatewayServerConfig,
  type PoolConfig,
  type RouteConfig
} from '@gatewright/gateway'
import { gatewayKit, type SimulationOptions, type SimulationResult, simulate } from '@gatewright/testing'

type Load = Omit<SimulationOptions, 'gateway' | 'time' | 'pool'>

interface Run {
  readonly result: SimulationResult
  /** The pool's limit at the end of every second. */
  readonly limits: readonly number[]
}

async function simulated(
  t: TestContext,
  concurrency: PoolConfig['concurrency'],
  load: Load,
  routes: readonly Partial<RouteConfig>[] = [{}]
): Promise<Run> {
  const kit = gatewayKit()
  const gateway = createGateway(
    {
      accessLog: false,
      logger: false,
      pools: { main: { endpoints: ['http://a.test'], concurrency } },
      routes: routes.map((route, index) => ({ id: `r${index}`, path: `/${index}/*`, pool: 'main', ...route }))
    } as GatewayServerConfig,
    kit.seams
  )
  t.after(() => gateway.close())
  await gateway.ready()
  const limits: number[] = []
  const stop = kit.time.timers.every(1_000, () =>
    limits.push(gateway.app.overload.state().limits[0]?.limit ?? 0)
  )
  const result = simulate({ gateway: gateway.app.gateway, time: kit.time, pool: 'main', ...load })
  stop()
  assert.deepEqual([result.errors, result.unanswered], [[], 0])
  return { result, limits }
}

const REMEASURED = { adaptive: { remeasure: '5s' } } as const

test('event streams that are open, more of them than the least limit, take nothing from requests', async (t) => {
  const { result } = await simulated(t, REMEASURED, {
    load: [
      { perSecond: 200 },
      { perSecond: 12, untilMs: 1_000, bodyMs: 60_000 },
      { perSecond: 2, fromMs: 1_000, bodyMs: 20_000 }
    ],
    durationMs: 40_000
  })
  t.diagnostic(JSON.stringify(result.kinds))
  assert.equal(result.goodput, 1)
})

test('event streams that come and go do not count as slow answers', async (t) => {
  const { result, limits } = await simulated(
    t,
    { adaptive: true },
    {
      load: [{ perSecond: 200 }, { perSecond: 2, bodyMs: 20_000 }],
      durationMs: 120_000
    }
  )
  assert.equal(result.goodput, 1)
  assert.ok(Math.min(...limits) >= 50, String(Math.min(...limits)))
})

test('long polls, more of them than the least limit, do not shut the pool', async (t) => {
  const { result } = await simulated(
    t,
    REMEASURED,
    {
      load: [{ perSecond: 200 }, { perSecond: 1, holdMs: 30_000 }],
      durationMs: 120_000,
      // While it is slow the limit falls to its least.
      faults: [{ kind: 'slow', factor: 40, fromMs: 60_000, untilMs: 70_000 }]
    },
    [{ timeouts: { firstByte: '60s' } }]
  )
  const after = result.timeline.slice(80)
  const failed = after.reduce((sum, second) => sum + second.failed, 0)
  t.diagnostic(JSON.stringify(result.timeline.map(({ failed }) => failed)))
  assert.ok(failed <= 10, String(failed))
})

test('to measure anew refuses next to nothing of what a healthy pool is asked', async (t) => {
  // Answers of a second, 80 a second: 80 at one time.
  const load: Load = {
    load: { perSecond: 80 },
    durationMs: 60_000,
    service: { medianMs: 1_000, p99Ms: 1_500 }
  }
  const refused = async (remeasure: '0s' | '5s' | '60s'): Promise<number> => {
    const { result } = await simulated(t, { adaptive: { remeasure } }, load)
    return (result.reasons.overloaded ?? 0) / result.requests
  }
  const [never, often, usually] = [await refused('0s'), await refused('5s'), await refused('60s')]
  t.diagnostic(`${never} refused without, ${often} every 5 s, ${usually} every minute`)
  assert.ok(often - never <= 0.015 && usually === never)
})

test('what is critical is let in while less important requests fill the line', async (t) => {
  const { result } = await simulated(
    t,
    { max: 20, maxQueue: 20 },
    {
      load: [
        { perSecond: 400, route: 'r0' },
        { perSecond: 40, route: 'r1' }
      ],
      durationMs: 30_000,
      service: { medianMs: 100, p99Ms: 150 }
    },
    [{}, { importance: 'critical' }]
  )
  const [usual, critical] = result.kinds
  t.diagnostic(JSON.stringify(result.kinds))
  assert.ok(critical !== undefined && usual !== undefined)
  assert.equal(critical.good, critical.requests)
  assert.ok(usual.good < usual.requests)
})
