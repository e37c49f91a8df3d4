import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const limited = (url: string) => ({
  pools: { upstream: { endpoints: [url] } },
  routes: [{ path: '/*', pool: 'upstream', bodyLimit: '1KiB' as const }]
})

test('a declared length beyond the limit gets 413 before the body is read', {
  timeout: 20_000
}, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, limited(upstream.url))
  const client = await rawClient(port, { t })
  await client.write(crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: 1025\n\n`)
  const response = await client.response()
  assert.equal(response.status, 413)
  assert.equal(JSON.parse(response.text).reason, 'body_too_large')
  assert.equal(response.header('connection'), 'close')
  assert.equal(upstream.requests.length, 0)
})

test('a body of exactly the limit passes', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, limited(upstream.url))
  const body = 'x'.repeat(1024)
  for (const framed of [
    `Content-Length: 1024\r\n\r\n${body}`,
    `Transfer-Encoding: chunked\r\n\r\n400\r\n${body}\r\n0\r\n\r\n`
  ]) {
    assert.equal((await rawRequest(port, crlf`POST / HTTP/1.1\nHost: example.test\n${framed}`)).status, 200)
    assert.equal((await upstream.requests.at(-1)?.finished)?.bodyBytes, 1024)
  }
})

test('a chunked body beyond the limit gets 413, and its request upstream is aborted', {
  timeout: 20_000
}, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, limited(upstream.url))
  const client = await rawClient(port, { t })
  await client.write(crlf`POST / HTTP/1.1\nHost: example.test\nTransfer-Encoding: chunked\n\n3\nabc\n`)
  const seen = await upstream.request(1)
  await seen.received(3)
  await client.write(crlf`400\n${'x'.repeat(1024)}\n`)
  const response = await client.response()
  assert.equal(response.status, 413)
  assert.equal(JSON.parse(response.text).reason, 'body_too_large')
  assert.equal(response.header('connection'), 'close')
  assert.equal(await seen.aborted, 'request')
})

test('without a limit of its own a route takes 10 MiB', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const limit = 10 * 1024 ** 2
  const tooLarge = await rawRequest(
    port,
    crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: ${limit + 1}\n\n`
  )
  assert.equal(tooLarge.status, 413)
  const head = crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: ${limit}\n\n`
  const response = await rawRequest(port, Buffer.concat([Buffer.from(head), Buffer.alloc(limit)]))
  assert.equal(response.status, 200)
  assert.equal(upstream.requests[0]?.bodyBytes, limit)
})

test('bodyLimit: false takes any length', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream', bodyLimit: false }]
  })
  const length = 10 * 1024 ** 2 + 1
  const head = crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: ${length}\n\n`
  const response = await rawRequest(port, Buffer.concat([Buffer.from(head), Buffer.alloc(length)]))
  assert.equal(response.status, 200)
  assert.equal(upstream.requests[0]?.bodyBytes, length)
})

test('a body that is too large for a buffering hook gets 413', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: { preHandler: async ({ exchange }) => void (await exchange?.buffer(10)) }
  })
  for (const framed of [
    `Content-Length: 11\r\n\r\n${'x'.repeat(11)}`,
    `Transfer-Encoding: chunked\r\n\r\nb\r\n${'x'.repeat(11)}\r\n`
  ]) {
    const response = await rawRequest(port, crlf`POST / HTTP/1.1\nHost: example.test\n${framed}`)
    assert.equal(response.status, 413)
    assert.equal(JSON.parse(response.text).reason, 'body_too_large')
  }
  assert.equal(upstream.requests.length, 0)
})

test('a client that sends on after its 413 can still read it', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, limited(upstream.url))
  const client = await rawClient(port, { t })
  await client.write(crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: 2000000\n\n`)
  await client.write(Buffer.alloc(2_000_000))
  assert.equal((await client.response()).status, 413)
  client.end()
  assert.equal(await client.closed, 'end')
})

test('what follows a refused body on its connection is not taken for a request', {
  timeout: 20_000
}, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, limited(upstream.url))
  const client = await rawClient(port, { t })
  const smuggled = crlf`GET /smuggled HTTP/1.1\nHost: example.test\n\n`
  await client.write(
    crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: 2000\n\n${smuggled.padEnd(2000)}${smuggled}`
  )
  assert.equal((await client.response()).status, 413)
  client.end()
  await client.closed
  assert.equal(String(client.received).match(/HTTP\/1\.1 /g)?.length, 1)
  assert.equal(upstream.requests.length, 0)
})
