import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gateway, type MatchRequest, type RouteConfig, type RouteTable } from '@gatewright/core'
import { createRouteTable } from './table.js'

type Entry = Omit<RouteConfig, 'respond'>

function tableOf(...entries: Entry[]): RouteTable {
  const config = {
    paths: { encodedSlashes: 'keep' as const },
    routes: entries.map((entry) => ({ id: entry.path, ...entry, respond: {} }))
  }
  const gateway = new Gateway({ config, clock: () => 0, chance: () => 0 })
  gateway.router = createRouteTable
  return gateway.compile().table as RouteTable
}

function request(url: string, more: Partial<MatchRequest> = {}): MatchRequest {
  const [path = '', query] = url.split('?')
  return {
    method: 'GET',
    host: '',
    path,
    query: query === undefined ? '' : `?${query}`,
    headers: {},
    ...more
  }
}

/** Which route each URL finds; a route's id is its path unless it has one. */
function finds(
  table: RouteTable,
  expected: Readonly<Record<string, string | null>>,
  more: Partial<MatchRequest> = {}
) {
  for (const [url, id] of Object.entries(expected))
    assert.equal(table.find(request(url, more))?.route.id ?? null, id, url)
}

test('an exact path matches itself and nothing else', () => {
  finds(tableOf({ path: '/a/b' }), {
    '/a/b': '/a/b',
    '/a/b/': null,
    '/a/B': null,
    '/a': null,
    '/a/b/c': null
  })
})

test('a prefix matches whole segments', () => {
  const table = tableOf({ path: '/a/*' })
  finds(table, {
    '/a': '/a/*',
    '/a/': '/a/*',
    '/a/b': '/a/*',
    '/a/b/c/': '/a/*',
    '/ab': null,
    '/': null,
    '/A': null
  })
})

test("'/*' matches every path", () => {
  finds(tableOf({ path: '/*' }), { '/': '/*', '/a': '/*', '/a//b': '/*', '//': '/*', '/%C3%A9': '/*' })
})

test('the asterisk of OPTIONS is no path', () => {
  const table = tableOf({ path: '/*' }, { path: '~.*', methods: ['OPTIONS'] })
  finds(table, { '*': null }, { method: 'OPTIONS' })
  assert.deepEqual(table.allowed(request('*')), [])
  assert.deepEqual(
    table.explain(request('*', { method: 'OPTIONS' })).map(({ matched }) => matched),
    [false, false]
  )
})

test('exact paths go before expressions, expressions in order before prefixes, longer prefixes before shorter', () => {
  const table = tableOf(
    { path: '/*' },
    { path: '/a/*' },
    { path: '/a/b/*' },
    { path: '~^/a/.*9$' },
    { path: '~^/a/b' },
    { path: '/a/b/c' }
  )
  finds(table, {
    '/a/b/c': '/a/b/c',
    '/a/b/c9': '~^/a/.*9$',
    '/a/b/d': '~^/a/b',
    '/a/c/d': '/a/*',
    '/x': '/*'
  })
  finds(tableOf({ path: '/*' }, { path: '/a/*' }, { path: '/a/b/*' }), {
    '/a/b': '/a/b/*',
    '/a/b/x': '/a/b/*',
    '/a/bc': '/a/*',
    '/b': '/*'
  })
})

test('fixed segments go before parameters, from the left', () => {
  const table = tableOf({ path: '/:x/:y' }, { path: '/:x/b' }, { path: '/a/:y' }, { path: '/a/b' })
  finds(table, { '/a/b': '/a/b', '/a/c': '/a/:y', '/c/b': '/:x/b', '/c/d': '/:x/:y' })
})

test('an exact path with parameters goes before any prefix, a longer prefix before a fixed one', () => {
  const table = tableOf({ path: '/a/*' }, { path: '/:x/b' }, { path: '/:x/c/*' })
  finds(table, { '/a/b': '/:x/b', '/a/c/d': '/:x/c/*', '/a/d': '/a/*' })
})

test('parameters are decoded, per route, and the wildcard is what is below the prefix', () => {
  const table = tableOf(
    { path: '/u/:id', methods: ['GET'] },
    { path: '/u/:name', methods: ['PUT'] },
    { path: '/t/:tenant/*' },
    { path: '/p/*' },
    { path: '/e' }
  )
  const params = (url: string, method = 'GET') => table.find(request(url, { method }))?.params
  assert.deepEqual(params('/u/a%2Fb%C3%A9'), { id: 'a/bé' })
  assert.deepEqual(params('/u/x', 'PUT'), { name: 'x' })
  assert.deepEqual(params('/t/acme'), { tenant: 'acme', '*': '' })
  assert.deepEqual(params('/t/acme/'), { tenant: 'acme', '*': '' })
  assert.deepEqual(params('/t/acme/x/y%20z'), { tenant: 'acme', '*': 'x/y z' })
  assert.deepEqual(params('/p'), { '*': '' })
  assert.deepEqual(params('/p/x/'), { '*': 'x/' })
  assert.equal(params('/e'), null)
})

test('a parameter is never empty', () => {
  const table = tableOf({ path: '/u/:id' }, { path: '/u/:id/x' }, { path: '/u/*' })
  finds(table, { '/u/7': '/u/:id', '/u/': '/u/*', '/u//x': '/u/*', '/u/%C3%A9': '/u/:id' })
})

test('a parameter may be as long as a URL may be', () => {
  const long = 'x'.repeat(20_000)
  assert.deepEqual(tableOf({ path: '/u/:id' }).find(request(`/u/${long}`))?.params, { id: long })
})

test('bytes are compared as they are on the wire', () => {
  const table = tableOf(
    { path: '/käse' },
    { path: '/a%2fb' },
    { path: '/a/b' },
    { path: '/c;v=1' },
    { path: '/v1/users:batch' },
    { path: '/(x)/:y/$' },
    { path: '/100%25' }
  )
  finds(table, {
    '/k%C3%A4se': '/käse',
    '/a%2Fb': '/a%2fb',
    '/a/b': '/a/b',
    '/a%252Fb': null,
    '/c;v=1': '/c;v=1',
    '/c%3Bv=1': null,
    '/c': null,
    '/v1/users:batch': '/v1/users:batch',
    '/v1/usersxbatch': null,
    '/(x)/1/$': '/(x)/:y/$',
    '/100%25': '/100%25',
    '/100%2525': null,
    '/a//b': null
  })
})

test('no path can pass for the escape that the tree stores', () => {
  finds(tableOf({ path: '/a%2Fb' }), { '/a\\2Fb': null })
})

test('trailingSlash ignore takes both spellings of an exact path', () => {
  const table = tableOf(
    { path: '/a', trailingSlash: 'ignore' },
    { path: '/b/', trailingSlash: 'ignore' },
    { path: '/c/:x', trailingSlash: 'ignore' },
    { path: '/d' },
    { path: '/', trailingSlash: 'ignore' }
  )
  finds(table, {
    '/a': '/a',
    '/a/': '/a',
    '/a//': null,
    '/b': '/b/',
    '/b/': '/b/',
    '/c/1': '/c/:x',
    '/c/1/': '/c/:x',
    '/c/': null,
    '/d/': null,
    '/': '/',
    '//': null
  })
})

test('caseSensitive false concerns its own route alone', () => {
  const table = tableOf(
    { path: '/Any/Thing', caseSensitive: false },
    { path: '/Exact' },
    { path: '/Exact/:x/Z' },
    { path: '/Pre/*' },
    { path: '/pré/*', caseSensitive: false },
    { path: '~^/re/[a-c]$', caseSensitive: false }
  )
  finds(table, {
    '/any/thing': '/Any/Thing',
    '/ANY/THING': '/Any/Thing',
    '/Exact': '/Exact',
    '/exact': null,
    '/Exact/Q/Z': '/Exact/:x/Z',
    '/Exact/Q/z': null,
    '/Pre/x': '/Pre/*',
    '/pre/x': null,
    '/PR%C3%A9/x': '/pré/*',
    '/RE/B': '~^/re/[a-c]$'
  })
  assert.deepEqual(table.find(request('/Exact/Q/Z'))?.params, { x: 'Q' })
})

test('spellings of one path in other cases are different routes', () => {
  const table = tableOf({ path: '/A' }, { path: '/a' }, { path: '/x', caseSensitive: false })
  finds(table, { '/A': '/A', '/a': '/a' })
})

test('more conditions go first, then the higher priority, then the order of the configuration', () => {
  const table = tableOf(
    { id: 'plain', path: '/a' },
    { id: 'low', path: '/a', headers: { 'x-a': '1' }, priority: -1 },
    { id: 'high', path: '/a', headers: { 'X-A': '1' }, priority: 1, methods: ['GET'] },
    { id: 'first', path: '/b', headers: { 'x-a': '1' } },
    { id: 'second', path: '/b', query: { a: '1' } },
    { id: 'both', path: '/b', headers: { 'x-a': '1' }, query: { a: '1' }, priority: -9 }
  )
  finds(table, { '/a': 'high', '/b?a=1': 'both', '/b': 'first' }, { headers: { 'x-a': '1' } })
  finds(table, { '/a': 'low' }, { headers: { 'x-a': '1' }, method: 'PUT' })
  finds(table, { '/a': 'plain', '/b?a=1': 'second', '/b': null })
})

test('routes with the same expression are one place, ordered by their conditions', () => {
  const table = tableOf(
    { id: 'stable', path: '~^/a' },
    { id: 'other', path: '~/b$' },
    { id: 'canary', path: '~^/a', headers: { 'x-canary': { exists: true } } }
  )
  finds(table, { '/a': 'stable', '/a/b': 'stable', '/b': 'other' })
  finds(table, { '/a/b': 'canary' }, { headers: { 'x-canary': '' } })
})

test('a method or condition that does not hold lets a request through to less specific routes', () => {
  const table = tableOf(
    { path: '/a/b', methods: ['POST'] },
    { path: '~^/a/b$', methods: ['PUT'] },
    { path: '/a/b/*', headers: { 'x-a': '1' } },
    { path: '/a/*', methods: ['DELETE'] },
    { path: '/*', methods: ['GET'] }
  )
  const find = (method: string, headers = {}) => table.find(request('/a/b', { method, headers }))?.route.id
  assert.equal(find('POST'), '/a/b')
  assert.equal(find('PUT'), '~^/a/b$')
  assert.equal(find('PATCH', { 'x-a': '1' }), '/a/b/*')
  assert.equal(find('DELETE'), '/a/*')
  assert.equal(find('HEAD'), '/*')
  assert.equal(find('PATCH'), undefined)
})

test('the most specific host goes first: exact, longer wildcard, shorter wildcard, any', () => {
  const table = tableOf(
    { id: 'any', path: '/*' },
    { id: 'short', path: '/*', host: '*.example.com' },
    { id: 'long', path: '/*', host: '*.eu.example.com' },
    { id: 'exact', path: '/*', host: ['API.eu.example.com', 'other.test'] }
  )
  const find = (host: string) => table.find(request('/x', { host }))?.route.id
  assert.equal(find('api.eu.example.com'), 'exact')
  assert.equal(find('other.test'), 'exact')
  assert.equal(find('b.eu.example.com'), 'long')
  assert.equal(find('a.b.eu.example.com'), 'long')
  assert.equal(find('eu.example.com'), 'short')
  assert.equal(find('www.example.com'), 'short')
  assert.equal(find('example.com'), 'any')
  assert.equal(find('badexample.com'), 'any')
  assert.equal(find(''), 'any')
  assert.equal(find('constructor'), 'any')
  assert.equal(find('__proto__'), 'any')
  assert.equal(find(`${'a.'.repeat(200)}example.com`), 'any', 'longer than any name in DNS')
})

test('a host without a matching route gives way to a less specific one', () => {
  const table = tableOf(
    { id: 'exact', path: '/only', host: 'a.example.com' },
    { id: 'wild', path: '/wild', host: '*.example.com' },
    { id: 'post', path: '/any', host: 'a.example.com', methods: ['POST'] },
    { id: 'any', path: '/any' }
  )
  finds(table, { '/only': 'exact', '/wild': 'wild', '/any': 'any', '/none': null }, { host: 'a.example.com' })
  assert.deepEqual(table.allowed(request('/only', { host: 'b.example.com' })), [])
})

test('TRACE and CONNECT match no route', () => {
  const table = tableOf({ path: '/*' })
  finds(table, { '/': null }, { method: 'TRACE' })
  finds(table, { '/': null }, { method: 'CONNECT' })
  const allowed = table.allowed(request('/', { method: 'TRACE' }))
  assert.ok(allowed.includes('GET') && allowed.includes('PROPFIND'))
  assert.ok(!allowed.includes('TRACE') && !allowed.includes('CONNECT'))
})

test('allowed lists, sorted, the methods that would have matched on every level, conditions included', () => {
  const table = tableOf(
    { path: '/a', methods: ['POST'] },
    { id: 'put', path: '/a', methods: ['PUT'], headers: { 'x-a': '1' } },
    { path: '~^/a', methods: ['DELETE'] },
    { path: '/*', methods: ['GET'] },
    { id: 'host', path: '/*', methods: ['PATCH'], host: 'h.test' }
  )
  assert.deepEqual(table.allowed(request('/a', { method: 'LINK' })), ['DELETE', 'GET', 'HEAD', 'POST'])
  assert.deepEqual(table.allowed(request('/b', { method: 'LINK', host: 'h.test' })), ['GET', 'HEAD', 'PATCH'])
  assert.deepEqual(table.allowed(request('/a', { method: 'LINK', headers: { 'x-a': '1' } })), [
    'DELETE',
    'GET',
    'HEAD',
    'POST',
    'PUT'
  ])
  assert.deepEqual(tableOf({ path: '/a', methods: ['POST'] }).allowed(request('/b')), [])
})

test('header conditions: exact, prefix, regex for the whole value, presence, and their opposites', () => {
  const table = tableOf({
    path: '/*',
    headers: {
      'x-exact': 'a',
      'x-prefix': { prefix: 'ab' },
      'x-regex': { regex: 'a|b+' },
      'x-there': { exists: true },
      'x-gone': { exists: false },
      'x-not': { exact: 'no', not: true }
    }
  })
  const good = { 'x-exact': 'a', 'x-prefix': 'abc', 'x-regex': 'bb', 'x-there': '' }
  const find = (headers: MatchRequest['headers']) => table.find(request('/', { headers })) !== null
  assert.ok(find(good))
  assert.ok(find({ ...good, 'x-not': 'yes' }))
  assert.ok(!find({ ...good, 'x-exact': 'A' }))
  assert.ok(!find({ ...good, 'x-prefix': 'a' }))
  assert.ok(!find({ ...good, 'x-regex': 'xbb' }))
  assert.ok(!find({ ...good, 'x-regex': 'ax' }))
  assert.ok(!find({ ...good, 'x-gone': '' }))
  assert.ok(!find({ ...good, 'x-not': 'no' }))
  const { 'x-there': _, ...absent } = good
  assert.ok(!find(absent))
})

test('a header that came as a list is one value, and inherited names are no headers', () => {
  finds(
    tableOf({ path: '/*', headers: { 'set-cookie': 'a, b' } }),
    { '/': '/*' },
    { headers: { 'set-cookie': ['a', 'b'] } }
  )
  finds(tableOf({ path: '/*', headers: { constructor: { exists: true } } }), { '/': null })
})

test('query conditions read decoded values, of which there must not be two', () => {
  const table = tableOf(
    { id: 'beta', path: '/a', query: { 'co hort': 'b&ta' } },
    { id: 'not', path: '/b', query: { v: { exact: '1', not: true } } },
    { id: 'there', path: '/c', query: { v: { exists: true } } },
    { id: 'regex', path: '/d', query: { v: { regex: '[a-z\\n]+' } } }
  )
  finds(table, {
    '/a?co+hort=b%26ta': 'beta',
    '/a?x=1&co%20hort=b%26ta&co+hort=b%26ta': 'beta',
    '/a?co+hort=b%26ta&co+hort=x': null,
    '/a?co+hort=x&co+hort=b%26ta': null,
    '/b': 'not',
    '/b?v=2': 'not',
    '/b?v=1': null,
    '/b?v=2&v=1': null,
    '/b?v=2&v=3': null,
    '/c?v': 'there',
    '/c?v=1&v=2': 'there',
    '/c?w': null,
    '/d?v=ab': 'regex',
    '/d?v=a%0Ab': 'regex',
    '/d?v=a1': null
  })
})

test('a path expression is searched anywhere unless it says otherwise, in the canonical path', () => {
  const table = tableOf({ path: '~/v[0-9]+/' }, { path: '~^/k%C3%A4se$' })
  finds(table, { '/a/v2/b': '~/v[0-9]+/', '/k%C3%A4se': '~^/k%C3%A4se$', '/v2': null })
})
