import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PoolConfig, RouteConfig } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { diffConfigs } from './diff.js'

// What users of other gateways have reported about the tools that compare their configurations.

const endpoints = ['http://10.0.0.1:3000', 'http://10.0.0.2:3000']
const withRoute = (
  route: Partial<RouteConfig>,
  pool: Partial<PoolConfig> = {},
  top: GatewayServerConfig = {}
): GatewayServerConfig => ({
  pools: { app: { endpoints, ...pool } },
  routes: [{ path: '/*', pool: 'app', ...route }],
  ...top
})
const risksOf = (before: GatewayServerConfig, after: GatewayServerConfig): string[] =>
  diffConfigs(before, after).map(({ risk, path, via }) => [risk, path, ...(via ? [via] : [])].join(' '))

const SAME: readonly [what: string, GatewayServerConfig, GatewayServerConfig][] = [
  ['HEAD beside GET', withRoute({ methods: ['GET'] }), withRoute({ methods: ['HEAD', 'GET'] })],
  ['a host in upper case, with a dot', withRoute({ host: 'A.test.' }), withRoute({ host: ['a.test'] })],
  ['the host *', withRoute({ host: '*' }), withRoute({})],
  ['an authentication that is false', withRoute({ auth: false }), withRoute({})],
  ['a retry that is false', withRoute({ retry: false }), withRoute({})],
  ['metrics that are false', withRoute({}, {}, { metrics: false }), withRoute({})],
  ['an access log that is true', withRoute({}, {}, { accessLog: true }), withRoute({})],
  ['a lint that never fails', withRoute({}, {}, { lint: { failOn: 'never' } }), withRoute({})],
  [
    'what the pool says too',
    withRoute({ timeouts: { total: '5s' } }, { timeouts: { total: '5000ms' } }),
    withRoute({}, { timeouts: { total: '5s' } })
  ],
  [
    'endpoints in another order',
    withRoute({}),
    withRoute({}, { endpoints: ['http://10.0.0.2:3000/', 'HTTP://10.0.0.1:3000'] })
  ]
]
for (const [what, before, after] of SAME)
  test(`${what} is no change`, () => {
    assert.deepEqual(risksOf(before, after), [])
    assert.deepEqual(risksOf(after, before), [])
  })

test('a list that is empty is not its default', () => {
  assert.deepEqual(risksOf(withRoute({ retry: { statuses: [] } }), withRoute({ retry: {} })), [
    'changed routes[0].retry.statuses'
  ])
})

test('where the order of a list says something, another order is a change', () => {
  const headers = (values: readonly string[]): GatewayServerConfig =>
    withRoute({ transform: { response: { headers: values.map((a) => ({ set: { a } })) } } })
  assert.equal(risksOf(headers(['1', '2']), headers(['2', '1'])).length, 2)
  const json = (names: readonly string[]): GatewayServerConfig =>
    withRoute({ transform: { request: { json: names.map((name) => ({ remove: [`/${name}`] })) } } })
  assert.equal(risksOf(json(['a', 'b']), json(['b', 'a'])).length, 2)
  assert.deepEqual(
    risksOf(withRoute({ auth: { any: ['a', 'b'] } }), withRoute({ auth: { any: ['b', 'a'] } })),
    ['changed routes[0].auth']
  )
})

test('a route is compared with what it gets of its pool, and what the pool says is told of the pool alone', () => {
  const retrying = (attempts: number): Partial<PoolConfig> => ({ retry: { attempts } })
  assert.deepEqual(risksOf(withRoute({ retry: { attempts: 2 } }, retrying(5)), withRoute({}, retrying(5))), [
    'limit-loosened routes[0].retry.attempts pools.app.retry'
  ])
  assert.deepEqual(risksOf(withRoute({}, retrying(2)), withRoute({}, retrying(3))), [
    'limit-loosened pools.app.retry.attempts'
  ])
  const total = withRoute({ timeouts: { total: '0ms' } }, { timeouts: { total: '5s' } })
  assert.deepEqual(risksOf(total, withRoute({}, { timeouts: { total: '5s' } })), [
    'timeout-changed routes[0].timeouts.total pools.app.timeouts.total'
  ])
})

test('a limit of a pool is shared by its routes, and one of a route is not: they are not the same', () => {
  const concurrency = { max: 5 }
  assert.deepEqual(risksOf(withRoute({ concurrency }, { concurrency }), withRoute({}, { concurrency })), [
    'limit-loosened routes[0].concurrency'
  ])
})

test('a route that is taken out of the limit of the top is a loosened one', () => {
  const top = { rateLimit: { requestsPerSecond: 1 } }
  const [out, within] = [withRoute({ rateLimit: false }, {}, top), withRoute({}, {}, top)]
  assert.deepEqual(risksOf(within, out), ['limit-loosened routes[0].rateLimit'])
  assert.deepEqual(risksOf(out, within), ['limit-tightened routes[0].rateLimit'])
})

test('a route whose path is rewritten is the same route, where no other can be meant', () => {
  const before = withRoute({ path: '~^/a/[0-9]+$', auth: 'staff' })
  assert.deepEqual(risksOf(before, withRoute({ path: '~^/a/[0-9a-f]+$' })), [
    'auth-removed routes[0].auth',
    'match-widened routes[0].path'
  ])
  const { routes = [] } = before
  const two = { ...before, routes: [...routes, { path: '~^/b', pool: 'app' }] }
  assert.deepEqual(
    risksOf(two, withRoute({ path: '~^/c' })).map((text) => text.split(' ')[0]),
    ['removed', 'removed', 'added']
  )
})
