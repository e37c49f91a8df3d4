import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'
import { transformed } from '../support/transformed.js'

test('the upstream gets another method, with its body as it came', async (t) => {
  const { send, upstream } = await transformed(t, { request: { method: { PATCH: 'POST', DELETE: 'PUT' } } })
  await send('DELETE /users/7')
  await send('PATCH /users/7', 'content-length: 0')
  await send('GET /users/7')
  assert.deepEqual(
    upstream.requests.map(({ method }) => method),
    ['PUT', 'POST', 'GET']
  )
  assert.deepEqual(upstream.requests[0]?.headerAll('content-length'), ['0'])
})

test('one method for all', async (t) => {
  const { url } = await transformed(t, { request: { method: 'POST' } })
  const response = await fetch(`${url}/users/7`, { method: 'PUT', body: 'abc' })
  assert.equal(response.status, 200)
})

test('HEAD becomes GET: the client gets the head alone', async (t) => {
  const { answered, upstream } = await transformed(t, { request: { method: { HEAD: 'GET' } } })
  const response = await answered({ headers: { etag: '"1"' }, body: 'a body' }, 'HEAD /users/7')
  assert.equal(upstream.requests[0]?.method, 'GET')
  assert.deepEqual([response.status, response.header('content-length'), response.body.length], [200, '6', 0])
})

test('a request is tried again only where the upstream’s method may be repeated', async (t) => {
  for (const [method, to, attempts] of [
    ['GET', 'POST', 1],
    ['POST', 'PUT', 2]
  ] as const) {
    const upstream = await fakeUpstream(t, { status: 503 })
    const { url, gateway } = await startGateway(t, {
      pools: { users: { endpoints: [upstream.url, upstream.url.replace('127.0.0.1', 'localhost')] } },
      routes: [
        {
          path: '/*',
          pool: 'users',
          retry: 'idempotent',
          transform: { request: { method: { [method]: to } } }
        }
      ]
    })
    await fetch(url, { method })
    assert.equal(upstream.requests.length, attempts, `${method} ${to}`)
    await gateway.close()
  }
})
