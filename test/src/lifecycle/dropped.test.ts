import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteHooks } from '@gatewright/gateway'
import { fakeUpstream, rawRequest, type Script } from '@gatewright/testing'
import { until, watchLeaks } from '../support/leaks.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

// Far below the time limits that are in force: nothing may wait for one of them.
const SOON = { timeout: 20_000 }

const BEGUN: Script = (_request, respond) =>
  void respond.stream({ headers: { 'content-type': 'text/plain' } })

const HOOKS: readonly [what: string, status: number, hooks: RouteHooks][] = [
  [
    'replaces the stream',
    200,
    { onSend: async (_request, _reply, payload) => (payload ? 'instead' : payload) }
  ],
  ['throws', 500, { onSend: async () => Promise.reject(new Error('no')) }]
]

for (const [what, status, hooks] of HOOKS)
  test(
    `an answer that is dropped because a hook ${what} leaves no timer and no attempt behind`,
    SOON,
    async (t) => {
      const leaks = watchLeaks(t)
      const upstream = await fakeUpstream(t, BEGUN)
      const started = await startGateway(t, singlePool(upstream.url, {}, { hooks }))
      const answer = await rawRequest(started.port, 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.deepEqual([answer.status, answer.complete], [status, true])
      await until(() => inFlight(started) === 0)
      await until(() => leaks.intervals.size === 0)
      if (upstream.connections.length > 0) await upstream.connectionClosed(1)
    }
  )

test('a request that a hook answers before its upstream does is ended there', SOON, async (t) => {
  const leaks = watchLeaks(t)
  const upstream = await fakeUpstream(t, () => {})
  const answer: RouteHooks['preHandler'] = (_request, reply, done) => {
    void upstream.request(1).then(() => reply.send('instead'))
    done()
  }
  const started = await startGateway(t, singlePool(upstream.url, {}, { hooks: { preHandler: answer } }))
  const exchanges = watchExchanges(started)
  const { status, text } = await rawRequest(started.port, 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.deepEqual([status, text], [200, 'instead'])
  await upstream.connectionClosed(1)
  assert.equal((await exchanges.nth(1)).reason, null)
  assert.equal(inFlight(started), 0)
  await until(() => leaks.intervals.size === 0)
})
