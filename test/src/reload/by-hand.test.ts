import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream } from '@gatewright/testing'
import { reloading } from '../support/reloading.js'

test('endpoints set by hand stay over a change of other keys, and go with a change of the list', async (t) => {
  const [listed, byHand, next] = [await fakeUpstream(t), await fakeUpstream(t), await fakeUpstream(t)]
  const routes = [{ path: '/*', pool: 'api' }] as const
  const api = { endpoints: [listed.url] }
  const { gateway, url, change } = await reloading(t, { pools: { api }, routes })
  const urls = (): string[] => gateway.app.gateway.pool('api').endpoints.map((endpoint) => endpoint.url)
  gateway.app.gateway.pool('api').replaceEndpoints([byHand.url])
  const told: string[] = []
  gateway.app.gateway.events.on('pool_endpoints', ({ pool }) => void told.push(pool.id))
  for (const pools of [
    { api: { endpoints: [listed.url] } },
    { api: { ...api, timeouts: { connect: '2s' } } },
    { api: { ...api, balancing: 'random' } },
    { api: { ...api, retry: 'safe' } }
  ] as const) {
    await change({ pools, via: 'gw' })
    assert.deepEqual([urls(), told], [[byHand.url], []])
    assert.equal((await fetch(url)).status, 200)
  }
  assert.deepEqual([listed.requests.length, byHand.requests.length], [0, 4])
  await change({ pools: { api: { endpoints: [next.url] } } })
  assert.deepEqual([urls(), told], [[next.url], ['api']])
  await change({ pools: { api: { endpoints: [listed.url] } } })
  assert.deepEqual(urls(), [listed.url])
})
