import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { GatewayEvents } from '@gatewright/core'
import type { GatewayServerConfig, PoolConfig, RouteConfig } from '@gatewright/gateway'
import { until } from '../support/leaks.js'
import { inFlight } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { SteadyLoad } from '../support/steady-load.js'
import type { ProcessFault } from '../support/upstream-faults.js'
import { UpstreamProcess } from '../support/upstream-process.js'

const bounded = { timeout: 60_000 }

const POOL: Omit<PoolConfig, 'endpoints'> = {
  outlierDetection: { consecutiveErrors: 5, ejection: '600ms' },
  slowStart: { window: '1s' }
}

const ROUTE: Omit<RouteConfig, 'path'> = {
  retry: { attempts: 3, budgetPercent: 50, budgetMinPerSecond: 50 },
  timeouts: { perTry: '300ms', idle: '300ms', total: '5s' }
}

interface Storm extends StartedGateway {
  readonly upstreams: readonly [UpstreamProcess, UpstreamProcess, UpstreamProcess]
  readonly changes: GatewayEvents['endpoint_health'][]
  readonly load: SteadyLoad
}

async function storm(
  t: TestContext,
  pool: Omit<PoolConfig, 'endpoints'> = {},
  route: Omit<RouteConfig, 'path'> = {}
): Promise<Storm> {
  const [one, two, three] = await Promise.all([
    UpstreamProcess.start(t),
    UpstreamProcess.start(t),
    UpstreamProcess.start(t)
  ])
  const config: GatewayServerConfig = {
    pools: { upstream: { endpoints: [one.url, two.url, three.url], ...POOL, ...pool } },
    routes: [{ path: '/*', pool: 'upstream', ...ROUTE, ...route }]
  }
  const started = await startGateway(t, config)
  const changes: GatewayEvents['endpoint_health'][] = []
  started.gateway.app.gateway.events.on('endpoint_health', (change) => void changes.push(change))
  const load = new SteadyLoad(t, started.url)
  await load.more(100)
  return { ...started, upstreams: [one, two, three], changes, load }
}

/** Resolves when the endpoint's health is that. */
function becomes({ gateway }: Storm, { url }: UpstreamProcess, health: string): Promise<void> {
  const endpoint = gateway.app.gateway.pool('upstream').endpoint(url)
  return until(() => endpoint.health === health)
}

test(
  'an upstream that is killed costs no idempotent request, is ejected, and returns slowly',
  bounded,
  async (t) => {
    const running = await storm(t)
    const { upstreams, load, changes, gateway } = running
    const [, two] = upstreams
    await two.kill()
    await becomes(running, two, 'ejected')
    await load.more(200)
    await two.restart()
    await until(() => changes.some(({ endpoint, from }) => endpoint.url === two.url && from === 'ejected'))
    const endpoint = gateway.app.gateway.pool('upstream').endpoint(two.url)
    await until(() => endpoint.ramp === 1)
    await load.more(300)
    assert.ok((await two.served()) > 0)
    await load.stop()
    assert.deepEqual(Object.keys(load.tally), ['200'])
    assert.equal(inFlight(running), 0)
  }
)

test('an upstream that is stopped is left alone after a few time limits', bounded, async (t) => {
  const running = await storm(t)
  const { upstreams, load } = running
  const [, two] = upstreams
  two.stop()
  t.after(() => two.continue())
  await becomes(running, two, 'ejected')
  await load.more(200)
  await load.stop()
  assert.deepEqual(Object.keys(load.tally), ['200'])
  assert.equal(inFlight(running), 0)
})

const LOSSLESS: readonly ProcessFault[] = ['errors', 'silent', 'reset-before-head', 'reset-mid-head']

for (const fault of LOSSLESS)
  test(`an upstream with '${fault}' costs no idempotent request and is ejected`, bounded, async (t) => {
    const running = await storm(t)
    const { upstreams, load } = running
    const [, two] = upstreams
    await two.has(fault)
    await becomes(running, two, 'ejected')
    await load.more(200)
    await two.has('none')
    await until(() => running.changes.some(({ from }) => from === 'ejected'))
    await load.more(200)
    await load.stop()
    assert.deepEqual(Object.keys(load.tally), ['200'])
    assert.equal(inFlight(running), 0)
  })

for (const fault of ['reset-mid-body', 'drip'] as const)
  test(
    `answers that break off because of '${fault}' are few: the upstream is ejected`,
    bounded,
    async (t) => {
      const running = await storm(t, {}, { timeouts: { perTry: '300ms', total: '400ms' } })
      const { upstreams, load } = running
      const [, two] = upstreams
      await two.has(fault)
      await becomes(running, two, 'ejected')
      await load.more(100)
      const { broken = 0 } = load.tally
      // Five in a row, and those that were under way by then.
      assert.ok(broken >= 5 && broken <= 5 + 8, `${broken} answers broke off`)
      await load.stop()
      assert.deepEqual(Object.keys(load.tally).sort(), ['200', 'broken'])
    }
  )

test('an upstream that flaps costs no idempotent request', bounded, async (t) => {
  const running = await storm(t)
  const { upstreams, load } = running
  const [, two] = upstreams
  for (let n = 0; n < 4; n++) {
    await two.kill()
    await load.more(150)
    await two.restart()
    await load.more(150)
  }
  await load.stop()
  assert.deepEqual(Object.keys(load.tally), ['200'])
})

test(
  'when all fail, attempts stay within the budget, the breaker opens, and all recovers by itself',
  bounded,
  async (t) => {
    const running = await storm(
      t,
      {
        outlierDetection: false,
        circuitBreaker: { minRequests: 20, openDuration: '300ms', maxOpenDuration: '600ms' }
      },
      { retry: { attempts: 3, budgetPercent: 10, budgetMinPerSecond: 3 } }
    )
    const { upstreams, load, gateway } = running
    let opened = 0
    let closed = 0
    gateway.app.gateway.events.on('breaker', ({ to }) => {
      if (to === 'open') opened++
      if (to === 'closed') closed++
    })
    await Promise.all(upstreams.map((upstream) => upstream.has('errors')))
    await until(() => opened > 0)
    const before = await contacts(upstreams)
    await load.more(500)
    // While it is open nobody is contacted; half open lets a few through at a time.
    const after = await contacts(upstreams)
    assert.ok(after - before < 100, `${after - before} attempts while the breaker was open`)
    await Promise.all(upstreams.map((upstream) => upstream.has('none')))
    await until(() => closed > 0)
    const good = load.tally[200] ?? 0
    await load.more(200)
    await load.stop()
    assert.ok((load.tally[200] ?? 0) > good + 100)
    assert.equal(inFlight(running), 0)
  }
)

async function contacts(upstreams: readonly UpstreamProcess[]): Promise<number> {
  const served = await Promise.all(upstreams.map((upstream) => upstream.served()))
  return served.reduce((sum, count) => sum + count, 0)
}
