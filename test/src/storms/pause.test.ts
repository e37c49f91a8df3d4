import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PoolConfig, RouteConfig } from '@gatewright/gateway'
import { until } from '../support/leaks.js'
import { inFlight } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { HELD_PATH } from '../support/upstream-faults.js'
import { UpstreamProcess } from '../support/upstream-process.js'

const bounded = { timeout: 60_000 }
const REQUESTS = 40

interface Paused extends StartedGateway {
  readonly upstreams: readonly [UpstreamProcess, UpstreamProcess]
  /** Everything that was said of endpoints, breakers, retries and hedges. */
  readonly told: string[]
}

async function start(
  t: TestContext,
  pool: Omit<PoolConfig, 'endpoints'>,
  route: Omit<RouteConfig, 'path'>
): Promise<Paused> {
  const upstreams = [await UpstreamProcess.start(t), await UpstreamProcess.start(t)] as const
  const endpoints = upstreams.map(({ url }) => url)
  const started = await startGateway(t, {
    pools: { upstream: { endpoints, balancing: 'round-robin', ...pool } },
    routes: [{ path: '/*', pool: 'upstream', ...route }]
  })
  const { events } = started.gateway.app.gateway
  const told: string[] = []
  events.on('endpoint_health', ({ to, because }) => {
    if (to !== 'healthy') told.push(`${to}: ${because}`)
  })
  events.on('breaker', ({ to, because }) => void told.push(`breaker ${to}: ${because}`))
  events.on('retry', ({ outcome }) => void told.push(`retry ${outcome}`))
  events.on('hedge', ({ outcome }) => void told.push(`hedge ${outcome}`))
  return { ...started, upstreams, told }
}

// The process stands still, as when it is stopped, collects garbage or gets no CPU; others do not.
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Resolves when the upstreams hold so many requests together. */
async function allHeld({ upstreams }: Paused, count: number): Promise<void> {
  for (;;) {
    const held = await Promise.all(upstreams.map((upstream) => upstream.counts()))
    if (held.reduce((sum, counts) => sum + counts.held, 0) === count) return
  }
}

/** Requests that upstreams hold are answered while the gateway stands still. */
async function pausedWhileAnswered(running: Paused, ms: number): Promise<number[]> {
  const { url, upstreams } = running
  const answers = Array.from({ length: REQUESTS }, () => fetch(url + HELD_PATH))
  const all = Promise.all(answers)
  await allHeld(running, REQUESTS)
  for (const upstream of upstreams) void upstream.release()
  standStill(ms)
  const seen = await all
  await Promise.all(seen.map((response) => response.text()))
  return seen.map(({ status }) => status)
}

const OK = Array.from({ length: REQUESTS }, () => 200)

for (const [limits, route] of Object.entries({
  'perTry, with retries': { timeouts: { perTry: '2s' }, retry: { budgetMinPerSecond: 1_000 } },
  'firstByte, without': { timeouts: { firstByte: '2s' } },
  total: { timeouts: { total: '2s' } }
} satisfies Record<string, Omit<RouteConfig, 'path'>>))
  test(
    `answers that came while the gateway stood still are read before time limits are judged: ${limits}`,
    bounded,
    async (t) => {
      const running = await start(t, {}, route)
      assert.deepEqual(await pausedWhileAnswered(running, 2_500), OK)
      assert.deepEqual(running.told, [])
      const counts = await Promise.all(running.upstreams.map((upstream) => upstream.served()))
      assert.equal(
        counts.reduce((sum, served) => sum + served, 0),
        REQUESTS
      )
      assert.equal(inFlight(running), 0)
    }
  )

test(
  'a pause of the gateway is no slow call, no latency of an endpoint and no reason to hedge',
  bounded,
  async (t) => {
    const running = await start(
      t,
      {
        circuitBreaker: { slowCall: '2s', slowCallThresholdPercent: 50, minRequests: 10 },
        outlierDetection: { latencyFactor: 2, minRequests: 5, window: '1s' }
      },
      { hedge: { after: '2s' }, retry: { budgetMinPerSecond: 1_000 } }
    )
    assert.deepEqual(await pausedWhileAnswered(running, 2_500), OK)
    assert.deepEqual(running.told, [])
  }
)

test('probes that were answered while the gateway stood still have passed', bounded, async (t) => {
  const probes = { path: HELD_PATH, interval: '10ms', timeout: '3s', unhealthyThreshold: 1 } as const
  const running = await start(t, { health: probes }, {})
  const { upstreams, told } = running
  await allHeld(running, 2)
  for (const upstream of upstreams) await upstream.release()
  await allHeld(running, 2)
  for (const upstream of upstreams) void upstream.release()
  standStill(3_200)
  // The next ones: those before are over.
  await allHeld(running, 2)
  assert.deepEqual(told, [])
})

test('an endpoint that hangs is still found out when the gateway has stood still', bounded, async (t) => {
  const running = await start(t, {}, { timeouts: { firstByte: '2s' } })
  const { url, upstreams, told } = running
  const [one] = upstreams
  await one.has('silent')
  const answers = Promise.all(Array.from({ length: 20 }, () => fetch(url).then(({ status }) => status)))
  await until(() => inFlight(running) === 10)
  standStill(2_500)
  assert.equal((await answers).filter((status) => status === 504).length, 10)
  assert.deepEqual(told, ['ejected: 5 faults in a row, the last upstream_timeout; for 30 s'])
})
