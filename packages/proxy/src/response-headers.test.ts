import assert from 'node:assert/strict'
import test from 'node:test'
import { KnownFields } from './known-fields.js'
import { readHead } from './response-headers.js'

const head = (...lines: string[]) =>
  readHead(
    lines.flatMap((line) => line.split(': ')).map((text) => Buffer.from(text, 'latin1')),
    new KnownFields()
  )

test('end-to-end fields pass with their values, names in lower case', () => {
  assert.deepEqual(head('Content-Type: text/plain', 'ETag: "a"').headers, [
    'content-type',
    'text/plain',
    'etag',
    '"a"'
  ])
})

test('hop-by-hop fields and those the upstream nominates are removed', () => {
  const { headers } = head(
    'Connection: close, X-Inner',
    'Keep-Alive: timeout=5',
    'X-Inner: secret',
    'Transfer-Encoding: chunked',
    'Upgrade: h2c',
    'Proxy-Authenticate: Basic',
    'Trailer: x-sum',
    'X-Outer: kept'
  )
  assert.deepEqual(headers, ['x-outer', 'kept'])
})

test('repeated fields keep their lines', () => {
  assert.deepEqual(head('Set-Cookie: a=1', 'Vary: x', 'Set-Cookie: b=2', 'set-cookie: c=3').headers, [
    'set-cookie',
    ['a=1', 'b=2', 'c=3'],
    'vary',
    'x'
  ])
})

test('a length said twice alike counts once; two different ones are refused', () => {
  const { headers, contentLength } = head('Content-Length: 5', 'Content-Length: 5')
  assert.deepEqual(headers, ['content-length', '5'])
  assert.equal(contentLength, 5)
  assert.throws(() => head('Content-Length: 5', 'Content-Length: 6'), /two different/)
})

test('chunked coding overrides a length', () => {
  const { headers, contentLength } = head('Content-Length: 5', 'Transfer-Encoding: chunked')
  assert.deepEqual(headers, [])
  assert.equal(contentLength, -1)
})

test('an upstream cannot have the length removed by naming it in Connection', () => {
  assert.deepEqual(head('Connection: content-length', 'Content-Length: 5').headers, ['content-length', '5'])
})

test('bytes beyond ASCII survive', () => {
  assert.deepEqual(head('X-Name: caf\u00e9').headers, ['x-name', 'caf\u00e9'])
})
