import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRewrite, GatewayError, Ingress, type RedirectConfig } from '@gatewright/core'
import { locationOf } from './location.js'

const PLAIN = { id: 'r', rewrite: null }

function location(
  redirect: RedirectConfig,
  {
    path = '/a',
    query = '',
    params = null as Record<string, string> | null,
    ...ingress
  } = {} as Partial<Ingress> & {
    path?: string
    query?: string
    params?: Record<string, string> | null
  },
  route: Parameters<typeof locationOf>[2] = PLAIN
): string {
  const seen = Object.assign(new Ingress(), { authority: 'p.test:8080' }, ingress)
  return locationOf(redirect, { path, query, params, ingress: seen }, route)
}

const CASES: readonly (readonly [RedirectConfig, Parameters<typeof location>[1], string])[] = [
  [{}, {}, 'http://p.test:8080/a'],
  [{}, { query: '?b=%2F&c' }, 'http://p.test:8080/a?b=%2F&c'],
  [{}, { proto: 'https' }, 'https://p.test:8080/a'],
  [{}, { authority: 'p.test:80' }, 'http://p.test/a'],
  [{}, { authority: 'p.test:' }, 'http://p.test/a'],
  [{}, { authority: '[::1]:8080' }, 'http://[::1]:8080/a'],
  [{}, { authority: '[::1]' }, 'http://[::1]/a'],
  [{}, { forwardedHost: 'q.test', proto: 'https' }, 'https://q.test/a'],
  [{}, { forwardedHost: 'q.test:443', proto: 'https' }, 'https://q.test/a'],
  [{ scheme: 'https' }, {}, 'https://p.test/a'],
  [{ scheme: 'https', port: 8443 }, {}, 'https://p.test:8443/a'],
  [{ scheme: 'https', port: 443 }, {}, 'https://p.test/a'],
  [{ scheme: 'https', port: 80 }, {}, 'https://p.test:80/a'],
  [{ host: 'www.test' }, {}, 'http://www.test/a'],
  [{ host: '[::2]' }, { authority: '' }, 'http://[::2]/a'],
  [{ port: 9000 }, {}, 'http://p.test:9000/a'],
  [{ path: '/b' }, { query: '?c' }, 'http://p.test:8080/b?c'],
  [{}, { path: '//evil.test/a' }, 'http://p.test:8080//evil.test/a']
]

for (const [redirect, seen, expected] of CASES)
  test(`${JSON.stringify(redirect)} for ${JSON.stringify(seen)} leads to ${expected}`, () => {
    assert.equal(location(redirect, seen), expected)
  })

test('without a path of its own a redirect goes to the rewritten path', () => {
  const route = { id: 'r', rewrite: compileRewrite({ set: '/new/:id' }, '') }
  assert.equal(location({}, { params: { id: 'a b/..' } }, route), 'http://p.test:8080/new/a%20b%2F..')
})

test('a rewrite that leaves canonical form makes no redirect', () => {
  const route = { id: 'r', rewrite: compileRewrite({ set: '/new/:id' }, '') }
  assert.throws(
    () => location({}, { params: { id: '..' } }, route),
    (error) => error instanceof GatewayError && error.reason === 'path_rejected'
  )
})

test('a request that names no host is not redirected to nowhere', () => {
  assert.throws(
    () => location({ scheme: 'https' }, { authority: '' }),
    (error) => error instanceof GatewayError && error.reason === 'request_rejected'
  )
})
