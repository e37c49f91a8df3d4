import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyConfig, PoolConfig, RouteConfig } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import type { Risk } from './change.js'
import { diffConfigs } from './diff.js'

const endpoints = ['https://10.0.0.1:3443']

const risksOf = (before: GatewayServerConfig, after: GatewayServerConfig): string =>
  diffConfigs(before, after)
    .map(({ risk }) => risk)
    .join()

const withRoute = (more: Partial<RouteConfig>): GatewayServerConfig => ({
  pools: { users: { endpoints } },
  routes: [{ id: 'a', path: '/a/*', pool: 'users', ...more }]
})

const ROUTES: readonly (readonly [
  before: Partial<RouteConfig>,
  after: Partial<RouteConfig>,
  Risk,
  back: Risk
])[] = [
  [{ auth: 'jwt' }, {}, 'auth-removed', 'auth-strengthened'],
  [{ auth: 'jwt' }, { auth: false }, 'auth-removed', 'auth-strengthened'],
  [{ auth: 'jwt' }, { auth: { any: ['jwt', 'keys'] } }, 'auth-weakened', 'auth-strengthened'],
  [{ auth: { all: ['jwt', 'mtls'] } }, { auth: 'jwt' }, 'auth-weakened', 'auth-strengthened'],
  [{ auth: 'jwt' }, { auth: 'keys' }, 'auth-weakened', 'auth-weakened'],
  [{ auth: 'jwt' }, { auth: { any: ['jwt'], optional: true } }, 'auth-weakened', 'auth-strengthened'],
  [{ auth: 'jwt' }, { auth: { any: ['jwt'], mode: 'observe' } }, 'auth-weakened', 'auth-strengthened'],
  [{ authorize: { roles: ['a'] } }, {}, 'auth-weakened', 'auth-strengthened'],
  [
    { authorize: { roles: ['a'] } },
    { authorize: { roles: ['a', 'b'] } },
    'auth-weakened',
    'auth-strengthened'
  ],
  [
    { authorize: { scopes: ['a', 'b'] } },
    { authorize: { scopes: ['a'] } },
    'auth-weakened',
    'auth-strengthened'
  ],
  [
    { authorize: { roles: ['a'], scopes: ['b'] } },
    { authorize: { roles: ['a'] } },
    'auth-weakened',
    'auth-strengthened'
  ],
  [{ requireTls: 'refuse' }, {}, 'tls-weakened', 'tls-strengthened'],
  [{ requireTls: 'refuse' }, { requireTls: 'redirect' }, 'tls-weakened', 'tls-strengthened'],
  [{ rateLimit: { requestsPerSecond: 5 } }, {}, 'limit-loosened', 'limit-tightened'],
  [{ rateLimit: { requestsPerSecond: 5 } }, { rateLimit: false }, 'limit-loosened', 'limit-tightened'],
  [
    { rateLimit: { requestsPerSecond: 5 } },
    { rateLimit: { requestsPerSecond: 6 } },
    'limit-loosened',
    'limit-tightened'
  ],
  [
    { rateLimit: { limit: 5, window: '1m' } },
    { rateLimit: { limit: 5, window: '10s' } },
    'limit-loosened',
    'limit-tightened'
  ],
  [
    { rateLimit: { requestsPerSecond: 5 } },
    { rateLimit: { requestsPerSecond: 5, mode: 'observe' } },
    'limit-loosened',
    'limit-tightened'
  ],
  [{ bodyLimit: '1MiB' }, { bodyLimit: '2MiB' }, 'limit-loosened', 'limit-tightened'],
  [{ bodyLimit: '1MiB' }, { bodyLimit: false }, 'limit-loosened', 'limit-tightened'],
  [{ concurrency: { max: 5 } }, {}, 'limit-loosened', 'limit-tightened'],
  [{ timeout: '5s' }, { timeout: '6s' }, 'timeout-changed', 'timeout-changed'],
  [
    { cors: { origins: ['https://a.test'] } },
    { cors: { origins: '*' } },
    'exposure-widened',
    'exposure-widened'
  ],
  [{}, { cors: { origins: '*' } }, 'exposure-widened', 'exposure-narrowed'],
  [
    { cors: { origins: ['https://a.test'] } },
    { cors: { origins: ['https://a.test', 'https://b.test'] } },
    'exposure-widened',
    'exposure-narrowed'
  ],
  [{ securityHeaders: true }, { securityHeaders: { xFrameOptions: false } }, 'exposure-widened', 'changed'],
  [{ securityHeaders: true }, {}, 'exposure-widened', 'exposure-narrowed'],
  [
    { filters: [{ type: 'ext_authz', target: 'http://10.0.0.9:1' }] },
    {},
    'auth-weakened',
    'auth-strengthened'
  ],
  [
    { filters: [{ type: 'ext_authz', target: 'http://10.0.0.9:1' }] },
    { filters: [{ type: 'ext_authz', target: 'http://10.0.0.9:1', failMode: 'open' }] },
    'auth-weakened',
    'auth-strengthened'
  ],
  [
    { rewrite: { addPrefix: '/v1' } },
    { rewrite: { addPrefix: '/v2' } },
    'upstream-changed',
    'upstream-changed'
  ],
  [{ path: '/a/*' }, { path: '/*' }, 'match-widened', 'match-narrowed'],
  [{ path: '/a/b' }, { path: '/a/:id' }, 'match-widened', 'match-narrowed'],
  [{ path: '/a/*' }, { path: '/b/*' }, 'match-widened', 'match-widened'],
  [{ methods: ['GET'] }, { methods: ['GET', 'POST'] }, 'match-widened', 'match-narrowed'],
  [{ methods: ['GET'] }, {}, 'match-widened', 'match-narrowed'],
  [{ host: 'a.test' }, {}, 'match-widened', 'match-narrowed'],
  [{ host: 'a.shop.test' }, { host: '*.shop.test' }, 'match-widened', 'match-narrowed'],
  [{ headers: { 'x-a': 'b' } }, {}, 'match-widened', 'match-narrowed'],
  [{}, { caseSensitive: false }, 'match-widened', 'match-narrowed'],
  [{ transform: { response: { json: [{ mask: ['/iban'] }] } } }, {}, 'exposure-widened', 'changed'],
  [{ importance: 'bulk' }, { importance: 'critical' }, 'changed', 'changed']
]

for (const [before, after, risk, back] of ROUTES)
  test(`a route with ${JSON.stringify(before)} that gets ${JSON.stringify(after)} is ${risk}, and back ${back}`, () => {
    assert.equal(risksOf(withRoute(before), withRoute(after)), risk)
    assert.equal(risksOf(withRoute(after), withRoute(before)), back)
  })

const POOLS: readonly (readonly [
  before: Partial<PoolConfig>,
  after: Partial<PoolConfig>,
  Risk,
  back: Risk
])[] = [
  [{}, { tls: { insecureBecause: 'x' } }, 'tls-weakened', 'tls-strengthened'],
  [
    { tls: { minVersion: 'TLSv1.3' } },
    { tls: { minVersion: 'TLSv1.2' } },
    'tls-weakened',
    'tls-strengthened'
  ],
  [
    { tls: { servername: 'a.test' } },
    { tls: { servername: 'b.test' } },
    'upstream-changed',
    'upstream-changed'
  ],
  [{}, { endpoints: [...endpoints, 'http://10.0.0.2:3000'] }, 'tls-weakened', 'upstream-changed'],
  [{}, { endpoints: [...endpoints, 'https://10.0.0.2:3443'] }, 'upstream-changed', 'upstream-changed'],
  [{ connections: { max: 10 } }, { connections: { max: 11 } }, 'limit-loosened', 'limit-tightened'],
  [{ connections: { perClient: 5 } }, {}, 'limit-loosened', 'limit-tightened'],
  [{ connections: { keepAlive: '3s' } }, {}, 'changed', 'changed'],
  [{ circuitBreaker: true }, {}, 'limit-loosened', 'limit-tightened'],
  [{ timeouts: { firstByte: '1s' } }, {}, 'timeout-changed', 'timeout-changed'],
  [{ retry: { attempts: 2 } }, { retry: { attempts: 4 } }, 'limit-loosened', 'limit-tightened'],
  [{ health: { path: '/a' } }, { health: { path: '/b' } }, 'changed', 'changed']
]

for (const [before, after, risk, back] of POOLS)
  test(`a pool with ${JSON.stringify(before)} that gets ${JSON.stringify(after)} is ${risk}, and back ${back}`, () => {
    const config = (more: Partial<PoolConfig>): GatewayServerConfig => ({
      pools: { users: { endpoints, ...more } }
    })
    assert.equal(risksOf(config(before), config(after)), risk)
    assert.equal(risksOf(config(after), config(before)), back)
  })

const jwt = (more: object): GatewayServerConfig => ({
  authentication: {
    schemes: {
      t: {
        type: 'jwt',
        issuer: 'https://id.test',
        audience: 'a',
        keys: { url: 'https://id.test/j' },
        ...more
      }
    }
  }
})

const TOPS: readonly (readonly [
  before: GatewayServerConfig,
  after: GatewayServerConfig,
  Risk,
  back: Risk
])[] = [
  [jwt({}), jwt({ audience: false }), 'auth-weakened', 'auth-strengthened'],
  [jwt({}), jwt({ audience: ['a', 'b'] }), 'auth-weakened', 'auth-strengthened'],
  [jwt({}), jwt({ clockSkew: '2m' }), 'auth-weakened', 'auth-strengthened'],
  [jwt({}), jwt({ requiredClaims: ['x'] }), 'auth-strengthened', 'auth-weakened'],
  [jwt({}), jwt({ keys: { url: 'https://evil.test/j' } }), 'auth-weakened', 'auth-weakened'],
  [{}, { trustedProxies: ['10.0.0.0/8'] }, 'exposure-widened', 'exposure-narrowed'],
  [{ metrics: true }, { metrics: { listener: 'app' } }, 'exposure-widened', 'exposure-narrowed'],
  [{}, { underscores: 'keep' }, 'exposure-widened', 'exposure-narrowed'],
  [{ reservedHeaders: ['x-user'] }, {}, 'exposure-widened', 'exposure-narrowed'],
  [{}, { paths: { encodedSlashes: 'keep' } }, 'exposure-widened', 'exposure-narrowed'],
  [{}, { server: { requestTimeout: '1m' } }, 'timeout-changed', 'timeout-changed'],
  [{ maxHeaders: 100 }, { maxHeaders: 200 }, 'limit-loosened', 'limit-tightened'],
  [{ rateLimit: { requestsPerSecond: 1 } }, {}, 'limit-loosened', 'limit-tightened'],
  [
    { accessLog: { headers: ['x-a'] } },
    { accessLog: { headers: ['x-a', 'x-b'] } },
    'exposure-widened',
    'exposure-narrowed'
  ]
]

for (const [before, after, risk, back] of TOPS)
  test(`${JSON.stringify(before)} that becomes ${JSON.stringify(after)} is ${risk}, and back ${back}`, () => {
    assert.equal(risksOf(before, after), risk)
    assert.equal(risksOf(after, before), back)
  })

test('what a policy or the top gives a route is the same as its own', () => {
  const config = (policy: PolicyConfig, top: GatewayServerConfig = {}): GatewayServerConfig => ({
    ...withRoute({ use: ['p'] }),
    policies: { p: policy },
    ...top
  })
  assert.equal(risksOf(config({ auth: 'jwt' }), config({})), 'auth-removed')
  assert.deepEqual(
    diffConfigs(config({}, { auth: 'jwt' }), config({})).map(({ risk, path, via }) => [risk, path, via]),
    [
      ['auth-removed', 'auth', undefined],
      ['auth-removed', 'routes[0].auth', 'auth']
    ]
  )
  assert.equal(
    risksOf(withRoute({ auth: 'jwt' }), { ...withRoute({ auth: 'jwt' }), auth: 'jwt' }),
    'auth-strengthened'
  )
})

const guarded = (routes: readonly RouteConfig[]): GatewayServerConfig => ({
  pools: { users: { endpoints } },
  routes
})
const all: RouteConfig = { id: 'all', path: '/*', pool: 'users' }
const admin: RouteConfig = { id: 'admin', path: '/admin/*', pool: 'users', auth: 'jwt' }

test('requests of a route that is gone are followed to the route that takes them', () => {
  const found = diffConfigs(guarded([admin, all]), guarded([all]))
  assert.deepEqual(
    found.map(({ risk, path }) => [risk, path]),
    [
      ['auth-removed', 'routes[0]'],
      ['removed', 'routes[0]']
    ]
  )
  assert.match(found[0]?.message ?? '', /'all' takes requests that went to route 'admin'/)
})

test('a new route that takes requests from a guarded one, and is not guarded, removes their authentication', () => {
  const open: RouteConfig = { id: 'open', path: '/admin/export', pool: 'users' }
  assert.equal(risksOf(guarded([admin]), guarded([admin, open])), 'auth-removed,added')
  assert.equal(risksOf(guarded([admin]), guarded([admin, { ...open, auth: 'jwt' }])), 'added')
  assert.equal(risksOf(guarded([admin]), guarded([admin, { ...open, path: '/other' }])), 'added')
})

test('a guarded route that takes fewer requests leaves the others to an open one', () => {
  const gone = guarded([{ ...admin, path: '/admin/users/*' }, all])
  assert.equal(risksOf(guarded([admin, all]), gone), 'auth-removed,match-narrowed')
})

test('the order of expressions is a change, that of other routes is none', () => {
  const [a, b, c] = ['~^/a', '~^/[ab]', '/c/*'].map((path) => ({ path, pool: 'users' })) as [
    RouteConfig,
    RouteConfig,
    RouteConfig
  ]
  assert.equal(risksOf(guarded([a, b, c]), guarded([c, a, b])), '')
  assert.equal(risksOf(guarded([a, b, c]), guarded([b, a, c])), 'match-widened')
})

test('filters that change places are a change, one that is added before them is itself alone', () => {
  const [first, second, third] = ['a', 'b', 'c'].map(
    (name) => ({ type: 'ext_authz', name, target: 'http://10.0.0.9:1' }) as const
  ) as [never, never, never]
  assert.equal(
    risksOf(withRoute({ filters: [first, second] }), withRoute({ filters: [second, first] })),
    'changed'
  )
  assert.equal(
    risksOf(withRoute({ filters: [first, second] }), withRoute({ filters: [third, first, second] })),
    'auth-strengthened'
  )
})
