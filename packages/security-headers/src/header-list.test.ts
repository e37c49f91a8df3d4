import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import fc from 'fast-check'
import { checkPolicy, policyField } from './content-security-policy.js'
import { headerList } from './header-list.js'
import { redirectTarget } from './redirect-target.js'

test('everything can be switched off', () => {
  const off = {
    contentSecurityPolicy: false,
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    referrerPolicy: false,
    xContentTypeOptions: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false
  } as const
  assert.deepEqual(headerList(off, true), [])
})

test('directives stand over the defaults, and keywords get their quotes', () => {
  const field = policyField(
    { 'img-src': ['self', 'https:', 'nonce-abc'], 'object-src': false },
    { 'img-src': 'none', 'object-src': 'none', 'base-uri': 'self' },
    true
  )
  assert.equal(field, "img-src 'self' https: 'nonce-abc';base-uri 'self'")
  assert.deepEqual(
    [...checkPolicy({ imgSrc: 'self', 'a-b': 'x; y', 'c-d': 7, 'e-f': ['a,b'] }, 'csp')],
    [
      "csp: 'imgSrc' is no directive; did you mean 'img-src'?",
      "csp.a-b: 'x; y' is no source; give several as a list",
      'csp.c-d: must be a source, a list of sources, or false',
      "csp.e-f: 'a,b' is no source; give several as a list"
    ]
  )
})

test('no policy that passes the check can end its directive or its field', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string(), { minLength: 1 }), (name, sources) => {
      const policy = { [name]: sources }
      fc.pre([...checkPolicy(policy, '')].length === 0)
      const field = policyField(policy, {}, true)
      assert.match(field, /^[\x20-\x7e]*$/)
      assert.doesNotMatch(field, /[;,]/)
      assert.equal(field.split(' ').length, sources.length + 1)
    })
  )
})

test('a request without a path is redirected nowhere', () => {
  const exchange = fakeExchange({ method: 'OPTIONS', path: '*', headers: { host: 'shop.example' } })
  assert.equal(redirectTarget(exchange, ['shop.example'], ''), null)
})

for (const [host, hosts, expected] of [
  ['shop.example', ['shop.example'], 'https://shop.example/a?b=1'],
  ['SHOP.example:8080', ['shop.example'], 'https://shop.example/a?b=1'],
  ['a.shop.example', ['*.shop.example'], 'https://a.shop.example/a?b=1'],
  ['shop.example', ['*.shop.example'], null],
  ['evilshop.example', ['*.shop.example', 'shop.example'], null],
  ['evil.example', ['shop.example'], null],
  ['[::1]:80', ['[::1]'], 'https://[::1]/a?b=1']
] as const)
  test(`a request to ${host} is redirected to ${expected} where ${hosts} are known`, () => {
    const exchange = fakeExchange({ path: '/a', query: 'b=1', headers: { host } })
    assert.equal(redirectTarget(exchange, hosts, ''), expected)
  })
