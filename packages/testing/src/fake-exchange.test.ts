import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exchange, GatewayError } from '@gatewright/core'
import { fakeExchange } from './fake-exchange.js'

test('without options it is a plain GET of / from a test address', () => {
  const exchange = fakeExchange()
  assert.ok(exchange instanceof Exchange)
  assert.deepEqual(
    [exchange.method, exchange.path, exchange.query, exchange.host, exchange.ingress.client],
    ['GET', '/', '', 'gateway.test', '192.0.2.1']
  )
  assert.equal(exchange.ingress.hasBody, false)
})

test('method, path, query, client and protocol are those asked for', () => {
  const exchange = fakeExchange({
    method: 'POST',
    path: '/a',
    query: 'b=1',
    client: '2001:db8::1',
    proto: 'https'
  })
  assert.deepEqual([exchange.method, exchange.path, exchange.query], ['POST', '/a', '?b=1'])
  assert.deepEqual([exchange.ingress.client, exchange.ingress.proto], ['2001:db8::1', 'https'])
  assert.equal(exchange.raw.url, '/a?b=1')
  assert.equal(fakeExchange({ query: '?b=1' }).query, '?b=1')
})

test('headers are read as from the wire: raw, parsed and by the header pass', () => {
  const exchange = fakeExchange({
    headers: { Host: 'users.test', 'X-Tag': ['a', 'b'], Cookie: ['c=1', 'd=2'], 'Content-Length': '3' }
  })
  assert.equal(exchange.headers['x-tag'], 'a, b')
  assert.equal(exchange.headers.cookie, 'c=1; d=2')
  assert.equal(exchange.host, 'users.test')
  assert.equal(exchange.ingress.hasBody, true)
  assert.deepEqual(exchange.ingress.headers, ['X-Tag', 'a', 'X-Tag', 'b', 'Cookie', 'c=1', 'Cookie', 'd=2'])
})

test('a client without an address has none', () => {
  assert.equal(fakeExchange({ client: '' }).ingress.client, '')
})

test('headers that the gateway refuses are refused here too', () => {
  assert.throws(() => fakeExchange({ headers: { host: 'a b' } }), GatewayError)
})
