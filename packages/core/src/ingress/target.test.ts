import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type PathSettings, STRICT_PATHS } from '../model/path.js'
import { readTarget } from './target.js'

const REDIRECT: PathSettings = { ...STRICT_PATHS, policy: 'redirect' }
const NORMALIZE: PathSettings = { ...STRICT_PATHS, policy: 'normalize' }

const READ: readonly [url: string, path: string, query: string, authority: string][] = [
  ['/', '/', '', ''],
  ['/a?b=c', '/a', '?b=c', ''],
  ['/a?', '/a', '?', ''],
  ['/a?b?c', '/a', '?b?c', ''],
  ['/a?b=%2f..%2f&c=//x/../y\\z', '/a', '?b=%2f..%2f&c=//x/../y\\z', ''],
  ['/a?%zz%', '/a', '?%zz%', ''],
  ['/%7ea?%7e', '/~a', '?%7e', ''],
  ['*', '*', '', ''],
  ['http://h', '/', '', 'h'],
  ['http://h/', '/', '', 'h'],
  ['http://h:81/a?b', '/a', '?b', 'h:81'],
  ['https://H/a', '/a', '', 'H'],
  ['HTTP://h/a', '/a', '', 'h'],
  ['http://h?b', '/', '?b', 'h'],
  ['http://[::1]:81/a', '/a', '', '[::1]:81'],
  ['http://user@h/a', '/a', '', 'user@h'],
  ['http://h\\i/a', '/a', '', 'h\\i']
]

for (const [url, path, query, authority] of READ)
  test(`the target ${url} is taken apart`, () => {
    assert.deepEqual(readTarget(url, STRICT_PATHS, url === '*' ? 'OPTIONS' : 'GET'), {
      path,
      query,
      authority,
      kind: 'ok',
      rule: '',
      changed: false
    })
  })

const REJECTED: readonly [url: string, rule: RegExp][] = [
  ['', /begin with a slash/],
  ['a', /begin with a slash/],
  ['?a', /begin with a slash/],
  ['h:443', /begin with a slash/],
  ['ftp://h/a', /begin with a slash/],
  ['http:/h/a', /begin with a slash/],
  ['http:///a', /begin with a slash/],
  ['http://?a', /begin with a slash/],
  ['\\\\h/a', /begin with a slash/],
  ['/a#b', /fragment/],
  ['/a?b#c', /fragment/],
  ['http://h#c', /fragment/],
  ['/a%00?b', /control/],
  ['http://h/%zz', /hexadecimal/],
  ['/%252e', /second encoding/],
  ['/a//b', /canonical/],
  ['//h/a', /canonical/],
  ['/a/../b?c', /canonical/],
  ['http://h//a', /canonical/],
  ['/*/..', /canonical/]
]

for (const [url, rule] of REJECTED)
  test(`the target ${JSON.stringify(url)} is rejected`, () => {
    const target = readTarget(url, STRICT_PATHS)
    assert.equal(target.kind, 'rejected')
    assert.match(target.rule, rule)
    assert.deepEqual([target.path, target.query, target.authority], ['/', '', ''])
  })

test('a path that is not canonical is redirected or normalised where the policy says so, query untouched', () => {
  const url = 'http://h/a/..//b?c=..//d'
  const read = { path: '/b', query: '?c=..//d', authority: 'h', rule: '', changed: true }
  assert.deepEqual(readTarget(url, REDIRECT), { ...read, kind: 'redirect' })
  assert.deepEqual(readTarget(url, NORMALIZE), { ...read, kind: 'ok' })
})

test('a canonical path is not redirected, and one without a canonical form is never let through', () => {
  for (const settings of [REDIRECT, NORMALIZE]) {
    assert.equal(readTarget('/%7ea', settings).kind, 'ok')
    assert.equal(readTarget('/%00', settings).kind, 'rejected')
    assert.equal(readTarget('/a?b#c', settings).kind, 'rejected')
  }
})

test('a redirect to the canonical form stays on this host', () => {
  const paths: PathSettings = { ...REDIRECT, duplicateSlashes: 'keep' }
  for (const url of ['/.//evil.example', '/\\evil.example', '/a/..//evil.example', '/%2fevil.example']) {
    const { kind, path } = readTarget(url, paths)
    assert.ok(kind !== 'redirect' || !path.startsWith('//'), `${url} leads to ${path}`)
  }
})

test('a redirect never leads to another redirect', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('/', '..', '.', '%2e', '%2f', '\\', 'a', '?', ';')), (pieces) => {
      const first = readTarget(`/${pieces.join('')}`, REDIRECT)
      if (first.kind === 'redirect') assert.equal(readTarget(first.path + first.query, REDIRECT).kind, 'ok')
    }),
    { numRuns: 3_000 }
  )
})

test('reading a target never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (url) => {
      readTarget(url, STRICT_PATHS)
    }),
    { numRuns: 3_000 }
  )
})
