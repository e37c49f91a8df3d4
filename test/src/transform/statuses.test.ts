import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transformed } from '../support/transformed.js'

test('with 204 the body is dropped, whole or streaming, and the connection goes on', async (t) => {
  const { answered, send } = await transformed(t, { response: { status: { 200: 204 } } })
  for (const framing of ['sized', 'chunked'] as const)
    for (const body of ['{"a":1}', 'x'.repeat(1_000_000)]) {
      const response = await answered({
        headers: { 'content-type': 'text/plain', etag: '"1"' },
        body,
        framing
      })
      const { status, header } = { status: response.status, header: response.header.bind(response) }
      assert.deepEqual(
        [status, header('content-type'), header('content-length'), header('etag')],
        [204, undefined, undefined, undefined]
      )
      assert.equal(response.body.length, 0)
    }
  assert.equal((await send('GET /users/7')).status, 204)
})

test('an endless body is given up when its status becomes 204', async (t) => {
  const { answered, upstream } = await transformed(t, { response: { status: { 200: 204 } } })
  const response = await answered(async (_request, respond) => {
    await respond.stream({ framing: 'chunked' }).write('a')
  })
  assert.equal(response.status, 204)
  await upstream.connectionClosed(1)
})

test('an empty answer may become one with another status', async (t) => {
  const { answered } = await transformed(t, { response: { status: { 204: 200, 404: 200 } } })
  const response = await answered({ status: 204 })
  assert.deepEqual([response.status, response.header('content-length')], [200, '0'])
  const head = await answered({ status: 404, headers: { 'content-length': '9' } }, 'HEAD /users/7')
  assert.deepEqual([head.status, head.header('content-length')], [200, '9'])
})

test('parts, unchanged answers and the gateway’s own stay as they are', async (t) => {
  const { answered, send, upstream } = await transformed(t, {
    response: { status: { '2xx': 299, '3xx': 399, '4xx': 499, '5xx': 599 } }
  })
  for (const [theirs, ours] of [
    [206, 206],
    [304, 304],
    [201, 299],
    [302, 399]
  ] as const)
    assert.equal((await answered({ status: theirs })).status, ours)
  await upstream.close()
  assert.equal((await send('GET /users/7')).status, 502)
})

test('the reason phrase is that of the new status', async (t) => {
  const { answered } = await transformed(t, { response: { status: { 404: 410 } } })
  assert.equal((await answered({ status: 404, reason: 'Nowhere' })).reason, 'Gone')
})
