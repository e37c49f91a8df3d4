import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gateway, type MatchRequest, type RouteConfig, type RouteTable } from '@gatewright/core'
import { createRouteTable } from './table.js'

function explain(entry: Omit<RouteConfig, 'respond'>, asked: Partial<MatchRequest>): [boolean, string] {
  return explainAll([{ ...entry, respond: {} }], asked)[0]?.slice(1) as [boolean, string]
}

function explainAll(routes: RouteConfig[], asked: Partial<MatchRequest>): [string, boolean, string][] {
  const gateway = new Gateway({ config: { routes }, clock: () => 0, chance: () => 0 })
  gateway.router = createRouteTable
  const table = gateway.compile().table as RouteTable
  return table
    .explain({ method: 'GET', host: '', path: '/', query: '', headers: {}, ...asked })
    .map(({ routeId, matched, because }) => [routeId, matched, because])
}

const REASONS: readonly (readonly [Omit<RouteConfig, 'respond'>, Partial<MatchRequest>, boolean, string])[] =
  [
    [{ path: '/a' }, { path: '/a' }, true, "path '/a' is '/a'"],
    [{ path: '/a/*' }, { path: '/a/b' }, true, "path '/a/b' is under '/a'"],
    [{ path: '/*' }, { path: '/a' }, true, "path '/a' is under '/'"],
    [{ path: '~^/a' }, { path: '/ab' }, true, "path '/ab' matches '~^/a'"],
    [
      { path: '/a', query: { p: '1' } },
      { path: '/a', query: '?p=1' },
      true,
      "path '/a' is '/a', and its conditions hold"
    ],
    [{ path: '/a' }, { path: '/b' }, false, "path '/b' is not '/a'"],
    [{ path: '/a/*' }, { path: '/ab' }, false, "path '/ab' is not under '/a'"],
    [{ path: '~^/a' }, { path: '/b' }, false, "path '/b' does not match '~^/a'"],
    [{ path: '/a', host: 'p.test' }, { host: 'q.test', path: '/a' }, false, "host 'q.test' is not 'p.test'"],
    [
      { path: '/a', host: ['p.test', '*.p.test'] },
      { path: '/a' },
      false,
      "host '' is not 'p.test' or '*.p.test'"
    ],
    [{ path: '/', methods: ['GET'] }, { method: 'POST' }, false, 'method POST is not GET, HEAD'],
    [{ path: '/' }, { method: 'TRACE' }, false, 'method TRACE is never routed'],
    [{ path: '/', headers: { 'X-P': '1' } }, {}, false, "header 'x-p' is absent"],
    [{ path: '/', headers: { p: '1' } }, { headers: { p: '2' } }, false, "header 'p' is '2', not '1'"],
    [
      { path: '/', headers: { p: { prefix: 'a' } } },
      { headers: { p: 'b' } },
      false,
      "header 'p' is 'b', which does not begin with 'a'"
    ],
    [
      { path: '/', query: { p: { regex: 'a+' } } },
      { query: '?p=ab' },
      false,
      "query 'p' is 'ab', which does not match 'a+'"
    ],
    [{ path: '/', query: { p: { exists: false } } }, { query: '?p' }, false, "query 'p' is present"],
    [
      { path: '/', query: { p: { exact: '1', not: true } } },
      { query: '?p=1' },
      false,
      "query 'p' is '1', which is excluded"
    ],
    [
      { path: '/', query: { p: '1' } },
      { query: '?p=1&p=2' },
      false,
      "query 'p' is given more than once, with different values"
    ]
  ]

for (const [entry, asked, matched, because] of REASONS)
  test(`${matched ? 'matched' : 'not matched'}: ${because}`, () => {
    assert.deepEqual(explain(entry, asked), [matched, because])
  })

test('routes are listed best first, those of other hosts last', () => {
  const respond = {}
  const routes: RouteConfig[] = [
    { id: 'rest', path: '/*', respond },
    { id: 'other', path: '/a', host: 'q.test', respond },
    { id: 'orders', path: '/a/*', respond },
    { id: 'wild', path: '/b', host: '*.test', respond },
    { id: 'both', path: '/a', host: ['p.test', 'q.test'], methods: ['PUT'], headers: { h: '1' }, respond }
  ]
  assert.deepEqual(explainAll(routes, { host: 'p.test', path: '/a/7' }), [
    ['both', false, "path '/a/7' is not '/a'"],
    ['wild', false, "path '/a/7' is not '/b'"],
    ['orders', true, "path '/a/7' is under '/a'"],
    ['rest', true, "matched, but 'orders' goes first"],
    ['other', false, "host 'p.test' is not 'q.test'"]
  ])
})
