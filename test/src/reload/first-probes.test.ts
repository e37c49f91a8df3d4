import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, rawRequest } from '@gatewright/testing'
import { reloading } from '../support/reloading.js'

const bounded = { timeout: 30_000 }
const GET = 'GET /asked HTTP/1.1\r\nHost: a\r\n\r\n'
const REFUSED = 'http://127.0.0.1:1'

const of = (endpoints: readonly string[], health: object = {}): GatewayServerConfig => ({
  pools: {
    main: {
      endpoints,
      balancing: 'round-robin',
      outlierDetection: false,
      health: { path: '/health', interval: '1h', fastInterval: '1h', probeFirst: true, ...health }
    }
  },
  routes: [{ path: '/*', pool: 'main' }]
})

async function statuses(url: string, count: number): Promise<number[]> {
  const found: number[] = []
  for (let n = 0; n < count; n++) found.push((await rawRequest(Number(new URL(url).port), GET)).status)
  return found
}

const targets = ({ requests }: FakeUpstream): string[] => requests.map(({ target }) => target)

test('an endpoint that fails its first probe gets no traffic, from the start on', bounded, async (t) => {
  const well = await fakeUpstream(t)
  const ill = await fakeUpstream(t, async (_request, respond) => respond.answer({ status: 503 }))
  const { url } = await reloading(t, of([well.url, ill.url, REFUSED]))
  assert.deepEqual(await statuses(url, 6), [200, 200, 200, 200, 200, 200])
  assert.deepEqual(targets(ill), ['/health'])
  assert.equal(targets(well).filter((target) => target === '/health').length, 1)
})

test('a change waits for the probes of what is new in it, and for no others', bounded, async (t) => {
  const [first, second] = [await fakeUpstream(t), await fakeUpstream(t)]
  const { url, gateway, change } = await reloading(t, of([first.url]))
  const before = first.requests.length
  await change(of([first.url, second.url, REFUSED]))
  assert.equal(targets(second)[0], '/health')
  assert.equal(first.requests.length, before)
  assert.deepEqual(await statuses(url, 4), [200, 200, 200, 200])
  assert.deepEqual(targets(second), ['/health', '/asked', '/asked'])
  const states = gateway.app.health.states().map(({ health }) => health)
  assert.deepEqual(states, ['healthy', 'healthy', 'unhealthy'])
})

test(
  'an endpoint that does not answer holds a change up for the time of a probe at most',
  bounded,
  async (t) => {
    const first = await fakeUpstream(t)
    const silent = await fakeUpstream(t, async () => {})
    const { gateway, change, url } = await reloading(t, of([first.url]))
    await change(of([first.url, silent.url], { timeout: '100ms' }))
    assert.equal(gateway.app.health.states()[1]?.health, 'unhealthy')
    assert.deepEqual(await statuses(url, 3), [200, 200, 200])
  }
)

test('of more endpoints than the time allows, the rest is unknown and gets traffic', bounded, async (t) => {
  const silent = await fakeUpstream(t, async ({ target }, respond) => {
    if (target !== '/health') await respond.answer({})
  })
  const other = await fakeUpstream(t)
  const { gateway, url } = await reloading(
    t,
    of([silent.url, other.url], { timeout: '100ms', concurrency: 1 })
  )
  const states = gateway.app.health.states().map(({ health }) => health)
  assert.deepEqual(states, ['unhealthy', 'unknown'])
  assert.deepEqual(await statuses(url, 2), [200, 200])
  assert.ok(targets(other).includes('/asked'))
})

test('a dry run asks, and changes nothing; without `probeFirst` nothing waits', bounded, async (t) => {
  const [first, second] = [await fakeUpstream(t), await fakeUpstream(t)]
  const { gateway, change } = await reloading(t, of([first.url]))
  await gateway.apply({ ...gateway.config, ...of([first.url, REFUSED]) } as never, { dryRun: true })
  assert.equal(gateway.app.health.states().length, 1)
  await change(of([first.url, second.url], { probeFirst: false }))
  assert.deepEqual(targets(second), [])
  assert.equal(gateway.app.health.states()[1]?.health, 'unknown')
})

test('a check of your own that throws counts as failed', bounded, async (t) => {
  const first = await fakeUpstream(t)
  const check = () => {
    throw new Error('no check')
  }
  const health = { check, interval: '1h', probeFirst: true } as const
  const { gateway } = await reloading(t, { pools: { main: { endpoints: [first.url], health } } })
  assert.equal(gateway.app.health.states()[0]?.health, 'unhealthy')
})
