import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gateway, type Reason, type Route, type RouteMatch, type Snapshot } from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange } from '@gatewright/testing'
import {
  attemptAttributes,
  attemptOutcome,
  outcomeAttributes,
  patternOf,
  requestAttributes
} from './attributes.js'
import { spanName } from './methods.js'

function snapshotWithFacts(): Snapshot {
  const gateway = new Gateway({ config: {}, clock: () => 0, chance: () => 0 })
  for (const fact of [
    { name: 'state', attribute: 'gatewright.breaker.state', ofAttempts: true, read: () => 'half_open' },
    { name: 'tenant', attribute: 'gatewright.tenant', read: () => 'a\x1bb' },
    { name: 'nothing', attribute: 'gatewright.nothing', ofAttempts: true, read: () => null },
    { name: 'hidden', read: () => 'hidden' }
  ])
    gateway.facts.add(fact as never)
  return gateway.compile()
}

test('a request is described by the semantic conventions, without its query', () => {
  const exchange = fakeExchange({
    path: '/users/7',
    query: 'token=secret',
    headers: { host: 'api.example.com:8080', 'user-agent': 'curl/8' }
  })
  assert.deepEqual(requestAttributes(exchange), {
    'http.request.method': 'GET',
    'url.path': '/users/7',
    'url.scheme': 'http',
    'server.address': 'api.example.com',
    'server.port': 8080,
    'client.address': '192.0.2.1',
    'network.peer.address': '192.0.2.1',
    'network.protocol.version': '1.1',
    'user_agent.original': 'curl/8'
  })
})

test('an outcome has the reason as the type of its error, else the status', () => {
  const exchange = fakeExchange({ id: 'r' })
  exchange.status = 503
  exchange.complete = true
  assert.equal(outcomeAttributes(exchange)['error.type'], '503')
  exchange.reason = 'no_endpoint'
  exchange.observe('pool_queue_full')
  assert.deepEqual(outcomeAttributes(fakeExchange({ id: 's', snapshot: snapshotWithFacts() })), {
    'http.response.status_code': 0,
    'gatewright.request.id': 's',
    'gatewright.attempts': 0,
    'gatewright.breaker.state': 'half_open',
    'gatewright.tenant': 'a\ufffdb'
  })
  assert.deepEqual(outcomeAttributes(exchange), {
    'http.response.status_code': 503,
    'error.type': 'no_endpoint',
    'gatewright.request.id': 'r',
    'gatewright.reason': 'no_endpoint',
    'gatewright.attempts': 0,
    'gatewright.observed': ['pool_queue_full']
  })
})

test('the server is the one that the client has asked for, as a trusted proxy tells, without brackets', () => {
  const exchange = fakeExchange({ headers: { host: '[2001:DB8::1]:8443' } })
  const { 'server.address': host, 'server.port': port } = requestAttributes(exchange)
  assert.deepEqual([host, port], ['2001:db8::1', 8443])
  exchange.ingress.forwardedHost = 'Api.example.com'
  exchange.ingress.forwardedPort = '443'
  const told = requestAttributes(exchange)
  assert.deepEqual([told['server.address'], told['server.port']], ['api.example.com', 443])
  const plain = requestAttributes(fakeExchange({ headers: { host: 'a.test' } }))
  assert.deepEqual([plain['server.address'], plain['server.port']], ['a.test', undefined])
})

test('methods that anybody could make up are _OTHER', () => {
  const described = requestAttributes(fakeExchange({ method: 'PURGE' }))
  assert.equal(described['http.request.method'], '_OTHER')
  assert.equal(described['http.request.method_original'], 'PURGE')
  const none = requestAttributes(fakeExchange({ method: '' }))
  assert.deepEqual([none['http.request.method'], none['http.request.method_original']], ['_OTHER', undefined])
  const [endpoint] = endpoints(['http://a.test'])
  const attempt = attemptAttributes(endpoint, fakeExchange({ method: 'PURGE' }), 1)
  assert.equal(attempt['http.request.method'], '_OTHER')
  assert.deepEqual(['GET', 'QUERY', 'PURGE', ''].map(spanName), ['GET', 'QUERY', 'HTTP', 'HTTP'])
})

test('a user agent steers no viewer, and its UTF-8 is read as such', () => {
  const agent = Buffer.from('Grüße\x9b31m').toString('latin1')
  const exchange = fakeExchange({ headers: { 'user-agent': agent } })
  assert.equal(requestAttributes(exchange)['user_agent.original'], 'Grüße\ufffd31m')
  const raw = fakeExchange({ headers: { 'user-agent': 'a\x9b31m' } })
  assert.equal(requestAttributes(raw)['user_agent.original'], 'a\ufffd31m')
})

test('a route is told by its pattern, that of a prefix and of a native route too', () => {
  const route = (path: RouteMatch['path'] | null, source = ''): Route =>
    ({ match: path && { path }, source }) as Route
  assert.equal(patternOf(route({ kind: 'prefix', value: '/u' })), '/u/*')
  assert.equal(patternOf(route({ kind: 'prefix', value: '' })), '/*')
  assert.equal(patternOf(route({ kind: 'exact', value: '/u/:id' })), '/u/:id')
  assert.equal(patternOf(route({ kind: 'regex', value: '/u/[0-9]+' })), '/u/[0-9]+')
  assert.equal(patternOf(route(null, 'GET,HEAD /native/:id')), '/native/:id')
  assert.equal(patternOf(route(null, 'GET /native/* (host a.test)')), '/native/*')
  assert.equal(patternOf(null), undefined)
})

test('an answer that broke off is the server’s error, and a client’s own is none', () => {
  const over = (status: number, reason: Reason | null, complete: boolean): unknown =>
    outcomeAttributes(Object.assign(fakeExchange(), { status, reason, complete }))['error.type']
  assert.equal(over(200, 'upstream_reset', false), 'upstream_reset')
  assert.equal(over(200, 'internal_error', false), 'internal_error')
  assert.equal(over(404, 'route_not_found', true), undefined)
  assert.equal(over(404, null, true), undefined)
  assert.equal(over(499, 'client_closed', false), undefined)
  assert.equal(over(200, 'no_endpoint', true), undefined)
  assert.equal(over(500, null, true), '500')
})

test('the URL of an attempt is whole but for its queries', () => {
  const [endpoint] = endpoints(['https://[::1]:8443/base?key=secret'])
  const exchange = fakeExchange({ path: '/users/7', query: 'token=secret' })
  assert.equal(attemptAttributes(endpoint, exchange, 1)['url.full'], undefined)
  exchange.route = { id: 'users', rewrite: null } as Route
  const described = attemptAttributes(endpoint, exchange, 1)
  assert.equal(described['url.full'], 'https://[::1]:8443/base/users/7')
  assert.equal(described['server.address'], '::1')
  exchange.route = { id: 'users', rewrite: () => '/../x' } as unknown as Route
  assert.equal(attemptAttributes(endpoint, exchange, 1)['url.full'], undefined)
})

test('attempts after the first are resends, and one that was given up is no error', () => {
  const [endpoint] = endpoints(['https://a.test/base'])
  assert.deepEqual(attemptAttributes(endpoint, fakeExchange({ snapshot: snapshotWithFacts() }), 3), {
    'http.request.method': 'GET',
    'http.request.resend_count': 2,
    'server.address': 'a.test',
    'server.port': 443,
    'network.protocol.version': '1.1',
    'gatewright.pool.id': 'test',
    'gatewright.endpoint': 'https://a.test/base',
    'gatewright.breaker.state': 'half_open'
  })
  assert.deepEqual(attemptOutcome(fakeAttempt(endpoint, { status: 0, cancelled: true })), {
    'gatewright.connection.reused': false,
    'gatewright.cancelled': true
  })
  const overdue = fakeAttempt(endpoint, { status: 0, cancelled: true, overdue: true, stalledMs: 120.4 })
  assert.deepEqual(attemptOutcome(overdue), {
    'gatewright.connection.reused': false,
    'gatewright.cancelled': true,
    'gatewright.overdue': true,
    'gatewright.stalled_ms': 120
  })
  assert.equal(
    attemptOutcome(fakeAttempt(endpoint, { status: 0, failure: 'upstream_reset' }))['error.type'],
    'upstream_reset'
  )
  assert.equal(attemptOutcome(fakeAttempt(endpoint, { status: 404 }))['error.type'], '404')
  assert.deepEqual(attemptOutcome(fakeAttempt(endpoint, { status: 0, failure: 'client_closed' })), {
    'gatewright.connection.reused': false,
    'gatewright.cancelled': true
  })
})
