import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PoolConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }

/** The first endpoint holds the one connection it may have; what comes then goes there first all the same. */
async function stuck(t: TestContext, connections: PoolConfig['connections'], others: number) {
  const upstreams: FakeUpstream[] = []
  for (let n = 0; n <= others; n++) upstreams.push(await fakeUpstream(t))
  const [first, second] = upstreams as [FakeUpstream, FakeUpstream]
  const started = await startGateway(t, {
    pools: {
      main: {
        endpoints: upstreams.map(({ url }) => url),
        balancing: 'first',
        retry: { budgetPercent: 1, budgetMinPerSecond: 0 },
        connections: { max: 1, ...connections }
      }
    },
    routes: [{ path: '/*', pool: 'main' }]
  })
  const exchanges = watchExchanges(started)
  const held = first.hold()
  const holding = fetch(`${started.url}/held`)
  const { respond } = await held
  const release = async (): Promise<void> => {
    await respond.answer({})
    assert.equal((await holding).status, 200)
  }
  return { ...started, first, second, exchanges, release }
}

for (const [failure, connections] of [
  ['pool_queue_full', { maxQueue: 0 }],
  ['pool_queue_timeout', { maxQueue: 5, queueTimeout: '50ms' }]
] as const)
  test(
    `what finds no connection goes to another endpoint, whatever its method (${failure})`,
    bounded,
    async (t) => {
      const { url, first, second, exchanges, release } = await stuck(t, connections, 1)
      for (let n = 1; n <= 5; n++) {
        assert.equal((await fetch(`${url}/${n}`, { method: 'POST', body: 'hello' })).status, 200)
        const { attempts, reason } = await exchanges.nth(n)
        assert.deepEqual([attempts.map((attempt) => attempt.failure), reason], [[failure, null], null])
        assert.equal(second.requests[n - 1]?.body.toString(), 'hello')
      }
      assert.equal(first.requests.length, 1)
      await release()
    }
  )

test('where there is no other endpoint, nothing stands in the same line twice', bounded, async (t) => {
  const { url, exchanges, release } = await stuck(t, { maxQueue: 0 }, 0)
  assert.equal((await fetch(`${url}/1`)).status, 503)
  const { attempts, reason } = await exchanges.nth(1)
  assert.deepEqual([attempts.length, reason], [1, 'pool_queue_full'])
  await release()
})
