import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { lastRequest } from '../support/last-request.js'
import { startGateway } from '../support/start-gateway.js'

test('a GET or HEAD without a body gets no length and no coding', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
    await rawRequest(port, crlf`${method} / HTTP/1.1\nHost: example.test\n\n`)
    assert.equal((await lastRequest(upstream)).framing, 'none', method)
  }
})

test('an empty body with a declared length of 0 keeps it', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const method of ['POST', 'PUT', 'PATCH']) {
    await rawRequest(port, crlf`${method} / HTTP/1.1\nHost: example.test\nContent-Length: 0\n\n`)
    const seen = await lastRequest(upstream)
    assert.deepEqual(seen.headerAll('content-length'), ['0'], method)
    assert.equal(seen.framing, 'sized')
  }
})

test('a body of known length is forwarded with that length', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(port, crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: 5\n\nhello`)
  const seen = await lastRequest(upstream)
  assert.deepEqual(seen.headerAll('content-length'), ['5'])
  assert.deepEqual(seen.headerAll('transfer-encoding'), [])
  assert.equal(String(seen.body), 'hello')
})

test('a body of unknown length is forwarded chunked', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(
    port,
    crlf`POST / HTTP/1.1
Host: example.test
Transfer-Encoding: chunked

5
hello
6;note=1
 world
0

`
  )
  const seen = await lastRequest(upstream)
  assert.deepEqual(seen.headerAll('content-length'), [])
  assert.deepEqual(seen.headerAll('transfer-encoding'), ['chunked'])
  assert.equal(String(seen.body), 'hello world')
})

test('an empty chunked body arrives empty', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (let n = 1; n <= 2; n++) {
    await client.write(crlf`POST / HTTP/1.1\nHost: example.test\nTransfer-Encoding: chunked\n\n0\n\n`)
    assert.equal((await client.response()).status, 200)
    assert.equal((await lastRequest(upstream)).bodyBytes, 0)
  }
})

test('any method may have a body, and the connection stays in step', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH'])
    for (const body of [
      'Content-Length: 4\r\n\r\nsize',
      'Transfer-Encoding: chunked\r\n\r\n4\r\nsize\r\n0\r\n\r\n'
    ]) {
      await client.write(crlf`${method} /a HTTP/1.1\nHost: example.test\n${body}`)
      assert.equal((await client.response({ to: method })).status, 200, method)
      assert.equal(String((await lastRequest(upstream)).body), 'size', method)
    }
})

test('trailers of a request are dropped, and its body arrives whole', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(
    port,
    crlf`POST / HTTP/1.1
Host: example.test
Transfer-Encoding: chunked
Trailer: X-Sum

4
body
0
X-Sum: 1
Host: evil.test

`
  )
  const seen = await lastRequest(upstream)
  assert.equal(String(seen.body), 'body')
  assert.deepEqual(seen.trailers, [])
  assert.deepEqual(seen.headerAll('x-sum'), [])
})

const UNPARSED: readonly (readonly [type: string, body: string])[] = [
  ['application/json', ' { "a" : 1, "a" : 2, "__proto__" : {} } '],
  ['application/json', '{ this is not JSON'],
  ['application/x-www-form-urlencoded', 'a=1&a=2&b=%zz&=+'],
  [
    'multipart/form-data; boundary=XX',
    '--XX\r\nContent-Disposition: form-data; name="f"\r\n\r\n\x00\xff\r\n--XX--\r\n'
  ],
  ['multipart/form-data', 'no boundary'],
  ['text/plain; charset=utf-16', '\xff\xfea\x00'],
  ['application/vnd.unknown+thing', '\x00\x01\x02'],
  ['not a media type at all', 'x'],
  ['', 'y']
]

test('a body of any media type passes byte for byte', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const [type, body] of UNPARSED) {
    const response = await rawRequest(
      port,
      crlf`POST / HTTP/1.1\nHost: example.test\nContent-Type: ${type}\nContent-Length: ${body.length}\n\n${body}`
    )
    assert.equal(response.status, 200, type)
    const seen = await lastRequest(upstream)
    assert.equal(seen.body.toString('latin1'), body)
    assert.deepEqual(seen.headerAll('content-type'), [type])
  }
})

test('a coded body passes without being decoded', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(
    port,
    crlf`POST / HTTP/1.1\nHost: example.test\nContent-Encoding: gzip\nContent-Length: 4\n\n\x1f\x8b\x08\x00`
  )
  const seen = await lastRequest(upstream)
  assert.equal(seen.header('content-encoding'), 'gzip')
  assert.equal(seen.body.toString('latin1'), '\x1f\x8b\x08\x00')
})

test('pieces of a body reach the upstream as they are sent', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const [framing, wrap, end] of [
    ['Content-Length: 9', (text: string) => text, ''],
    ['Transfer-Encoding: chunked', (text: string) => `3\r\n${text}\r\n`, '0\r\n\r\n']
  ] as const) {
    const before = upstream.requests.length
    const client = await rawClient(port, { t })
    await client.write(crlf`POST / HTTP/1.1\nHost: example.test\n${framing}\n\n`)
    let sent = ''
    for (const piece of ['one', 'two', 'six']) {
      await client.write(wrap(piece))
      sent += piece
      const seen = await upstream.request(before + 1)
      await seen.received(sent.length)
      assert.equal(String(seen.body), sent)
    }
    await client.write(end)
    assert.equal((await client.response()).status, 200)
  }
})

test('a body sent byte by byte arrives whole', { timeout: 20_000 }, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(
    port,
    crlf`POST / HTTP/1.1\nHost: example.test\nTransfer-Encoding: chunked\n\n3\nabc\n1\nd\n0\n\n`,
    { byteByByte: true }
  )
  assert.equal(response.status, 200)
  assert.equal(String((await lastRequest(upstream)).body), 'abcd')
})
