import assert from 'node:assert/strict'
import test from 'node:test'
import { requestOf } from './event-request.js'
import type { LambdaEvent } from './event-types.js'

function valuesOf(event: LambdaEvent, wanted: string): string[] {
  const { headers } = requestOf(event)
  return headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === wanted)
}

const http = (more: LambdaEvent): LambdaEvent => ({
  version: '2.0',
  rawPath: '/',
  requestContext: { requestId: 'id', http: { method: 'GET', sourceIp: '203.0.113.9' } },
  ...more
})

const TARGETS: readonly [string, LambdaEvent, string][] = [
  ['a raw path and query', http({ rawPath: '/a%2Fb/c', rawQueryString: 'x=%20&y' }), '/a%2Fb/c?x=%20&y'],
  ['a decoded path', http({ rawPath: '/a b/ü"' }), '/a%20b/%C3%BC%22'],
  ['a per cent sign that encodes nothing', http({ rawPath: '/100%' }), '/100%25'],
  ['a question mark in a decoded path', http({ rawPath: '/a?b' }), '/a%3Fb'],
  ['line ends', http({ rawPath: '/a\r\nx: y', rawQueryString: 'a\r\nb' }), '/a%0D%0Ax:%20y?a%0D%0Ab'],
  ['a path without its slash', { path: 'a', httpMethod: 'GET' }, '/a'],
  [
    'the query of a REST API',
    { path: '/a', multiValueQueryStringParameters: { 'x y': ['1&2', 'ü'] } },
    '/a?x%20y=1%262&x%20y=%C3%BC'
  ],
  [
    'the query of a load balancer',
    { path: '/a', requestContext: { elb: {} }, queryStringParameters: { 'x%20y': '1%262' } },
    '/a?x%20y=1%262'
  ],
  ['nothing', {}, '/']
]
for (const [name, event, target] of TARGETS)
  test(`the target of ${name} is ${target}`, () => assert.equal(requestOf(event).target, target))

test('the client stands last in X-Forwarded-For, whether the event says so or not', () => {
  assert.deepEqual(valuesOf(http({}), 'x-forwarded-for'), ['203.0.113.9'])
  assert.deepEqual(valuesOf(http({ headers: { 'X-Forwarded-For': '6.6.6.6' } }), 'x-forwarded-for'), [
    '6.6.6.6, 203.0.113.9'
  ])
  assert.deepEqual(
    valuesOf(http({ headers: { 'x-forwarded-for': '6.6.6.6,203.0.113.9' } }), 'x-forwarded-for'),
    ['6.6.6.6,203.0.113.9']
  )
})

test('a client cannot say what only the host may', () => {
  const forged = http({
    headers: {
      forwarded: 'for=1.1.1.1',
      'X-Forwarded-Host': 'evil',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/admin',
      'x-request-id': 'mine'
    }
  })
  for (const name of ['forwarded', 'x-forwarded-host', 'x-forwarded-prefix'])
    assert.deepEqual(valuesOf(forged, name), [])
  assert.deepEqual(valuesOf(forged, 'x-forwarded-proto'), ['https'])
  assert.deepEqual(valuesOf(forged, 'x-request-id'), ['id'])
})

test('a load balancer says itself by which scheme the client came', () => {
  const event = {
    requestContext: { elb: {} },
    path: '/',
    headers: { 'x-forwarded-proto': 'http', 'x-forwarded-for': '1.2.3.4' }
  }
  assert.deepEqual(valuesOf(event, 'x-forwarded-proto'), ['http'])
  assert.deepEqual(valuesOf(event, 'x-forwarded-for'), ['1.2.3.4'])
})

test('the length is that of the body, whatever the event says', () => {
  const event = http({
    body: 'w7w=',
    isBase64Encoded: true,
    headers: { 'content-length': '99', 'transfer-encoding': 'chunked' }
  })
  assert.deepEqual(requestOf(event).body, Buffer.from('ü'))
  assert.deepEqual(valuesOf(event, 'content-length'), ['2'])
  assert.deepEqual(valuesOf(event, 'transfer-encoding'), [])
})

test('a field that was sent several times is sent so, and cookies are one field', () => {
  const many = { path: '/', headers: { accept: 'b' }, multiValueHeaders: { accept: ['a', 'b'] } }
  assert.deepEqual(valuesOf(many, 'accept'), ['a', 'b'])
  assert.deepEqual(valuesOf(http({ cookies: ['a=1', 'b=2'] }), 'cookie'), ['a=1; b=2'])
})

test('whatever a path and a query are, the target is one that a request line takes', () => {
  // Characters that parsers stumble over, drawn by a seeded generator.
  const ALPHABET = [
    '/',
    '.',
    '%',
    '%2',
    '%2F',
    '?',
    '#',
    '&',
    '=',
    ' ',
    '\r',
    '\n',
    '\0',
    '\\',
    'ü',
    '😀',
    '\ud800',
    'a',
    '"'
  ]
  let seed = 20_261_127
  const draw = (most: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed % most
  }
  const text = (): string => Array.from({ length: draw(12) }, () => ALPHABET[draw(ALPHABET.length)]).join('')
  for (let n = 0; n < 5_000; n++) {
    const event = http({ rawPath: text(), rawQueryString: text() })
    const { target } = requestOf(event)
    assert.match(target, /^\/[\x21-\x7e]*$/, JSON.stringify(event))
    assert.ok(!target.includes('#'), JSON.stringify(event))
    assert.ok(!/[\\"?%](?![\s\S])/.test(target.split('?', 1)[0] as string), JSON.stringify(event))
  }
})
