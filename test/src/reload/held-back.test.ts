import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Snapshot } from '@gatewright/core'
import { fakeUpstream, gate } from '@gatewright/testing'
import { reloading } from '../support/reloading.js'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

test('a response that goes on for long keeps its own configuration in memory, and none of those after it', async (t) => {
  const ended = gate()
  const upstream = await fakeUpstream(t, async (_request, answer) => {
    await ended
    answer.answer({ body: 'done' })
  })
  const routes = [
    { path: '/*', pool: 'api', retry: 'safe', concurrency: { max: 5 }, circuitBreaker: true }
  ] as const
  const pools = (n: number) => ({
    api: { endpoints: [upstream.url], timeouts: { connect: `${n}s` as const }, connections: { max: n } }
  })
  const { gateway, url, change } = await reloading(t, {
    metrics: { listener: 'app' },
    flightRecorder: true,
    accessLog: { destination: '/dev/null' },
    pools: pools(1),
    routes
  })
  const held = fetch(url)
  await upstream.request(1)
  const snapshots: WeakRef<Snapshot>[] = []
  for (let n = 2; n < 10; n++) snapshots.push(new WeakRef(await change({ pools: pools(n), routes })))
  await new Promise(setImmediate)
  collectGarbage()
  assert.equal(gateway.app.gateway.retiring, 8)
  assert.deepEqual(
    snapshots.map((one) => one.deref() !== undefined),
    [false, false, false, false, false, false, false, true]
  )
  ended.open()
  assert.equal((await held).status, 200)
  await gateway.app.gateway.apply()
  assert.equal(gateway.app.gateway.retiring, 0)
})
