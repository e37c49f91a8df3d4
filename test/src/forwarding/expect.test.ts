import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

test('100 Continue is sent when the upstream begins to take the body', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: 4\nExpect: 100-continue\n\n`)
  await client.until(CONTINUE)
  await client.write('body')
  const seen = await (await upstream.request(1)).finished
  assert.deepEqual(seen.headerAll('expect'), [])
  const response = await client.response()
  assert.deepEqual(
    response.interim.map(({ raw }) => raw),
    [CONTINUE]
  )
  assert.equal(response.status, 200)
  assert.equal(String(seen.body), 'body')
})

test('the expectation is met in any case', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(
    crlf`POST / HTTP/1.1\nHost: example.test\nTransfer-Encoding: chunked\nexpect: 100-Continue\n\n`
  )
  await client.until(CONTINUE)
  await client.write(crlf`4\nbody\n0\n\n`)
  assert.equal((await client.response()).status, 200)
  assert.equal(String(upstream.requests[0]?.body), 'body')
})

test('a client that does not wait for 100 Continue is served too', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(
    port,
    crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: 4\nExpect: 100-continue\n\nbody`
  )
  assert.equal(response.status, 200)
  assert.equal(String(upstream.requests[0]?.body), 'body')
})

test('a request that is refused gets no 100 Continue', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [
      { path: '/small', pool: 'upstream', bodyLimit: '1B' },
      {
        path: '/denied',
        pool: 'upstream',
        hooks: { onRequest: async (_, reply) => reply.code(403).send('no') }
      },
      { path: '/own', handler: async () => 'own' }
    ]
  })
  for (const [path, status] of [
    ['/small', 413],
    ['/denied', 403],
    ['/own', 200],
    ['/unknown', 404],
    ['/../x', 400]
  ] as const) {
    const client = await rawClient(port, { t })
    await client.write(
      crlf`POST ${path} HTTP/1.1\nHost: example.test\nContent-Length: 4\nExpect: 100-continue\n\n`
    )
    const response = await client.response()
    assert.equal(response.status, status)
    assert.deepEqual(response.interim, [], path)
  }
  assert.equal(upstream.requests.length, 0)
})

test('no 100 Continue is sent when the upstream cannot be reached', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { url } = upstream
  await upstream.close()
  const { port } = await startGateway(t, url)
  const client = await rawClient(port, { t })
  await client.write(crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: 4\nExpect: 100-continue\n\n`)
  const response = await client.response()
  assert.equal(response.status, 502)
  assert.deepEqual(response.interim, [])
})

test('no 100 Continue is sent for a request without a body', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\nExpect: 100-continue\n\n`)
  assert.equal(response.status, 200)
  assert.deepEqual(response.interim, [])
})

test('an HTTP/1.0 client gets no 100 Continue', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(
    port,
    crlf`POST / HTTP/1.0\nHost: example.test\nContent-Length: 4\nExpect: 100-continue\n\nbody`
  )
  assert.equal(response.status, 200)
  assert.deepEqual(response.interim, [])
  assert.equal(String(upstream.requests[0]?.body), 'body')
})

test('an expectation other than 100-continue gets 417, and the connection stays in step', {
  timeout: 20_000
}, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const expectation of ['200-maybe', '101-continue']) {
    const client = await rawClient(port, { t })
    await client.write(
      crlf`POST /a HTTP/1.1\nHost: example.test\nContent-Length: 4\nExpect: ${expectation}\n\nbody`
    )
    assert.equal((await client.response()).status, 417, expectation)
    await client.write(crlf`GET /next HTTP/1.1\nHost: example.test\n\n`)
    assert.equal((await client.response()).status, 200)
    assert.equal(upstream.requests.at(-1)?.target, '/next')
  }
  assert.equal(upstream.requests.length, 2)
})
