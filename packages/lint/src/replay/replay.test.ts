import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayBuilder, type GatewayServerConfig } from '@gatewright/gateway'
import { type ReplayResult, replay } from './replay.js'

const pools = { app: { endpoints: ['http://10.0.0.1:3000'] }, other: { endpoints: ['http://10.0.0.2:3000'] } }
const warned = { logger: false, accessLog: false } as const

async function standing(t: TestContext, config: GatewayServerConfig): Promise<GatewayBuilder> {
  const gateway = createGateway({ pools, ...config, ...warned })
  t.after(() => gateway.close())
  await gateway.ready()
  return gateway as GatewayBuilder
}

async function replayed(
  t: TestContext,
  lines: readonly object[],
  before: GatewayServerConfig,
  after: GatewayServerConfig
): Promise<ReplayResult> {
  const logged = lines.map((fields) => JSON.stringify({ method: 'GET', host: 'a.test', ...fields }))
  return await replay(logged, await standing(t, before), await standing(t, after))
}

const summary = ({ groups }: ReplayResult): unknown[] =>
  groups.map(({ risk, before, after, requests }) => [risk, before.route, after.route, requests])

const all = { id: 'all', path: '/*', pool: 'app' } as const

test('requests of one decision on the same options are the same', async (t) => {
  const result = await replayed(
    t,
    [{ path: '/a' }, { path: '/b' }],
    { routes: [all] },
    { routes: [{ ...all, preserveHost: false }] }
  )
  assert.deepEqual([result.requests, result.same, result.groups], [2, 2, []])
})

test('a route that takes requests from another one is told, with what they lose by it', async (t) => {
  const authentication = { schemes: { clients: { type: 'mtls' } } } as const
  const admin = { id: 'admin', path: '/admin/*', pool: 'app', auth: 'clients' } as const
  const result = await replayed(
    t,
    [
      { path: '/admin/a', route: 'admin' },
      { path: '/admin/b', route: 'admin' },
      { path: '/x', route: 'all' }
    ],
    { authentication, routes: [admin, all] },
    { authentication, routes: [{ ...admin, path: '/admin/a' }, all] }
  )
  assert.deepEqual(summary(result), [['auth-removed', 'admin', 'all', 1]])
  assert.deepEqual(result.groups[0]?.samples, ['GET a.test/admin/b'])
  assert.deepEqual(
    result.groups[0]?.changes.map(({ risk, path }) => [risk, path]),
    [['auth-removed', 'routes[1].auth']]
  )
})

test('a request that gets in, one that does not any more, and one with another answer', async (t) => {
  const result = await replayed(
    t,
    [{ path: '/a' }, { path: '/b' }, { path: '/c' }, { path: '/c', method: 'PUT' }],
    {
      routes: [
        { id: 'a', path: '/a', pool: 'app' },
        { id: 'c', path: '/c', pool: 'app' }
      ]
    },
    {
      routes: [
        { id: 'b', path: '/b', pool: 'app' },
        { id: 'c', path: '/c', pool: 'app', methods: ['GET'] }
      ]
    }
  )
  assert.deepEqual(summary(result), [
    ['match-widened', null, 'b', 1],
    ['match-narrowed', 'a', null, 1],
    ['match-narrowed', 'c', null, 1]
  ])
  assert.deepEqual(
    result.groups.map(({ before, after }) => [before.status, after.status]),
    [
      [404, null],
      [null, 404],
      [null, 405]
    ]
  )
})

test('another target upstream is told with both', async (t) => {
  const result = await replayed(
    t,
    [{ path: '/users/7', query: 'full=1' }],
    { routes: [{ ...all, rewrite: { addPrefix: '/v1' } }] },
    { routes: [{ ...all, rewrite: { addPrefix: '/v2' } }] }
  )
  assert.deepEqual(result.groups[0]?.samples, [
    'GET a.test/users/7?full=1: /v1/users/7?full=1 → /v2/users/7?full=1'
  ])
})

test('what changes in the pool counts for the requests that go to it', async (t) => {
  const result = await replayed(
    t,
    [{ path: '/a' }, { path: '/b' }, { path: '/b' }],
    {
      routes: [
        { id: 'a', path: '/a', pool: 'app' },
        { id: 'b', path: '/b', pool: 'other' }
      ]
    },
    {
      pools: { ...pools, other: { ...pools.other, timeouts: { firstByte: '1s' } } },
      routes: [
        { id: 'a', path: '/a', pool: 'app' },
        { id: 'b', path: '/b', pool: 'other' }
      ]
    }
  )
  assert.deepEqual(summary(result), [['timeout-changed', 'b', 'b', 2]])
})

test('a new name of a route is a change of no risk', async (t) => {
  const result = await replayed(t, [{ path: '/a' }], { routes: [all] }, { routes: [{ ...all, id: 'rest' }] })
  assert.deepEqual(summary(result), [['changed', 'all', 'rest', 1]])
})

test('routes that choose by headers and queries are asked with those of the log, and their lack is told', async (t) => {
  const beta = { id: 'beta', path: '/*', pool: 'other', headers: { 'X-Beta': 'yes' } } as const
  const result = await replayed(
    t,
    [{ path: '/a', headers: { 'x-beta': 'yes' } }, { path: '/a', headers: {} }, { path: '/a' }],
    { routes: [all] },
    { routes: [beta, { id: 'q', path: '/*', pool: 'other', query: { beta: '1' } }, all] }
  )
  assert.deepEqual(summary(result), [['upstream-changed', 'all', 'beta', 1]])
  assert.deepEqual(result.missing, ['header x-beta', 'query'])
})

test('a log of another configuration is noticed by the routes that it names', async (t) => {
  const result = await replayed(
    t,
    [
      { path: '/a', route: 'all' },
      { path: '/a', route: 'legacy' },
      { path: '/a', route: null }
    ],
    { routes: [all] },
    { routes: [all] }
  )
  assert.equal(result.unlike, 1)
})

test('what is no request of the log is counted, and asked of nobody', async (t) => {
  const gateway = await standing(t, { routes: [all] })
  const asked: unknown[] = []
  const side = {
    config: gateway.config,
    explain: (request: Parameters<typeof gateway.explain>[0]) => {
      asked.push(request)
      return gateway.explain(request)
    }
  }
  const lines = [
    '',
    '[]',
    '{',
    'null',
    '{"method":"GET"}',
    '{"method":"","path":""}',
    '{"method":"GET","path":"/","reason":"request_rejected"}',
    '{"method":"GET","path":"/a","host":5,"headers":[1],"query":7,"route":{}}'
  ]
  const { requests, skipped } = await replay(lines, side, side)
  assert.deepEqual([requests, skipped, asked.length], [1, 6, 2])
})

test('the same request is asked once, however often it stands in the log', async (t) => {
  const gateway = await standing(t, { routes: [all] })
  let asked = 0
  const side = {
    config: gateway.config,
    explain: (request: Parameters<typeof gateway.explain>[0]) => {
      asked++
      return gateway.explain(request)
    }
  }
  const line = '{"method":"GET","path":"/a","host":"a.test"}'
  const progress: number[] = []
  const { requests } = await replay(
    Array.from({ length: 25_000 }, () => line),
    side,
    side,
    {
      onProgress: (lines) => progress.push(lines)
    }
  )
  assert.deepEqual([requests, asked, progress], [25_000, 2, [10_000, 20_000]])
})
