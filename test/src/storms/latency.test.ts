import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { GatewayEvents } from '@gatewright/core'
import type { PoolConfig } from '@gatewright/gateway'
import { until } from '../support/leaks.js'
import { percentile } from '../support/percentile.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { SteadyLoad } from '../support/steady-load.js'
import { SLOW_MS } from '../support/upstream-faults.js'
import { UpstreamProcess } from '../support/upstream-process.js'

const bounded = { timeout: 30_000 }

interface Running extends StartedGateway {
  readonly upstreams: readonly [UpstreamProcess, UpstreamProcess, UpstreamProcess]
  readonly changes: GatewayEvents['endpoint_health'][]
  readonly load: SteadyLoad
}

async function running(t: TestContext, pool: Omit<PoolConfig, 'endpoints'>): Promise<Running> {
  const upstreams = await Promise.all([
    UpstreamProcess.start(t),
    UpstreamProcess.start(t),
    UpstreamProcess.start(t)
  ])
  const started = await startGateway(
    t,
    singlePool(
      upstreams.map(({ url }) => url),
      pool,
      { retry: { attempts: 3, budgetPercent: 50, budgetMinPerSecond: 50 } }
    )
  )
  const changes: GatewayEvents['endpoint_health'][] = []
  started.gateway.app.gateway.events.on('endpoint_health', (change) => void changes.push(change))
  const load = new SteadyLoad(t, started.url)
  await load.more(100)
  return { ...started, upstreams, changes, load }
}

test('an upstream that is 50 times slower than its peers is ejected for it, and p99 falls to theirs', {
  timeout: 30_000
}, async (t) => {
  // In turn, so that nothing but the ejection keeps clients from the slow one.
  const { upstreams, changes, load, ...started } = await running(t, {
    balancing: 'round-robin',
    outlierDetection: { latencyFactor: 5, window: '600ms', minRequests: 5, ejection: '20s' }
  })
  const [, two] = upstreams
  const from = load.times.length
  await two.has('slow')
  await until(() => changes.length > 0)
  const [{ endpoint, to, because } = assert.fail()] = changes
  assert.deepEqual([endpoint.url, to], [two.url, 'ejected'])
  const [, own, peers] = /^median latency (\d+) ms, that of its peers (\d+) ms; for 20 s$/.exec(because) ?? []
  assert.ok(Number(own) >= 0.9 * SLOW_MS && Number(peers) < SLOW_MS / 5, because)
  assert.ok(percentile(load.times.slice(from), 0.99) >= 0.9 * SLOW_MS)
  // Those that are under way there.
  await until(() => endpoint.inFlight === 0)
  const served = await two.served()
  const since = load.times.length
  await load.more(2_000)
  const p99 = percentile(load.times.slice(since), 0.99)
  t.diagnostic(`p99 ${Math.round(p99)} ms after the ejection`)
  assert.ok(p99 < (2 / 3) * SLOW_MS, `p99 is ${p99} ms`)
  await load.stop()
  assert.equal(await two.served(), served)
  assert.deepEqual(Object.keys(load.tally), ['200'])
  assert.equal(changes.length, 1)
  assert.equal(inFlight(started), 0)
})

const WINDOW_MS = 1_600
const SLICES = 4

for (const balancing of ['p2c', 'least-connections'] as const)
  test(
    `with '${balancing}', what an upstream serves after its ejection grows slice by slice to its share`,
    bounded,
    async (t) => {
      const { upstreams, changes, load } = await running(t, {
        balancing,
        outlierDetection: { consecutiveErrors: 5, ejection: '300ms' },
        slowStart: { window: `${WINDOW_MS}ms` }
      })
      const [, two] = upstreams
      await two.has('errors')
      await until(() => changes.some(({ to }) => to === 'ejected'))
      await two.has('none')
      await until(() => changes.some(({ from }) => from === 'ejected'))
      const begun = performance.now()
      const shares: number[] = []
      let [all, its] = await contacts(upstreams, two)
      for (let slice = 1; slice <= SLICES + 1; slice++) {
        await until(() => performance.now() >= begun + (slice * WINDOW_MS) / SLICES)
        const [allNow, itsNow] = await contacts(upstreams, two)
        assert.ok(allNow - all >= 50, `only ${allNow - all} requests in slice ${slice}`)
        shares.push((itsNow - its) / (allNow - all))
        ;[all, its] = [allNow, itsNow]
      }
      await load.stop()
      const told = `shares ${shares.map((share) => share.toFixed(2)).join(', ')}`
      t.diagnostic(told)
      const fair = 1 / upstreams.length
      assert.ok((shares[0] as number) < 0.7 * fair, told)
      assert.ok(
        shares.every((share) => share < fair + 0.15),
        told
      )
      assert.ok((shares[0] as number) < (shares[SLICES - 1] as number), told)
      assert.ok((shares[SLICES] as number) > 0.4 * fair, told)
      assert.deepEqual(Object.keys(load.tally), ['200'])
    }
  )

/** What all of them have served, and what one of them has. */
async function contacts(
  upstreams: readonly UpstreamProcess[],
  one: UpstreamProcess
): Promise<readonly [all: number, its: number]> {
  const served = await Promise.all(upstreams.map((upstream) => upstream.served()))
  return [served.reduce((sum, count) => sum + count, 0), served[upstreams.indexOf(one)] as number]
}
