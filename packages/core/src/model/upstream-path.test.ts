import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from './gateway-error.js'
import type { Rewrite } from './route.js'
import { upstreamTarget } from './upstream-path.js'

function target(
  path: string,
  query = '',
  { basePath = '', baseQuery = '', rewrite = null as Rewrite | null } = {}
): string {
  return upstreamTarget({ path, query, params: null }, { id: 'r', rewrite }, { basePath, baseQuery })
}

test('the target is the canonical path and the query as received', () => {
  assert.equal(target('/a/b'), '/a/b')
  assert.equal(target('/a', '?b=%2f..//'), '/a?b=%2f..//')
  assert.equal(target('/a', '?'), '/a?')
  assert.equal(target('*'), '*')
})

test('the base path goes in front, and the asterisk form becomes the base path', () => {
  assert.equal(target('/a', '?b', { basePath: '/base' }), '/base/a?b')
  assert.equal(target('/', '', { basePath: '/base' }), '/base/')
  assert.equal(target('*', '', { basePath: '/base' }), '/base')
})

test("the endpoint's own query comes first", () => {
  assert.equal(target('/a', '', { baseQuery: '?k=1' }), '/a?k=1')
  assert.equal(target('/a', '?', { baseQuery: '?k=1' }), '/a?k=1')
  assert.equal(target('/a', '?b=2&c', { baseQuery: '?k=1' }), '/a?k=1&b=2&c')
})

test('a rewritten path is used when it is canonical', () => {
  const rewrite: Rewrite = (path, params) => `/v1${path}/${params === null}`
  assert.equal(target('/a', '?b', { basePath: '/base', rewrite }), '/base/v1/a/true?b')
  assert.equal(target('/a', '', { rewrite: () => '/%7eb' }), '/~b')
  assert.equal(target('/a', '', { rewrite: () => '/a%2Fb//c' }), '/a%2Fb//c')
})

for (const made of [
  '',
  'a',
  '/..',
  '/../admin',
  '/a/../b',
  '/a/..;/b',
  '/%2e%2e/b',
  '/a\\b',
  '/a b',
  '/a#b',
  '/a\r\nX: y',
  '/%00',
  '/\xe9'
])
  test(`a rewrite that makes ${JSON.stringify(made)} is refused, and only the log says why`, () => {
    assert.throws(
      () => target('/a', '', { basePath: '/base', rewrite: () => made }),
      (error: unknown) => {
        assert.ok(error instanceof GatewayError)
        assert.equal(error.reason, 'path_rejected')
        assert.match(error.detail, /the rewrite of route 'r'/)
        assert.doesNotMatch(error.message, /rewrite/)
        return true
      }
    )
  })
