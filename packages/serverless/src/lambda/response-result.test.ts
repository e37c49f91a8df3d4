import assert from 'node:assert/strict'
import test from 'node:test'
import { resultOf } from './response-result.js'

const RAW = [
  'Content-Type',
  'text/plain',
  'Vary',
  'a',
  'Vary',
  'b',
  'Set-Cookie',
  'x=1',
  'Set-Cookie',
  'y=2',
  'Connection',
  'close'
]
const text = Buffer.from('grüße')
const common = { statusCode: 200, body: 'grüße', isBase64Encoded: false }
const headers = { 'content-type': 'text/plain', vary: 'a, b' }

test('an HTTP API gets cookies apart', () => {
  assert.deepEqual(resultOf({ version: '2.0' }, 200, RAW, text), {
    ...common,
    headers,
    cookies: ['x=1', 'y=2']
  })
})

test('a REST API gets fields with several values', () => {
  assert.deepEqual(resultOf({ path: '/' }, 200, RAW, text), {
    ...common,
    multiValueHeaders: { 'content-type': ['text/plain'], vary: ['a, b'], 'set-cookie': ['x=1', 'y=2'] }
  })
})

test('a load balancer gets the form that its events have', () => {
  const requestContext = { elb: {} }
  assert.deepEqual(resultOf({ requestContext, headers: {} }, 200, RAW, text), {
    ...common,
    headers: { ...headers, 'set-cookie': 'x=1' }
  })
  assert.ok('multiValueHeaders' in resultOf({ requestContext, multiValueHeaders: {} }, 200, RAW, text))
})

const BODIES: readonly [string, string[], Buffer, boolean][] = [
  ['JSON', ['content-type', 'application/problem+json'], Buffer.from('{}'), false],
  ['a picture', ['content-type', 'image/png'], Buffer.from([137, 80]), true],
  ['what has no type', [], Buffer.from('x'), true],
  ['compressed text', ['content-type', 'text/plain', 'content-encoding', 'gzip'], Buffer.from('x'), true],
  ['text that is not UTF-8', ['content-type', 'text/plain'], Buffer.from([0xff, 0xfe]), true],
  ['nothing', ['content-type', 'image/png'], Buffer.alloc(0), false]
]
for (const [name, raw, bytes, isBase64Encoded] of BODIES)
  test(`${name} is sent ${isBase64Encoded ? 'in Base64' : 'as text'}`, () => {
    const result = resultOf({ version: '2.0' }, 200, raw, bytes)
    assert.equal(result.isBase64Encoded, isBase64Encoded)
    assert.deepEqual(Buffer.from(result.body, isBase64Encoded ? 'base64' : 'utf8'), bytes)
  })
