import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, type FakeResponse, fakeUpstream, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`

test('trailers reach a client that takes them, announced and unannounced ones', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: { trailer: 'X-Sum' },
    body: ['one', 'two'],
    trailers: [
      ['X-Sum', '42'],
      ['grpc-status', '0'],
      ['x-sum', '43']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nTE: trailers\nConnection: TE\n\n`)
  assert.equal(response.text, 'onetwo')
  assert.equal(response.header('trailer'), 'X-Sum')
  assert.deepEqual(response.trailers, [
    ['X-Sum', '42'],
    ['grpc-status', '0'],
    ['x-sum', '43']
  ])
})

test('trailers of an empty body reach a client that takes them', async (t) => {
  const upstream = await fakeUpstream(t, { trailers: { 'grpc-status': '5' } })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nTE: trailers\n\n`)
  assert.deepEqual(response.trailers, [['grpc-status', '5']])
})

test('trailers are dropped for a client that does not take them', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: { trailer: 'X-Sum' },
    body: 'one',
    trailers: { 'X-Sum': '42' }
  })
  const { port } = await startGateway(t, upstream.url)
  for (const request of [GET, crlf`GET / HTTP/1.1\nHost: a\nTE: gzip\n\n`]) {
    const response = await rawRequest(port, request)
    assert.equal(response.text, 'one')
    assert.equal(response.header('trailer'), undefined)
    assert.deepEqual(response.trailers, [])
  }
})

test('trailers that would frame, route or authorise are dropped', async (t) => {
  const upstream = await fakeUpstream(t, {
    body: 'one',
    trailers: [
      ['Transfer-Encoding', 'chunked'],
      ['Content-Type', 'text/x'],
      ['Set-Cookie', 'a=1'],
      ['Keep-Alive', 'timeout=1'],
      ['Proxy-Authenticate', 'Basic'],
      ['Upgrade', 'x'],
      ['X-Sum', '42']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nTE: trailers\n\n`)
  assert.deepEqual(response.trailers, [['X-Sum', '42']])
})

test('a length among the trailers says nothing of the content, nor of what its connection brings next', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const asking = crlf`GET / HTTP/1.1\nHost: a\nTE: trailers\n\n`
  for (const length of ['0', '5', '6', '600']) {
    upstream.next({
      headers: { 'content-type': 'text/plain' },
      body: ['one', 'two'],
      trailers: [
        ['Content-Length', length],
        ['X-Sum', '42']
      ]
    })
    const response = await rawRequest(port, asking)
    assert.deepEqual([response.status, response.text, response.complete], [200, 'onetwo', true])
    assert.deepEqual(response.trailers, [['X-Sum', '42']])
  }
  upstream.next({
    raw: crlf`HTTP/1.1 200 OK\nContent-Length: 3\nTransfer-Encoding: chunked\n\n3\none\n0\n\n`
  })
  assert.equal((await rawRequest(port, asking)).status, 502)
  assert.equal(upstream.connections.length, 1)
})

const TRAILER = { trailer: 'X-T', 'content-type': 'text/plain' }
const ASKING = crlf`Host: a\nTE: trailers\nConnection: close, TE\n\n`

test('Trailer is announced only where trailers can follow, and never costs the answer', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const chunked: FakeResponse = { headers: TRAILER, body: ['ok'], trailers: { 'X-T': '1' } }
  const cases: readonly [request: string, answer: FakeResponse, status: number, body: string][] = [
    ['GET / HTTP/1.0', chunked, 200, 'ok'],
    ['GET / HTTP/1.0', { headers: TRAILER, body: 'ok' }, 200, 'ok'],
    ['GET / HTTP/1.1', { headers: { trailer: 'X-T' }, body: 'ok' }, 200, 'ok'],
    ['GET / HTTP/1.1', { headers: TRAILER, body: 'ok' }, 200, 'ok'],
    ['GET / HTTP/1.1', { headers: TRAILER, body: 'x'.repeat(100_000) }, 200, 'x'.repeat(100_000)],
    ['GET / HTTP/1.1', { headers: TRAILER }, 200, ''],
    ['HEAD / HTTP/1.1', { headers: TRAILER, body: 'ok' }, 200, ''],
    ['HEAD / HTTP/1.1', chunked, 200, ''],
    ['GET / HTTP/1.1', { status: 204, headers: TRAILER, framing: 'none' }, 204, ''],
    ['GET / HTTP/1.1', { status: 304, headers: TRAILER, framing: 'none' }, 304, '']
  ]
  for (const [line, answer, status, body] of cases) {
    upstream.answers(answer)
    const response = await rawRequest(port, crlf`${line}\n` + ASKING)
    assert.equal(response.status, status, line)
    assert.equal(response.text, body, line)
    assert.equal(response.header('trailer'), undefined, line)
    assert.deepEqual(response.trailers, [], line)
  }
  upstream.answers(chunked)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\n` + ASKING)
  assert.equal(response.header('trailer'), 'X-T')
  assert.deepEqual(response.trailers, [['X-T', '1']])
})

test('a hook that announces trailers where none can follow costs one answer, not the process', async (t) => {
  const upstream = await fakeUpstream(t, { headers: { 'content-type': 'a/b' }, body: 'x'.repeat(100_000) })
  const { port } = await startGateway(t, upstream.url, {
    hooks: { onRequest: async (_, reply) => void reply.header('trailer', 'x-hook') }
  })
  const response = await rawRequest(port, GET)
  assert.equal(response.status, 500)
  assert.equal(response.header('content-type'), 'application/problem+json')
  assert.equal(JSON.parse(response.text).reason, 'internal_error')
})
