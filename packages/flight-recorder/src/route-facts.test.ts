import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gateway, type Route, type RouteConfig, type Snapshot } from '@gatewright/core'
import { factsOf } from './route-facts.js'

function snapshotOf(route: Omit<RouteConfig, 'path'> & { path: string }): Snapshot {
  const config = {
    pools: { a: { endpoints: ['http://127.0.0.1:1'] } },
    policies: { quick: {}, careful: {} },
    routes: [
      { path: '/first', pool: 'a' },
      { pool: 'a', ...route }
    ]
  }
  const gateway = new Gateway({ config: config as never, clock: () => 0, chance: () => 0 })
  gateway.native.push({ name: 'GET /native', config: { pool: 'a', use: ['quick'] } as never })
  gateway.router = () => null as never
  return gateway.compile()
}

function patternOf(route: Parameters<typeof snapshotOf>[0]): string {
  const snapshot = snapshotOf(route)
  return factsOf(snapshot.routes[1] as Route, snapshot).pattern
}

for (const [pattern, route] of [
  ['/users', { path: '/users' }],
  ['/users/*', { path: '/users/*' }],
  ['/*', { path: '/*' }],
  ['/users/:id/*', { path: '/users/:id/*' }],
  ['~^/v\\d+$', { path: '~^/v\\d+$' }],
  ['/a on *.example.com, b.example', { path: '/a', host: ['*.example.com', 'b.example'] }],
  ['/a for GET, HEAD', { path: '/a', methods: ['GET'] }],
  ['/a with header x-canary with query v', { path: '/a', headers: { 'x-canary': 'on' }, query: { v: '1' } }]
] as const)
  test(`a route is put into words: ${pattern}`, () => {
    assert.equal(patternOf(route as never), pattern)
  })

test('a route has its policies, in order, and so has a native one', () => {
  const snapshot = snapshotOf({ path: '/a', use: ['quick', 'careful'] as never })
  assert.deepEqual(factsOf(snapshot.routes[0] as Route, snapshot).policies, [])
  assert.deepEqual(factsOf(snapshot.routes[1] as Route, snapshot).policies, ['quick', 'careful'])
  const [native] = [...snapshot.native.values()]
  const facts = factsOf(native as Route, snapshot)
  assert.deepEqual([facts.pattern, facts.policies], ['GET /native', ['quick']])
})
