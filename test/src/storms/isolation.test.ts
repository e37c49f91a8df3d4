import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PoolConfig } from '@gatewright/gateway'
import { ArrivingLoad } from '../support/arriving-load.js'
import { blackHole } from '../support/black-hole.js'
import { until } from '../support/leaks.js'
import { percentile } from '../support/percentile.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { SteadyLoad } from '../support/steady-load.js'
import { UpstreamProcess } from '../support/upstream-process.js'

const bounded = { timeout: 30_000 }

const PLACES = 16
const CLIENTS = 8
/** What a request costs that gets into the hole. */
const LIMIT_MS = 600

const POOL: Omit<PoolConfig, 'endpoints'> = {
  concurrency: { max: PLACES, maxQueue: PLACES, queueTimeout: '200ms' },
  connections: { max: PLACES },
  timeouts: { connect: `${LIMIT_MS}ms`, firstByte: `${LIMIT_MS}ms` }
}

interface TwoPools extends StartedGateway {
  /** Behind `/fine`, under steady load. */
  readonly fine: UpstreamProcess
  readonly load: SteadyLoad
}

async function twoPools(
  t: TestContext,
  hole: string,
  more: Omit<PoolConfig, 'endpoints'> = {}
): Promise<TwoPools> {
  const fine = await UpstreamProcess.start(t)
  const started = await startGateway(t, {
    pools: {
      fine: { endpoints: [fine.url], ...POOL, ...more },
      hole: { endpoints: [hole], ...POOL, ...more }
    },
    routes: [
      { path: '/fine', pool: 'fine' },
      { path: '/hole', pool: 'hole' }
    ]
  })
  const load = new SteadyLoad(t, `${started.url}/fine`, { clients: CLIENTS })
  await load.more(200)
  return { ...started, fine, load }
}

function limitOf({ gateway }: StartedGateway, pool: string) {
  const { limits } = gateway.app.overload.state()
  return limits.find(({ key }) => key === `pool ${pool}`) ?? assert.fail(`no limit of ${pool}`)
}

/** A thousand answers of the pool that is fine; then asserts that it has noticed nothing. */
async function assertUnaffected(t: TestContext, { fine, load }: TwoPools): Promise<void> {
  const from = load.times.length
  await load.more(1_000)
  const p99 = percentile(load.times.slice(from), 0.99)
  t.diagnostic(`p99 of the other pool ${Math.round(p99)} ms`)
  assert.deepEqual(Object.keys(load.tally), ['200'])
  assert.ok(p99 < (2 / 3) * LIMIT_MS, `p99 is ${p99} ms`)
  const { connections } = await fine.counts()
  assert.ok(connections <= 2 * CLIENTS, `${connections} connections`)
}

const HOLES: Record<string, (t: TestContext) => Promise<string>> = {
  'accepts no connection': blackHole,
  'accepts and never answers': async (t) => {
    const upstream = await UpstreamProcess.start(t)
    await upstream.has('silent')
    return upstream.url
  }
}

for (const [what, open] of Object.entries(HOLES))
  test(`a pool whose upstream ${what} takes nothing from another pool`, bounded, async (t) => {
    const running = await twoPools(t, await open(t))
    const falling = new ArrivingLoad(t, `${running.url}/hole`, 200)
    await until(() => limitOf(running, 'hole').running === PLACES && limitOf(running, 'hole').waiting > 0)
    await assertUnaffected(t, running)
    assert.ok(limitOf(running, 'hole').running >= PLACES / 2)
    await running.load.stop()
    await falling.stop()
    const statuses = new Set(falling.arrivals.map(({ status }) => status))
    assert.ok(
      [...statuses].every((status) => status >= 502 && status <= 504),
      [...statuses].join()
    )
    await until(() => limitOf(running, 'hole').running === 0 && limitOf(running, 'fine').running === 0)
  })

test('a breaker that is open refuses the requests of its pool alone', bounded, async (t) => {
  const running = await twoPools(t, await blackHole(t), {
    circuitBreaker: { minRequests: 10, openDuration: '20s' }
  })
  const { circuitBreakers } = running.gateway.app
  const falling = new ArrivingLoad(t, `${running.url}/hole`, 200)
  await until(() => circuitBreakers.state('hole') === 'open')
  await assertUnaffected(t, running)
  assert.equal(circuitBreakers.state('hole'), 'open')
  assert.equal(circuitBreakers.state('fine'), 'closed')
  await running.load.stop()
  await falling.stop()
  assert.ok(falling.arrivals.some(({ reason }) => reason === 'circuit_open'))
})
