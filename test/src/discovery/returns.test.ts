import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Endpoint, Pool } from '@gatewright/core'
import type { DiscoveredEndpoints } from '@gatewright/discovery'
import type { PoolConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 30_000 }

interface Listed extends StartedGateway {
  readonly one: FakeUpstream
  readonly two: FakeUpstream
  readonly pool: Pool
  endpoint(upstream: FakeUpstream): Endpoint
  /** Makes this the list, which has another length than the last one, and waits until it is applied. */
  list(...urls: string[]): Promise<void>
  /** Who answers ten requests. */
  answering(): Promise<string>
}

/** A gateway whose endpoints a source of the test's own lists: at first both. */
async function listed(t: TestContext, config: PoolConfig = {}): Promise<Listed> {
  const one = await fakeUpstream(t, { body: 'one' })
  const two = await fakeUpstream(t, { body: 'two' })
  const lists: DiscoveredEndpoints[] = [[one.url, two.url]]
  let more: () => void = () => {}
  async function* source(): AsyncGenerator<DiscoveredEndpoints> {
    for (;;) {
      const next = lists.shift()
      if (next !== undefined) yield next
      else
        await new Promise<void>((resolve) => {
          more = resolve
        })
    }
  }
  const started = await startGateway(t, {
    pools: { upstream: { balancing: 'round-robin', ...config, discovery: { source } } },
    routes: [{ path: '/*', pool: 'upstream', retry: false }]
  })
  const pool = started.gateway.app.gateway.pool('upstream')
  return {
    ...started,
    one,
    two,
    pool,
    endpoint: ({ url }) => pool.endpoint(url),
    async list(...urls) {
      lists.push(urls)
      more()
      await until(() => pool.endpoints.length === urls.length)
    },
    async answering() {
      const bodies = new Set<string>()
      for (let n = 0; n < 10; n++) bodies.add(await (await fetch(started.url)).text())
      return [...bodies].sort().join()
    }
  }
}

for (const [what, set, held] of [
  ['a drain', 'drain', { draining: true }],
  ['a weight of 0', 'setWeight', { weight: 0 }]
] as const)
  test(
    `${what} holds while an unrelated endpoint changes, and while its own leaves and returns`,
    bounded,
    async (t) => {
      const { one, two, pool, endpoint, list, answering } = await listed(t)
      const taken = endpoint(one)
      if (set === 'drain') pool.drain(one.url)
      else pool.setWeight(one.url, 0)
      assert.equal(await answering(), 'two')
      await list(one.url, two.url, 'http://127.0.0.1:1')
      await list(one.url, two.url)
      assert.equal(await answering(), 'two')
      await list(two.url)
      await list(one.url, two.url)
      assert.equal(await answering(), 'two')
      assert.equal(endpoint(one), taken)
      const { draining, weight } = taken
      assert.deepEqual({ draining, weight, ...held }, { draining, weight })
      if (set === 'drain') pool.undrain(one.url)
      else pool.setWeight(one.url, null)
      assert.equal(await answering(), 'one,two')
    }
  )

test(
  'an ejection, and what is down by hand, outlast that an endpoint leaves and returns',
  bounded,
  async (t) => {
    const { one, two, gateway, endpoint, list, answering } = await listed(t, {
      outlierDetection: { consecutiveErrors: 1 }
    })
    one.answers({ status: 500, body: 'broken' })
    await answering()
    assert.equal(endpoint(one).health, 'ejected')
    await list(two.url)
    await list(one.url, two.url)
    assert.equal(endpoint(one).health, 'ejected')
    assert.equal(await answering(), 'two')
    gateway.app.health.force('upstream', one.url, 'down')
    await list(two.url)
    await list(one.url, two.url)
    assert.equal(gateway.app.health.states()[0]?.forced, 'down')
    one.answers({ body: 'one' })
    gateway.app.health.force('upstream', one.url, 'up')
    assert.equal(await answering(), 'one,two')
  }
)

test('probes of an endpoint that returns go on, and traffic has a connection again', bounded, async (t) => {
  const { one, two, endpoint, list, answering } = await listed(t, {
    health: { path: '/up', interval: '20ms', fastInterval: '20ms' }
  })
  const probes = (): number => one.requests.filter(({ target }) => target === '/up').length
  await until(() => endpoint(one).health === 'healthy')
  await list(two.url)
  const seen = one.requests.length
  assert.equal(await answering(), 'two')
  await list(one.url, two.url)
  const before = probes()
  await until(() => probes() > before + 2)
  assert.equal(await answering(), 'one,two')
  assert.ok(one.requests.length > seen)
})
