import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MatchRequest } from '@gatewright/core'
import { NativePaths } from './native-paths.js'

type Native = ConstructorParameters<typeof NativePaths>[0][number]

const READING = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false,
  maxParamLength: 8
} as ConstructorParameters<typeof NativePaths>[2]

function route(url: string, more: Partial<Native> = {}): Native {
  return { methods: ['GET'], url, constraints: {}, config: null, ...more } as Native
}

function paths(routes: Native[], strict = false): NativePaths {
  const mounted = ['GET', 'POST'].map((method) => ({ method, url: '/*' }))
  return new NativePaths(routes, mounted, READING, strict)
}

function asked(path: string, more: Partial<MatchRequest> = {}): MatchRequest {
  return { method: 'GET', host: 'a.test', path, query: '', headers: { host: 'a.test' }, ...more }
}

/** Why the table may not take a request: reason, detail and methods that are allowed. */
function refused(all: NativePaths, path: string, more: Partial<MatchRequest> = {}): unknown {
  const refusal = all.refusal(asked(path, more))
  if (refusal === null) return null
  return refusal.headers === undefined
    ? [refusal.reason, refusal.detail]
    : [refusal.reason, refusal.detail, refusal.headers.allow]
}

test('a parameter that is too long for the native route is refused, and not the route of the table below it', () => {
  const all = paths([route('/users/:id')])
  assert.equal(refused(all, '/users/7'), null)
  assert.deepEqual(refused(all, '/users/123456789'), [
    'uri_too_long',
    'a parameter of GET /users/:id has more than 8 characters'
  ])
  assert.equal(refused(all, '/others/123456789'), null)
  assert.equal(refused(all, '/users/123456789', { method: 'POST' }), null)
})

test('a host that is written otherwise than a native route has it is refused; one of another is not', () => {
  for (const [host, of, refusedIt] of [
    ['A.test', 'a.test', true],
    [/^a\./g, 'a.test', true],
    ['b.test', 'a.test', false],
    [/^b\./y, 'a.test', false]
  ] as const) {
    const all = paths([route('/more'), route('/users', { constraints: { host } })])
    const expected = refusedIt
      ? ['route_not_found', `GET /users (host ${host}) is this request's, but its Host is written otherwise`]
      : null
    for (let n = 0; n < 2; n++) assert.deepEqual(refused(all, '/users', { host: of }), expected, String(host))
    assert.equal(refused(all, '/others', { host: of }), null)
  }
})

test('a route with a constraint other than the host has no parameter that is too long', () => {
  const all = paths([route('/users/:id', { constraints: { version: '1.0.0' } })])
  assert.equal(refused(all, '/users/123456789'), null)
})

test('only with strict paths does the table leave those of native routes alone, whatever their spelling', () => {
  const native = [route('/users'), route('/users', { methods: ['PUT', 'DELETE'] }), route('/admin/*')]
  assert.equal(refused(paths(native), '/USERS'), null)
  const strict = paths(native, true)
  for (const path of ['/users', '/USERS', '/users/', '//users'])
    assert.deepEqual(refused(strict, path), ['route_not_found', 'the path is that of GET /users'], path)
  assert.deepEqual(refused(strict, '/users', { method: 'POST' }), [
    'method_not_allowed',
    'the path is that of GET /users',
    'DELETE, GET, PUT'
  ])
  for (const path of ['/admin', '/admin/x'])
    assert.deepEqual(refused(strict, path), ['route_not_found', 'the path is that of GET /admin/*'], path)
  for (const path of ['/adminx', '/use']) assert.equal(refused(strict, path), null)
})

test('what takes every path owns none of them, unless it is a route of the gateway', () => {
  for (const url of ['*', '/*']) {
    assert.equal(refused(paths([route(url, { methods: ['OPTIONS'] })], true), '/x'), null)
    const owned = paths([route(url, { methods: ['OPTIONS'], config: {} } as Partial<Native>)], true)
    assert.equal((refused(owned, '/x') as string[])[0], 'method_not_allowed')
  }
})

/** The explanation of each native route considered for a request: `[route, matched, because, params]`. */
function explained(routes: Native[], path: string, more: Partial<MatchRequest> = {}): unknown[] {
  return paths(routes)
    .explain(asked(path, more))
    .map(({ route, matched, because, params }) => [
      route,
      matched,
      because,
      params === null ? null : { ...params }
    ])
}

test('it is explained which native route takes a request, with its parameters, and why another does not', () => {
  const all = [route('/users/:id'), route('/users/:id', { methods: ['PUT'] }), route('/others')]
  assert.deepEqual(explained(all, '/users/7'), [
    ['GET /users/:id', true, "its path is '/users/:id'", { id: '7' }],
    ['PUT /users/:id', false, 'method GET is not PUT', null]
  ])
  assert.deepEqual(explained(all, '/users/123456789'), [
    ['GET /users/:id', false, 'a parameter has more than 8 characters', null],
    ['PUT /users/:id', false, 'method GET is not PUT', null]
  ])
  assert.deepEqual(explained(all, '/OTHERS'), [
    [
      'GET /others',
      false,
      "the path is '/others' only in another case or with another last slash, or another route goes first",
      null
    ]
  ])
  assert.deepEqual(explained(all, '/nothing'), [])
})

test('of native routes, one with a host that is written so goes before one without', () => {
  const plain = route('/users')
  for (const [constraints, matched] of [
    [{ host: 'a.test' }, true],
    [{ host: /^a\./ }, true],
    [{ host: 'A.test' }, false],
    [{ host: /^b\./ }, false],
    [{ host: 'a.test', version: '1.0.0' }, false],
    [{ version: '1.0.0' }, false]
  ] as const) {
    const bound = route('/users', { methods: ['GET', 'HEAD'], constraints } as Partial<Native>)
    const all = paths([plain, bound]).explain(asked('/users'))
    assert.deepEqual(
      all.filter((one) => one.matched).map(({ route }) => route.startsWith('GET,HEAD')),
      [matched],
      JSON.stringify(constraints)
    )
  }
})

test('a route whose constraints do not hold is explained by them', () => {
  const bound = route('/users', { constraints: { version: '1.0.0' } })
  assert.deepEqual(explained([bound], '/users'), [
    ['GET /users', false, 'its constraints are {"version":"1.0.0"}', null]
  ])
})

test('a route that takes every path is explained where it takes the request', () => {
  assert.deepEqual(explained([route('*')], '/x'), [['GET *', true, "its path is '*'", { '*': '/x' }]])
})
