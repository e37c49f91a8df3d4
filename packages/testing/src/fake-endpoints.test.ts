import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUpstreamFault } from '@gatewright/core'
import { fakeAttempt } from './fake-attempt.js'
import { endpoints } from './fake-endpoints.js'

test('endpoints can be asked for by number, open and with distinct URLs', () => {
  const made = endpoints(3)
  assert.equal(new Set(made.map((endpoint) => endpoint.url)).size, 3)
  assert.ok(made.every((endpoint) => endpoint.open && endpoint.inFlight === 0))
})

test('endpoints can be asked for by URL, with weights', () => {
  const made = endpoints(['http://a.test/base', 'http://b.test'], [5])
  assert.deepEqual(
    made.map(({ url, basePath, weight }) => [url, basePath, weight]),
    [
      ['http://a.test/base', '/base', 5],
      ['http://b.test', '', 1]
    ]
  )
})

test('no endpoints at all is an error', () => {
  assert.throws(() => endpoints(0), RangeError)
})

test('an attempt is a success unless told otherwise', () => {
  const [endpoint] = endpoints(1)
  assert.equal(isUpstreamFault(fakeAttempt(endpoint)), false)
  assert.equal(isUpstreamFault(fakeAttempt(endpoint, { status: 503 })), true)
  assert.equal(fakeAttempt(endpoint, { startedAt: 5 }).headAt, 15)
})
