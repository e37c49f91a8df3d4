import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import type { FastifyRequest } from 'fastify'
import { startGateway } from '../support/start-gateway.js'

test('every standard method reaches the upstream with its target and body', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const response = await rawRequest(
      port,
      crlf`${method} /users/7?full=1 HTTP/1.1
Host: example.test
Content-Length: 4

body`
    )
    const seen = upstream.requests.at(-1)
    assert.equal(response.status, 200, method)
    assert.equal(seen?.rawHead.split('\r\n')[0], `${method} /users/7?full=1 HTTP/1.1`)
    assert.equal(String(seen?.body), 'body', method)
  }
})

test('QUERY, PROPFIND, REPORT and M-SEARCH are forwarded like any other method', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  // Node 20 does not know QUERY.
  for (const method of ['QUERY', 'PROPFIND', 'REPORT', 'M-SEARCH'].filter((name) => METHODS.includes(name))) {
    const response = await rawRequest(
      port,
      crlf`${method} /a HTTP/1.1
Host: example.test
Content-Length: 4

body`
    )
    assert.equal(response.status, 200, method)
    assert.equal(upstream.requests.at(-1)?.method, method)
    assert.equal(String(upstream.requests.at(-1)?.body), 'body')
  }
})

test('a method the parser does not know is refused with 400, and the connection closed', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(crlf`FROBNICATE / HTTP/1.1
Host: example.test

`)
  const response = await client.response()
  assert.equal(response.status, 400)
  assert.equal(JSON.parse(response.text).reason, 'request_rejected')
  await client.closed
  assert.equal(upstream.requests.length, 0)
})

test('CONNECT is refused with 405 and never becomes a tunnel', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(crlf`CONNECT ${upstream.host} HTTP/1.1
Host: ${upstream.host}

GET /inside HTTP/1.1
Host: ${upstream.host}

`)
  assert.equal((await client.response({ to: 'CONNECT' })).status, 405)
  await client.closed
  assert.equal(upstream.connections.length, 0)
})

test('TRACE is refused with 405 and not forwarded', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(
    port,
    crlf`TRACE / HTTP/1.1
Host: example.test

`
  )
  assert.equal(response.status, 405)
  assert.equal(upstream.requests.length, 0)
})

test("Host is the endpoint's, its port included", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\n\n`)
  assert.deepEqual(upstream.requests[0]?.headerAll('host'), [upstream.host])
})

test("preserveHost sends the client's Host unchanged", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream', preserveHost: true }]
  })
  for (const host of ['example.test', 'Example.TEST.:80', '[::1]:8080', 'localhost:']) {
    await rawRequest(port, crlf`GET / HTTP/1.1\nhost: ${host}\n\n`)
    assert.deepEqual(upstream.requests.at(-1)?.headerAll('host'), [host])
  }
})

test("preserveHost sends the endpoint's Host for an HTTP/1.0 request without one", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream', preserveHost: true }]
  })
  const response = await rawRequest(port, crlf`GET / HTTP/1.0\n\n`)
  assert.equal(response.text, 'ok')
  assert.equal(upstream.requests[0]?.httpVersion, '1.1')
  assert.deepEqual(upstream.requests[0]?.headerAll('host'), [upstream.host])
})

test('forwarding leaves the request that hooks see as the client sent it', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  let resolve!: (request: FastifyRequest) => void
  const hooked = new Promise<FastifyRequest>((accept) => {
    resolve = accept
  })
  const { port } = await startGateway(t, upstream.url, {
    via: 'edge',
    hooks: { onResponse: async (request) => resolve(request) }
  })
  await rawRequest(port, crlf`GET /a?b HTTP/1.1\nHost: example.test\nX-A: 1\nConnection: x-a, close\n\n`)
  const { method, url, headers, raw } = await hooked
  assert.deepEqual([method, url], ['GET', '/a?b'])
  assert.deepEqual({ ...headers }, { host: 'example.test', 'x-a': '1', connection: 'x-a, close' })
  assert.deepEqual(raw.rawHeaders, ['Host', 'example.test', 'X-A', '1', 'Connection', 'x-a, close'])
})
