import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../compile/compile.js'
import type { CompileContext } from '../compile/compile-context.js'
import type { GatewayConfig } from '../config/config.js'
import { Keys } from '../config/key-registry.js'
import { REASONS } from '../config/reason.js'
import type { MatchRequest, RouteTable } from '../model/router.js'
import type { Snapshot } from '../model/snapshot.js'
import { createStages, type Stages } from '../model/stages.js'
import { type ExplainRequest, type Explanation, explain } from './explain.js'

const CONFIG: GatewayConfig = {
  pools: {
    users: {
      endpoints: ['http://a:1', { url: 'http://b:2/base?k=1', weight: 3 }, { url: 'http://c:3', weight: 0 }]
    }
  },
  routes: [{ id: 'users', path: '/users', pool: 'users', methods: ['GET', 'PUT'] }]
}

const asked: MatchRequest[] = []

// A table of one route, which matches by path and method alone.
const CONTEXT: CompileContext = {
  previous: { revision: 3, pools: new Map() } as unknown as Snapshot,
  stages: createStages(),
  native: [],
  types: new Map([['first', { name: 'first', create: () => ({ name: 'first', pick: ([only]) => only }) }]]),
  keys: new Keys(),
  reasons: REASONS,
  checks: [],
  balancing: { clock: () => 0, chance: () => 0 },
  router([route]) {
    assert.ok(route)
    const matches = ({ path }: MatchRequest): boolean => path === '/users'
    const table: RouteTable = {
      find(request) {
        asked.push(request)
        return matches(request) && request.method === 'GET' ? { route, params: null } : null
      },
      allowed: (request) => (matches(request) ? ['GET', 'PUT'] : []),
      explain: (request) => [{ routeId: route.id, matched: matches(request), because: 'the path' }]
    }
    return table
  }
}

function snapshotOf(more: GatewayConfig = {}): Snapshot {
  return compile({ ...CONFIG, ...more }, CONTEXT)
}

function explained(
  request: ExplainRequest,
  snapshot = snapshotOf(),
  stages: Stages = createStages()
): Explanation {
  return explain(request, { ...snapshot, stages })
}

test('a request that is forwarded is explained from its path to its endpoint', () => {
  const explanation = explained({ url: '/%75sers?id=7' })
  assert.deepEqual(explanation, {
    revision: 4,
    path: '/users',
    pathNote: '',
    natives: [],
    considered: [{ routeId: 'users', matched: true, because: 'the path' }],
    route: 'users',
    action: 'forward',
    status: null,
    allow: [],
    pool: 'users',
    policy: 'first',
    upstreamUrl: 'http://a:1/users?id=7',
    candidates: [
      {
        url: 'http://a:1',
        weight: 1,
        share: 1,
        health: 'unknown',
        inFlight: 0,
        eligible: true,
        because: 'open'
      },
      {
        url: 'http://b:2/base?k=***',
        weight: 3,
        share: 3,
        health: 'unknown',
        inFlight: 0,
        eligible: true,
        because: 'open'
      },
      {
        url: 'http://c:3',
        weight: 0,
        share: 0,
        health: 'unknown',
        inFlight: 0,
        eligible: false,
        because: 'weight 0'
      }
    ],
    steps: []
  })
})

test('the table is asked as it would be for the request', () => {
  asked.length = 0
  explained({ method: 'PUT', url: '/users?a=1', headers: { Host: 'API.Example.com:80', 'X-Beta': 'On' } })
  assert.deepEqual(asked, [
    {
      method: 'PUT',
      host: 'api.example.com',
      path: '/users',
      query: '?a=1',
      headers: { host: 'API.Example.com:80', 'x-beta': 'On' }
    }
  ])
})

test('the host of a whole URL counts as Host', () => {
  asked.length = 0
  explained({ url: 'https://Shop.example:8443/users', headers: { host: 'other' } })
  assert.equal(asked[0]?.host, 'shop.example')
  assert.equal(asked[0]?.path, '/users')
})

test('a refused path is explained by the rule it breaks', () => {
  const { path, pathNote, status, route, candidates } = explained({ url: '/users%00' })
  assert.deepEqual([path, status, route, candidates], [null, 400, null, []])
  assert.equal(pathNote, 'rejected: must not have control characters or spaces')
})

test('a path that would be redirected or normalised says so', () => {
  const redirected = explained({ url: '//users' }, snapshotOf({ paths: { policy: 'redirect' } }))
  assert.deepEqual([redirected.path, redirected.status, redirected.route], ['/users', 308, null])
  assert.equal(redirected.pathNote, 'redirected to its canonical form')
  const normalised = explained({ url: '//users?a' }, snapshotOf({ paths: { policy: 'normalize' } }))
  assert.deepEqual(
    [normalised.path, normalised.pathNote, normalised.route],
    ['/users', 'normalised', 'users']
  )
})

test('a request that no route takes is 404, and one of another method 405 with the methods', () => {
  const none = explained({ url: '/other' })
  assert.deepEqual([none.status, none.allow, none.route], [404, [], null])
  assert.equal(none.considered.length, 1)
  const other = explained({ method: 'DELETE', url: '/users' })
  assert.deepEqual([other.status, other.allow, other.route], [405, ['GET', 'PUT'], null])
})

test('without a route table nothing is found', () => {
  const snapshot = compile(CONFIG, { ...CONTEXT, router: null })
  assert.equal(explained({ url: '/users' }, snapshot).status, 404)
})

test('a candidate is out for the first of these: draining, weight 0, a filter by name', () => {
  const snapshot = snapshotOf()
  const pool = snapshot.pools.get('users')
  pool?.drain('http://a:1')
  const stages = createStages()
  stages.filters.push(
    { name: 'of-exchange', accepts: () => false },
    { name: 'health', accepts: () => true, explains: ({ host }) => host !== 'b:2' },
    { name: 'breaker', accepts: () => true, explains: () => false }
  )
  const { candidates, upstreamUrl } = explained({ url: '/users' }, snapshot, stages)
  assert.deepEqual(
    candidates.map(({ because, eligible }) => [because, eligible]),
    [
      ['draining', false],
      ['health', false],
      ['weight 0', false]
    ]
  )
  assert.equal(upstreamUrl, null)
})

test('the URL upstream is that of the first endpoint that is in', () => {
  const snapshot = snapshotOf()
  snapshot.pools.get('users')?.drain('http://a:1')
  assert.equal(explained({ url: '/users?id=7' }, snapshot).upstreamUrl, 'http://b:2/base/users?k=***&id=7')
})

test('explaining changes nothing', () => {
  const snapshot = snapshotOf()
  const endpoint = snapshot.pools.get('users')?.endpoints[0]
  const before = { ...endpoint }
  explained({ url: '/users' }, snapshot)
  assert.deepEqual({ ...endpoint }, before)
})
