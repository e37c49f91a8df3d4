import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawRequest } from '@gatewright/testing'
import { startGateway } from './support/start-gateway.js'

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
      ['X-Sum', '42']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nTE: trailers\n\n`)
  assert.deepEqual(response.trailers, [['X-Sum', '42']])
})
