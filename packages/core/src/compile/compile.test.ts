import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayConfig, NativeRouteConfig, RouteConfig } from '../config/config.js'
import { finish } from '../config/in-steps.js'
import { Keys } from '../config/key-registry.js'
import { defineKey } from '../config/keys.js'
import { REASONS } from '../config/reason.js'
import type { BalancingContext, BalancingPolicyType } from '../model/balancing.js'
import type { Route } from '../model/route.js'
import type { RouterFactory, RouteTable } from '../model/router.js'
import { DEFAULT_BODY_LIMIT, DEFAULT_TIMEOUTS } from '../model/settings.js'
import type { Snapshot } from '../model/snapshot.js'
import { createStages } from '../model/stages.js'
import { sealPipelines } from '../pipeline/seal.js'
import { compile } from './compile.js'
import type { CompileContext } from './compile-context.js'

const first: BalancingPolicyType = {
  name: 'first',
  create: () => ({ name: 'first', pick: ([endpoint]) => endpoint })
}

const CONTEXT: CompileContext = {
  previous: { revision: 6, pools: new Map() } as unknown as Snapshot,
  stages: createStages(),
  native: [],
  types: new Map([['first', first]]),
  router: null,
  keys: new Keys(),
  reasons: REASONS,
  checks: [],
  balancing: { clock: () => 0, chance: () => 0.5 }
}

const POOLS = { a: { endpoints: ['http://a'] }, b: { endpoints: ['http://b'] } }

function routeOf(route: Partial<RouteConfig>, whole: Partial<GatewayConfig> = {}): Route {
  const config: GatewayConfig = { pools: POOLS, ...whole, routes: [{ path: '/x', pool: 'a', ...route }] }
  return compile(config, CONTEXT).routes[0] as Route
}

test('a snapshot holds the configuration, its pools and its routes under its revision', () => {
  const config: GatewayConfig = {
    pools: POOLS,
    routes: [{ path: '/x', pool: 'b' }],
    paths: { policy: 'redirect' }
  }
  const snapshot = compile(config, CONTEXT)
  assert.equal(snapshot.revision, 7)
  assert.equal(snapshot.config, config)
  assert.deepEqual([...snapshot.pools.keys()], ['a', 'b'])
  assert.equal(snapshot.routes[0]?.pool, snapshot.pools.get('b'))
  assert.equal(snapshot.table, null)
  assert.deepEqual(snapshot.paths, {
    policy: 'redirect',
    encodedSlashes: 'reject',
    duplicateSlashes: 'reject'
  })
  finish(sealPipelines(snapshot))
  assert.ok(Object.isFrozen(snapshot) && Object.isFrozen(snapshot.routes[0]))
})

test('an endpoint has a weight of 1 unless it has another, and a normal URL', () => {
  const endpoints = ['http://A:80/base/', { url: 'https://b:8443?k=1', weight: 3 }]
  const pool = compile({ pools: { p: { endpoints } } }, CONTEXT).pools.get('p')
  assert.deepEqual(
    pool?.endpoints.map(({ url, origin, host, basePath, baseQuery, weight, poolId }) => ({
      url,
      origin,
      host,
      basePath,
      baseQuery,
      weight,
      poolId
    })),
    [
      {
        url: 'http://a/base',
        origin: 'http://a',
        host: 'a',
        basePath: '/base',
        baseQuery: '',
        weight: 1,
        poolId: 'p'
      },
      {
        url: 'https://b:8443?k=1',
        origin: 'https://b:8443',
        host: 'b:8443',
        basePath: '',
        baseQuery: '?k=1',
        weight: 3,
        poolId: 'p'
      }
    ]
  )
})

test('a balancing policy is made once per pool, from its options, with time and chance passed in', () => {
  const made: [options: unknown, context: BalancingContext][] = []
  const type: BalancingPolicyType<object> = {
    name: 'own',
    schema: { type: 'object' },
    create(options, context) {
      made.push([options, context])
      return { pick: ([endpoint]) => endpoint }
    }
  }
  const types = new Map([['own', type as BalancingPolicyType]])
  const endpoints = ['http://h']
  compile(
    {
      pools: { p: { endpoints, balancing: { type: 'own', by: 'ip' } }, q: { endpoints, balancing: 'own' } }
    } as object,
    { ...CONTEXT, types }
  )
  assert.deepEqual(
    made.map(([options, { poolId }]) => [options, poolId]),
    [
      [{ by: 'ip' }, 'p'],
      [{}, 'q']
    ]
  )
  assert.equal(made[0]?.[1].clock, CONTEXT.balancing.clock)
  assert.equal(made[0]?.[1].chance, CONTEXT.balancing.chance)
})

test('a policy object is used as it is', () => {
  const balancing = { pick: ([endpoint]: readonly [unknown]) => endpoint } as never
  const snapshot = compile({ pools: { p: { endpoints: ['http://h'], balancing } } }, CONTEXT)
  assert.equal(snapshot.pools.get('p')?.policy, balancing)
})

test('the default policy is p2c where it is known', () => {
  const p2c: BalancingPolicyType = {
    name: 'p2c',
    create: () => ({ name: 'p2c', pick: ([endpoint]) => endpoint })
  }
  const types = new Map([
    ['first', first],
    ['p2c', p2c]
  ])
  assert.equal(compile({ pools: POOLS }, CONTEXT).pools.get('a')?.policy.name, 'first')
  assert.equal(compile({ pools: POOLS }, { ...CONTEXT, types }).pools.get('a')?.policy.name, 'p2c')
})

test('a route without an id is called by its methods, host and path', () => {
  const routes: RouteConfig[] = [
    { path: '/a', pool: 'a' },
    { path: '/a', pool: 'a', methods: ['GET', 'POST'] },
    { path: '/a/*', pool: 'a', host: 'api.example.com' },
    { path: '/a', pool: 'a', host: ['x.test', 'y.test'], methods: ['PUT'] },
    { path: '/a', pool: 'a', headers: { 'x-beta': '1' } },
    { path: '/a', pool: 'a', query: { beta: '1' } },
    { path: '/a', pool: 'a', id: 'own' }
  ]
  assert.deepEqual(
    compile({ pools: POOLS, routes }, CONTEXT).routes.map(({ id, source }) => [id, source]),
    [
      ['/a', 'routes[0]'],
      ['GET,POST /a', 'routes[1]'],
      ['api.example.com/a/*', 'routes[2]'],
      ['PUT x.test,y.test/a', 'routes[3]'],
      ['/a#2', 'routes[4]'],
      ['/a#3', 'routes[5]'],
      ['own', 'routes[6]']
    ]
  )
})

test('two routes of one id are refused, naming both, native ones too', () => {
  const config: GatewayConfig = {
    pools: POOLS,
    routes: [
      { path: '/a', pool: 'a', id: 'x' },
      { path: '/b', pool: 'a', id: 'x' }
    ]
  }
  const native = [{ name: 'GET /n', config: { pool: 'a', id: 'x' } }]
  assert.throws(() => compile(config, { ...CONTEXT, native }), {
    code: 'GW_CONFIG_INVALID',
    message:
      /routes\[1\]: the id 'x' is already that of routes\[0\].*\n.*GET \/n: the id 'x' is already that of/
  })
})

test('what a route does is one of four things', () => {
  const handler = (): void => {}
  const actions = compile(
    {
      pools: POOLS,
      routes: [
        { path: '/a', pool: 'a' },
        { path: '/b', redirect: { status: 301, path: '/c' } },
        { path: '/c', respond: { status: 204 } },
        { path: '/d', handler }
      ]
    },
    CONTEXT
  ).routes.map(({ action, pool }) => [action, pool?.id ?? null])
  assert.deepEqual(actions, [
    [{ kind: 'forward' }, 'a'],
    [{ kind: 'redirect', redirect: { status: 301, path: '/c' } }, null],
    [{ kind: 'respond', respond: { status: 204 } }, null],
    [{ kind: 'handler', handler }, null]
  ])
})

test('without options a route has the defaults', () => {
  const { timeouts, bodyLimit, preserveHost, rewrite, hooks } = routeOf({})
  assert.deepEqual(timeouts, DEFAULT_TIMEOUTS)
  assert.equal(bodyLimit, DEFAULT_BODY_LIMIT)
  assert.equal(preserveHost, false)
  assert.equal(rewrite, null)
  assert.equal(hooks, null)
})

test('policies apply left to right and the route itself last, key by key', () => {
  const policies: GatewayConfig['policies'] = {
    one: { pool: 'a', bodyLimit: '1KiB', preserveHost: true, timeouts: { connect: '1s', idle: '1s' } },
    two: { bodyLimit: '2KiB', timeouts: { idle: '2s', total: '2s' } }
  }
  const merged = (route: Partial<RouteConfig>): unknown => {
    const config: GatewayConfig = {
      pools: POOLS,
      policies,
      routes: [{ path: '/x', ...route } as RouteConfig]
    }
    const { pool, bodyLimit, preserveHost, timeouts } = compile(config, CONTEXT).routes[0] as Route
    const { connectMs, idleMs, totalMs } = timeouts
    return [pool?.id, bodyLimit, preserveHost, connectMs, idleMs, totalMs]
  }
  assert.deepEqual(merged({ use: ['one'] }), ['a', 1024, true, 1000, 1000, 0])
  assert.deepEqual(merged({ use: ['one', 'two'] }), ['a', 2048, true, 1000, 2000, 2000])
  assert.deepEqual(merged({ use: ['two', 'one'] }), ['a', 1024, true, 1000, 1000, 2000])
  assert.deepEqual(
    merged({
      use: ['one', 'two'],
      pool: 'b',
      bodyLimit: false,
      preserveHost: false,
      timeouts: { idle: '3s' }
    }),
    ['b', 0, false, 1000, 3000, 2000]
  )
})

test('the short form of the total time takes part in the order', () => {
  const policies: GatewayConfig['policies'] = { p: { timeout: '1s' }, q: { timeouts: { total: '2s' } } }
  const total = (route: Partial<RouteConfig>): number => routeOf(route, { policies }).timeouts.totalMs
  assert.equal(total({ use: ['p'] }), 1_000)
  assert.equal(total({ use: ['p', 'q'] }), 2_000)
  assert.equal(total({ use: ['q', 'p'] }), 1_000)
  assert.equal(total({ use: ['p'], timeouts: { total: '3s' } }), 3_000)
  assert.equal(total({ use: ['q'], timeout: '4s' }), 4_000)
})

test('time limits of the route go before those of its pool, and those before the defaults', () => {
  const pools: GatewayConfig['pools'] = {
    a: { endpoints: ['http://a'], timeouts: { connect: '1s', idle: '1s' } }
  }
  const { timeouts } = routeOf({ timeouts: { idle: '2s' } }, { pools })
  assert.deepEqual(timeouts, { ...DEFAULT_TIMEOUTS, connectMs: 1_000, idleMs: 2_000 })
})

test('hooks add up: the whole gateway, policies left to right, the route', () => {
  const hook = (name: string): (() => void) => Object.defineProperty(() => {}, 'name', { value: name })
  const [all, one, two, three, own] = ['all', 'one', 'two', 'three', 'own'].map(hook) as [
    () => void,
    () => void,
    () => void,
    () => void,
    () => void
  ]
  const { hooks } = routeOf(
    { use: ['p', 'q'], hooks: { onRequest: own } },
    {
      hooks: { onRequest: all },
      policies: { p: { hooks: { onRequest: [one, two], onSend: one } }, q: { hooks: { onRequest: three } } }
    }
  )
  assert.deepEqual(hooks, {
    onRequest: [all, one, two, three, own],
    preHandler: [],
    onSend: [one],
    onResponse: []
  })
})

test('the conditions of a route are resolved', () => {
  const { match } = routeOf({
    path: '/a/*',
    host: ['API.example.com', '*.Example.org'],
    methods: ['GET', 'POST'],
    headers: { 'X-Beta': 'on', 'X-Old': { exists: false }, 'X-Not': { prefix: 'a', not: true } },
    query: { Q: { regex: '^a' }, r: { exists: true, not: true } },
    priority: 3,
    caseSensitive: false,
    trailingSlash: 'ignore'
  })
  assert.deepEqual(match, {
    path: { kind: 'prefix', value: '/a' },
    hosts: ['api.example.com', '*.example.org'],
    methods: ['GET', 'POST', 'HEAD'],
    headers: [
      { name: 'x-beta', kind: 'exact', value: 'on', not: false },
      { name: 'x-old', kind: 'exists', value: '', not: true },
      { name: 'x-not', kind: 'prefix', value: 'a', not: true }
    ],
    query: [
      { name: 'Q', kind: 'regex', value: '^a', not: false },
      { name: 'r', kind: 'exists', value: '', not: true }
    ],
    priority: 3,
    caseSensitive: false,
    trailingSlash: 'ignore'
  })
})

test('a route without conditions takes every host and method', () => {
  const { match } = routeOf({ path: '~^/v[0-9]+/' })
  assert.deepEqual(match, {
    path: { kind: 'regex', value: '^/v[0-9]+/' },
    hosts: [],
    methods: null,
    headers: [],
    query: [],
    priority: 0,
    caseSensitive: true,
    trailingSlash: 'strict'
  })
  assert.deepEqual(routeOf({ host: ['a.test', '*'] }).match?.hosts, [])
  assert.deepEqual(routeOf({ methods: ['HEAD', 'GET'] }).match?.methods, ['HEAD', 'GET'])
  assert.deepEqual(routeOf({ path: '/*' }).match?.path, { kind: 'prefix', value: '' })
})

test('a native route is known by what it was registered as', () => {
  const config: NativeRouteConfig = { pool: 'a', timeout: '2s' }
  const registered = { name: 'GET /n/*', config }
  const { native } = compile({ pools: POOLS }, { ...CONTEXT, native: [registered] })
  const route = native.get(registered)
  assert.equal(route?.id, 'GET /n/*')
  assert.equal(route?.source, 'GET /n/*')
  assert.equal(route?.match, null)
  assert.equal(route?.pool?.id, 'a')
  assert.equal(route?.timeouts.totalMs, 2_000)
  assert.deepEqual(route?.action, { kind: 'forward' })
})

test('stripPrefix: true removes what the route matched, of a native route as well', () => {
  const rewrite = { stripPrefix: true } as const
  const stripped = (path: string): string | undefined =>
    routeOf({ path, rewrite }).rewrite?.('/api/v1/users', null)
  assert.equal(stripped('/api/*'), '/v1/users')
  assert.equal(stripped('/*'), '/api/v1/users')
  const config: NativeRouteConfig = { pool: 'a', rewrite }
  const registered = { name: 'GET,HEAD /api/*', config }
  const { native } = compile({ pools: POOLS }, { ...CONTEXT, native: [registered] })
  assert.equal(native.get(registered)?.rewrite?.('/api/v1/users', null), '/v1/users')
})

test('the router gets the routes in order, and its problems stop the compilation', () => {
  const table = {} as RouteTable
  const given: string[][] = []
  const router: RouterFactory = (routes, problems) => {
    given.push(routes.map(({ id }) => id))
    if (routes.length > 1) problems.push('routes[1]: can never match')
    return table
  }
  const context = { ...CONTEXT, router }
  const one: GatewayConfig = { pools: POOLS, routes: [{ path: '/a', pool: 'a' }] }
  assert.equal(compile(one, context).table, table)
  const two: GatewayConfig = { pools: POOLS, routes: [...(one.routes ?? []), { path: '/b', pool: 'a' }] }
  assert.throws(() => compile(two, context), { message: /\n {2}- routes\[1\]: can never match$/ })
  assert.deepEqual(given, [['/a'], ['/a', '/b']])
})

test('nothing is made of a configuration that has problems', () => {
  let made = 0
  const counting: BalancingPolicyType = {
    name: 'first',
    create() {
      made++
      return { pick: ([endpoint]) => endpoint }
    }
  }
  const router: RouterFactory = () => {
    made++
    return {} as RouteTable
  }
  const context = { ...CONTEXT, types: new Map([['first', counting]]), router }
  assert.throws(() => compile({ pools: POOLS, routes: [{ path: '/a', pool: 'nope' }] }, context))
  assert.throws(() => compile({ pools: POOLS, nope: 1 } as GatewayConfig, context))
  assert.equal(made, 0)
})

test('a key of a feature is typed by the package that brings it alone', () => {
  // @ts-expect-error nothing here imports @gatewright/retry
  const config: GatewayConfig = { pools: { a: { endpoints: ['http://a'], retry: 'safe' } } }
  assert.throws(() => compile(config, CONTEXT), /pools\.a\.retry: needs the plugin '@gatewright\/retry'/)
})

test('a key that a plugin has registered is taken, and another is not', () => {
  const keys = new Keys()
  keys.add(
    defineKey({
      name: 'listen',
      on: ['gateway'],
      plugin: 'server',
      reload: 'restart',
      schema: { type: 'object' }
    })
  )
  assert.throws(() => compile({ listen: {} } as GatewayConfig, CONTEXT), /unknown key 'listen'/)
  assert.equal(compile({ listen: {} } as GatewayConfig, { ...CONTEXT, keys }).revision, 7)
  assert.throws(
    () => compile({ listen: 5 } as GatewayConfig, { ...CONTEXT, keys }),
    /listen: 5 must be an object/
  )
})
