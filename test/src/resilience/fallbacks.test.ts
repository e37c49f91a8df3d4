import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteHandler } from '@gatewright/gateway'
import { fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }

const ON = ['upstream_reset', 'upstream_connect_failed'] as const

const secret = (): Error => new Error('secret')

const BROKEN: Record<string, RouteHandler> = {
  throws: () => {
    throw secret()
  },
  rejects: () => Promise.reject(secret()),
  'throws a text': () => {
    throw 'secret'
  },
  'rejects with nothing': () => Promise.reject(undefined),
  'rejects after a status': async (_request, reply) => {
    reply.code(200).header('x-own', '1')
    throw secret()
  }
}

for (const [what, handler] of Object.entries(BROKEN))
  test(`a fallback handler that ${what} costs its request a 500, and nothing else`, bounded, async (t) => {
    const upstream = await fakeUpstream(t, { cut: 'before-head', end: 'reset' })
    const { port } = await startGateway(t, {
      pools: { upstream: { endpoints: [upstream.url], outlierDetection: false } },
      routes: [{ path: '/*', pool: 'upstream', fallback: { on: [...ON], handler } }]
    })
    for (let n = 1; n <= 2; n++) {
      const answer = await rawRequest(port, 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.deepEqual([answer.status, answer.complete], [500, true])
      assert.doesNotMatch(answer.raw.toString(), /secret/)
      assert.equal(JSON.parse(answer.text).reason, 'internal_error')
    }
    upstream.answers({ body: 'ok' })
    assert.equal((await rawRequest(port, 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n')).text, 'ok')
  })

test('a pool fallback gets the whole body, or the request: never a part of it', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const spare = await fakeUpstream(t, { body: 'spare' })
  const { port } = await startGateway(t, {
    pools: {
      upstream: { endpoints: [upstream.url], outlierDetection: false },
      spare: { endpoints: [spare.url] }
    },
    routes: [{ path: '/*', pool: 'upstream', fallback: { on: [...ON], pool: 'spare' } }]
  })
  const head = 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n'
  // Of this one something has been sent, and nothing was kept.
  upstream.next({ early: true, cut: 'before-head', end: 'reset' })
  const client = await rawClient(port, { t })
  await client.write(`${head}half`)
  const answer = await client.response({ to: 'POST' })
  assert.deepEqual([answer.status, JSON.parse(answer.text).reason], [502, 'upstream_reset'])
  assert.equal(spare.requests.length, 0)
  // Of this one nothing was sent, as nobody listens.
  await upstream.close()
  const whole = await rawRequest(port, `${head}12345678`)
  assert.deepEqual([whole.status, whole.text], [200, 'spare'])
  assert.equal(spare.requests[0]?.body.toString(), '12345678')
})
