import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { core, type Exchange, type GatewayError, type PoolCall, type PoolResponse } from '@gatewright/core'
import { type FakeResponse, fakeUpstream } from '@gatewright/testing'
import { fastify } from 'fastify'
import { proxy } from './plugin.js'

type Result = { readonly error: GatewayError | null; readonly response: PoolResponse | null }

/** An app whose requests call a pool themselves, and answer with nothing. */
async function calling(t: TestContext, answer: FakeResponse, more: Partial<PoolCall> = {}, path = '') {
  const upstream = await fakeUpstream(t, answer)
  const app = fastify()
  t.after(() => app.close())
  await app.register(core, { config: { pools: { other: { endpoints: [upstream.url + path] } } } })
  await app.register(proxy)
  const results: Result[] = []
  app.get('/', { config: { gateway: { pool: 'other' } } }, (request, reply) => {
    const exchange = request.exchange as Exchange
    const pool = app.gateway.pool('other')
    const call = {
      pool,
      method: 'GET',
      path: '/x?y=1',
      headers: ['x-a', 'b'],
      body: null,
      timeoutMs: 500,
      maxBytes: 10,
      ...more
    }
    app.gateway.callPool(exchange, call, (error, response) => {
      results.push({ error, response })
      void reply.code(204).send()
    })
  })
  await app.inject('/')
  return { upstream, result: results[0] as Result, results, app }
}

test('a call is a request of its own: with what it is given, the host, the request id and its length', async (t) => {
  const { upstream, result } = await calling(
    t,
    { headers: { 'x-b': '1', connection: 'x-c', 'x-c': '3' }, body: 'hello' },
    { method: 'POST', body: Buffer.from('abc') },
    '/base'
  )
  const [seen] = upstream.requests
  assert.equal(`${seen?.method} ${seen?.target} ${seen?.body}`, 'POST /base/x?y=1 abc')
  assert.deepEqual(
    [seen?.header('x-a'), seen?.header('content-length'), seen?.header('x-forwarded-for')],
    ['b', '3', undefined]
  )
  assert.match(String(seen?.header('x-request-id')), /^[\w-]{20,}$/)
  assert.equal(result.error, null)
  assert.deepEqual([result.response?.status, result.response?.body.toString()], [200, 'hello'])
  const names = (result.response?.headers ?? []).filter((_, index) => index % 2 === 0)
  assert.ok(names.includes('x-b') && !names.includes('x-c'))
})

test('what goes wrong is told once, with the reason that a forwarded request would have', async (t) => {
  for (const [answer, more, reason] of [
    [{ body: 'x'.repeat(11) }, {}, 'upstream_protocol_error'],
    [{ cut: 'before-head', end: 'reset' }, { method: 'POST' }, 'upstream_reset'],
    [{ after: new Promise<void>(() => {}) }, { timeoutMs: 50 }, 'deadline_exceeded']
  ] as const) {
    const { results, app } = await calling(t, answer as FakeResponse, more)
    assert.equal(results.length, 1)
    assert.equal(results[0]?.error?.reason, reason)
    assert.deepEqual(
      app.gateway.pool('other').endpoints.map(({ inFlight }) => inFlight),
      [0]
    )
  }
})

test('an endpoint that has started and failed counts for observers as any other', async (t) => {
  const { app, results } = await calling(t, { status: 500 })
  assert.equal(results[0]?.response?.status, 500)
  const [endpoint] = app.gateway.pool('other').endpoints
  assert.deepEqual([endpoint?.started, endpoint?.inFlight], [1, 0])
})
