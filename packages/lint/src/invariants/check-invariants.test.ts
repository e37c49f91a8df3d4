import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InvariantScopeConfig, RequirementsConfig, RouteConfig } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { checkInvariants } from './check-invariants.js'

const pools: GatewayServerConfig['pools'] = {
  users: { endpoints: ['http://10.0.0.1:3000'] },
  secure: { endpoints: ['https://10.0.0.1:3443'] }
}
const authentication: GatewayServerConfig['authentication'] = {
  schemes: {
    certificates: { type: 'mtls' },
    staff: { type: 'mtls' },
    tokens: { type: 'jwt', issuer: 'https://id.test', audience: 'api', keys: { discovery: true } }
  }
}

const meant = (routes: readonly RouteConfig[], where: InvariantScopeConfig): (string | null)[] =>
  checkInvariants({ pools, routes }, [{ name: 'x', where, require: { auth: true } }]).map(
    ({ route }) => route
  )

const route = (path: string, more: Partial<RouteConfig> = {}): RouteConfig => ({
  id: path,
  path,
  pool: 'users',
  ...more
})

test('an invariant for a path means the routes that take a path below it, whatever their form', () => {
  const routes = [
    route('/admin'),
    route('/admin/users'),
    route('/admin/*'),
    route('/administration/*'),
    route('/public/*'),
    route('/:section/list'),
    route('~^/adm[a-z]+/'),
    route('~^/pub'),
    route('~admin')
  ]
  assert.deepEqual(meant(routes, { path: '/admin/*' }), [
    '/admin',
    '/admin/users',
    '/admin/*',
    '/:section/list',
    '~^/adm[a-z]+/',
    '~admin'
  ])
})

test('a broader route is meant as long as some of the requests come to it', () => {
  assert.deepEqual(meant([route('/*')], { path: '/admin/*' }), ['/*'])
  assert.deepEqual(meant([route('/*'), route('/admin/*')], { path: '/admin/*' }), ['/admin/*'])
  const posts = route('/admin/*', { methods: ['POST'] })
  assert.deepEqual(meant([route('/*'), posts], { path: '/admin/*' }), ['/*', '/admin/*'])
  assert.deepEqual(meant([route('/*'), posts], { path: '/admin/*', method: 'POST' }), ['/admin/*'])
  const some = route('/admin/*', { headers: { 'x-a': 'b' } })
  assert.deepEqual(meant([route('/*'), some], { path: '/admin/*' }), ['/*', '/admin/*'])
  const atHost = route('/admin/*', { host: 'a.test' })
  assert.deepEqual(meant([route('/*'), atHost], { path: '/admin/*' }), ['/*', '/admin/*'])
  assert.deepEqual(meant([route('/*'), atHost], { path: '/admin/*', host: 'a.test' }), ['/admin/*'])
})

test('letters of either case are one where a route takes them as one', () => {
  assert.deepEqual(meant([route('/ADMIN/x', { caseSensitive: false })], { path: '/admin/*' }).length, 1)
  assert.deepEqual(meant([route('/ADMIN/x')], { path: '/admin/*' }), [null])
})

test('hosts, methods, ids, pools and actions narrow what is meant', () => {
  const routes = [
    route('/a', { host: '*.shop.test', methods: ['GET'] }),
    route('/b', { host: 'api.test', pool: 'secure' }),
    { id: 'old', path: '/old', redirect: { path: '/a' } }
  ]
  assert.deepEqual(meant(routes, { host: 'eu.shop.test' }), ['/a', 'old'])
  assert.deepEqual(meant(routes, { method: 'HEAD' }), ['/a', '/b', 'old'])
  assert.deepEqual(meant(routes, { method: ['POST', 'PUT'] }), ['/b', 'old'])
  assert.deepEqual(meant(routes, { route: ['/*'] }), ['/a', '/b'])
  assert.deepEqual(meant(routes, { pool: 'sec*' }), ['/b'])
  assert.deepEqual(meant(routes, { action: 'redirect' }), ['old'])
})

test('an invariant that means no route is a violation, unless it may', () => {
  const config = { pools, routes: [route('/a')] }
  const one = { name: 'x', where: { path: '/b/*' }, require: { auth: true } } as const
  assert.deepEqual(
    checkInvariants(config, [one]).map(({ route: id, message }) => [id, message]),
    [[null, 'x: no route is meant']]
  )
  assert.deepEqual(checkInvariants(config, [{ ...one, allowNone: true }]), [])
})

const because = (
  more: Partial<RouteConfig>,
  require: RequirementsConfig,
  top: GatewayServerConfig = {}
): string[] =>
  checkInvariants({ pools, authentication, ...top, routes: [route('/a', more)] }, [
    { name: 'x', require }
  ]).map(({ message }) => message.replace("x: route '/a' ", ''))

test('authentication must hold in every way in', () => {
  assert.deepEqual(because({}, { auth: true }), ['has no authentication'])
  assert.deepEqual(because({}, { auth: true }, { auth: 'tokens' }), [])
  assert.deepEqual(because({ auth: false }, { auth: true }, { auth: 'tokens' }), ['has no authentication'])
  assert.deepEqual(because({ auth: 'tokens' }, { auth: 'mtls' }), ['lets in by tokens, without mtls'])
  assert.deepEqual(because({ auth: 'certificates' }, { auth: 'mtls' }), [])
  assert.deepEqual(because({ auth: { any: ['certificates', 'tokens'] } }, { auth: 'mtls' }), [
    'lets in by tokens, without mtls'
  ])
  assert.deepEqual(because({ auth: { all: ['tokens', 'staff'] } }, { auth: 'mtls' }), [])
  assert.deepEqual(
    because({ auth: { any: ['staff', { all: ['tokens', 'certificates'] }] } }, { auth: 'mtls' }),
    []
  )
  assert.deepEqual(because({ auth: 'staff' }, { auth: 'certificates' }), [
    'lets in by staff, without certificates'
  ])
  assert.deepEqual(because({ auth: { any: ['tokens'], optional: true } }, { auth: true }), [
    'lets requests without credentials through'
  ])
  assert.deepEqual(because({ auth: { any: ['tokens'], mode: 'observe' } }, { auth: true }), [
    'only observes authentication'
  ])
  assert.deepEqual(because({ auth: 'tokens' }, { auth: false }), ['has authentication'])
})

test('what only observes does not count', () => {
  assert.deepEqual(because({ rateLimit: { requestsPerSecond: 1 } }, { rateLimit: true }), [])
  assert.deepEqual(because({ rateLimit: { requestsPerSecond: 1, mode: 'observe' } }, { rateLimit: true }), [
    'only observes its rate limit'
  ])
  assert.deepEqual(because({}, { rateLimit: true }, { rateLimit: { requestsPerSecond: 1 } }), [])
  assert.deepEqual(because({ requireTls: { action: 'refuse', mode: 'observe' } }, { requireTls: true }), [
    'takes requests without TLS (it only observes)'
  ])
})

test('limits, pools, policies and filters are compared by value', () => {
  assert.deepEqual(because({ timeout: '60s' }, { maxTimeout: '1m' }), [])
  assert.deepEqual(because({ timeout: '61s' }, { maxTimeout: '1m' }), ['may take 61s'])
  assert.deepEqual(because({}, { maxTimeout: '1m' }), ['has no timeouts.total'])
  assert.deepEqual(because({ bodyLimit: false }, { maxBody: '1MiB' }), ['takes bodies of any size'])
  assert.deepEqual(because({}, { maxBody: '1MiB' }), ['takes bodies of 10MiB'])
  assert.deepEqual(because({}, { pool: 'secure' }), ["goes to pool 'users'"])
  assert.deepEqual(because({}, { upstreamTls: true }), ["reaches pool 'users' in plain text"])
  assert.deepEqual(because({ pool: 'secure' }, { upstreamTls: true }), [])
  assert.deepEqual(because({}, { policies: ['strict'] }), ['does not use the policy strict'])
  assert.deepEqual(because({}, { filters: ['opa'] }), ['does not ask the filter opa'])
  assert.deepEqual(
    because(
      { filters: [{ type: 'ext_authz', name: 'opa', target: 'http://10.0.0.9:1' }] },
      { filters: ['opa'] }
    ),
    []
  )
  assert.deepEqual(because({ retry: 'safe' }, { retry: false }), ['retries'])
})

test('an invariant may be a function of what a route really gets', () => {
  const config: GatewayServerConfig = {
    pools,
    policies: { slow: { timeout: '1m' } },
    routes: [route('/a', { use: ['slow'] }), route('/b', { timeout: '1s' })]
  }
  const found = checkInvariants(config, [
    {
      name: 'quick',
      check: (one) => one.timeoutMs('total') <= 5_000 || `may take ${one.timeout('total')?.value}`
    }
  ])
  assert.deepEqual(
    found.map(({ route: id, path, message }) => [id, path, message]),
    [['/a', 'routes[0]', "quick: route '/a' may take 1m"]]
  )
})

test('an invariant that would guard nothing is refused', () => {
  for (const [wrong, told] of [
    [{ name: 'x', require: {} }, /require must be an object with one of auth/],
    [{ name: 'x', require: { aut: true } }, /did you mean 'auth'/],
    [{ name: 'x', where: { pth: '/a' }, require: { auth: true } }, /did you mean 'path'/],
    [{ name: '', require: { auth: true } }, /name must be a text/],
    [{ name: 'x', require: { maxTimeout: '1 minute' } }, /a duration/],
    [{ name: 'x', check: 'mtls' }, /check must be a function/]
  ] as const)
    assert.throws(() => checkInvariants({}, [wrong as never]), told)
})

test('invariants stand in the configuration too', () => {
  const lint = { invariants: [{ name: 'x', require: { auth: true } }] }
  assert.equal(checkInvariants({ pools, routes: [route('/a')], lint }).length, 1)
})
