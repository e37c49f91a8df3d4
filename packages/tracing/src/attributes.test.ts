import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, fakeAttempt, fakeExchange } from '@gatewright/testing'
import { attemptAttributes, attemptOutcome, outcomeAttributes, requestAttributes } from './attributes.js'

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
    'client.address': '192.0.2.1',
    'user_agent.original': 'curl/8'
  })
})

test('an outcome has the reason as the type of its error, else the status', () => {
  const exchange = fakeExchange({ id: 'r' })
  exchange.status = 503
  assert.equal(outcomeAttributes(exchange)['error.type'], '503')
  exchange.reason = 'no_endpoint'
  exchange.observe('overloaded')
  assert.deepEqual(outcomeAttributes(exchange), {
    'http.response.status_code': 503,
    'error.type': 'no_endpoint',
    'gatewright.request.id': 'r',
    'gatewright.reason': 'no_endpoint',
    'gatewright.attempts': 0,
    'gatewright.observed': ['overloaded']
  })
})

test('attempts after the first are resends, and one that was given up is no error', () => {
  const [endpoint] = endpoints(['https://a.test/base'])
  assert.deepEqual(
    attemptAttributes(endpoint, Object.assign(fakeExchange(), { breakerState: 'half_open' }), 3),
    {
      'http.request.method': 'GET',
      'http.request.resend_count': 2,
      'server.address': 'a.test',
      'server.port': 443,
      'gatewright.pool.id': 'test',
      'gatewright.endpoint': 'https://a.test/base',
      'gatewright.breaker.state': 'half_open'
    }
  )
  assert.deepEqual(attemptOutcome(fakeAttempt(endpoint, { status: 0, cancelled: true })), {
    'gatewright.connection.reused': false,
    'gatewright.cancelled': true
  })
  assert.equal(
    attemptOutcome(fakeAttempt(endpoint, { status: 0, failure: 'upstream_reset' }))['error.type'],
    'upstream_reset'
  )
})
