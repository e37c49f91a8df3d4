// The assertions of this file are made by the compiler: each expected error must be one.
import assert from 'node:assert/strict'
import test from 'node:test'
import gateway, { createGateway, defineConfig, type GatewayConfig } from '@gatewright/gateway'
import { type FastifyInstance, fastify } from 'fastify'

const endpoints = ['http://127.0.0.1:1']

/** For what is only compiled, never run. */
const compiled = (declare: (app: FastifyInstance) => unknown): void =>
  assert.equal(typeof declare, 'function')

test('a declarative route can only name a pool that exists', () => {
  createGateway({ pools: { users: { endpoints } }, routes: [{ path: '/*', pool: 'users' }] })
  // @ts-expect-error there is no pool 'usrs'
  createGateway({ pools: { users: { endpoints } }, routes: [{ path: '/*', pool: 'usrs' }] })
})

test('a change of the configuration can only name pools and policies that it has', () => {
  const { apply } = createGateway().pool('users', endpoints)
  compiled(() => apply({ pools: { people: { endpoints } }, routes: [{ path: '/*', pool: 'people' }] }))
  // @ts-expect-error there is no pool 'users' in it
  compiled(() => apply({ pools: { people: { endpoints } }, routes: [{ path: '/*', pool: 'users' }] }))
  // @ts-expect-error there is no option 'dryrun'
  compiled(() => apply((config) => config, { dryrun: true }))
})

test('a fluent route can only name a pool and a policy that were added before', () => {
  const gateway = createGateway().pool('users', endpoints).policy('quick', { timeout: '1s' })
  gateway.route('/a/*', { pool: 'users', use: ['quick'] })
  // @ts-expect-error there is no pool 'usrs'
  gateway.route('/b/*', { pool: 'usrs' })
  // @ts-expect-error there is no policy 'quik'
  gateway.route('/c/*', { pool: 'users', use: ['quik'] })
})

test('a policy can only name a pool that exists', () => {
  // @ts-expect-error there is no pool 'usrs'
  createGateway({ pools: { users: { endpoints } }, policies: { p: { pool: 'usrs' } } })
})

test('durations and sizes have a unit', () => {
  const gateway = createGateway().pool('users', endpoints)
  gateway.route('/a', { pool: 'users', timeout: '250ms', bodyLimit: '64KiB' })
  // @ts-expect-error no unit
  gateway.route('/b', { pool: 'users', timeout: '250' })
  // @ts-expect-error MB is not a unit
  gateway.route('/c', { pool: 'users', bodyLimit: '1MB' })
})

test('unknown keys do not compile', () => {
  // @ts-expect-error 'pol' is not a key
  createGateway().pool('users', endpoints).route('/a', { pol: 'users' })
  // @ts-expect-error 'weigth' is not a key
  createGateway({ pools: { users: { endpoints: [{ url: 'http://a', weigth: 3 }] } } })
})

test("a native route's gateway options are typed", () => {
  compiled((app) => {
    app.get('/a', { config: { gateway: { pool: 'users', timeout: '1s' } } }, app.gateway.forward)
    // @ts-expect-error 'timeot' is not a key
    app.get('/b', { config: { gateway: { pool: 'users', timeot: '1s' } } }, app.gateway.forward)
  })
})

test('the configuration of the plugin can only name pools and policies that exist', () => {
  compiled((app) => {
    app.register(gateway, {
      pools: { users: { endpoints }, spare: { endpoints } },
      policies: { quick: { pool: 'users', timeout: '1s' } },
      routes: [{ path: '/*', pool: 'users', use: ['quick'], fallback: { pool: 'spare' } }],
      prefix: '/api'
    })
    app.register(gateway, () => ({
      pools: { users: { endpoints } },
      routes: [{ path: '/*', pool: 'users' }]
    }))
    app.register(import('@gatewright/gateway'), { pools: { users: { endpoints } } })
    app.register(gateway)
    // @ts-expect-error there is no pool 'usrs'
    app.register(gateway, { pools: { users: { endpoints } }, routes: [{ path: '/*', pool: 'usrs' }] })
    // @ts-expect-error there is no pool 'usrs'
    app.register(gateway, { pools: { users: { endpoints } }, policies: { quick: { pool: 'usrs' } } })
    const pools = { users: { endpoints } }
    const policies = { quick: { timeout: '1s' } } as const
    // @ts-expect-error there is no policy 'quik'
    app.register(gateway, { pools, policies, routes: [{ path: '/*', pool: 'users', use: ['quik'] }] })
    // @ts-expect-error there is no pool 'usrs'
    app.register(gateway, { pools, routes: [{ path: '/*', pool: 'users', fallback: { pool: 'usrs' } }] })
    // @ts-expect-error 'pol' is not a key
    app.register(gateway, { pools: { users: { endpoints } }, routes: [{ path: '/*', pol: 'users' }] })
    // @ts-expect-error 'prefx' is not a key
    app.register(gateway, { pools: { users: { endpoints } }, prefx: '/api' })
    // @ts-expect-error 'shutdown' is a key of createGateway
    app.register(gateway, { pools: { users: { endpoints } }, shutdown: { wait: '1s' } })
    // @ts-expect-error there is no pool 'usrs'
    app.register(import('@gatewright/gateway'), { pools, routes: [{ path: '/*', pool: 'usrs' }] })
  })
})

test('a configuration of any pools, from elsewhere, is taken as it is', () => {
  compiled((app) => {
    const config: GatewayConfig = { pools: { users: { endpoints } }, routes: [{ path: '/*', pool: 'users' }] }
    app.register(gateway, config)
    app.register(gateway, { ...config, prefix: '/api' })
    createGateway(config)
  })
})

test('a configuration that is kept apart is checked by defineConfig, where it stands', () => {
  compiled((app) => {
    const config = defineConfig({
      pools: { users: { endpoints } },
      policies: { quick: { timeout: '1s' } },
      routes: [{ path: '/*', pool: 'users', use: ['quick'] }]
    })
    app.register(gateway, config)
    createGateway(config).route('/b', { pool: 'users', use: ['quick'] })
    // @ts-expect-error there is no pool 'usrs'
    createGateway(config).route('/b', { pool: 'usrs' })
    defineConfig({
      pools: { users: { endpoints } },
      routes: [
        { path: '/a', pool: 'users' },
        // @ts-expect-error there is no pool 'usrs'
        { path: '/b', pool: 'usrs' }
      ]
    })
    // @ts-expect-error 'pols' is not a key
    defineConfig({ pols: {} })
  })
})

test('a fallback can only name a pool that exists', () => {
  const pools = { users: { endpoints } }
  // @ts-expect-error there is no pool 'usrs'
  createGateway({ pools, routes: [{ path: '/*', pool: 'users', fallback: { pool: 'usrs' } }] })
  const respond = { status: 503 }
  const route = { path: '/*', pool: 'users' } as const
  // @ts-expect-error there is no reason 'circuit_opn'
  createGateway({ pools, routes: [{ ...route, fallback: { on: ['circuit_opn'], respond } }] })
  // @ts-expect-error there is no pool 'usrs'
  createGateway({ pools }).route('/*', { pool: 'users', fallback: { pool: 'usrs' } })
})

test('a pool can only name a balancing policy that exists, with the options that it has', () => {
  createGateway({ pools: { a: { endpoints, balancing: 'round-robin' } } })
  createGateway({ pools: { a: { endpoints, balancing: { type: 'consistent-hash', key: 'header:x-user' } } } })
  createGateway({ pools: { a: { endpoints, balancing: { pick: ([first]) => first } } } })
  // @ts-expect-error there is no 'rund-robin'
  createGateway({ pools: { a: { endpoints, balancing: 'rund-robin' } } })
  // @ts-expect-error 'ky' is no option
  createGateway({ pools: { a: { endpoints, balancing: { type: 'consistent-hash', ky: 'client' } } } })
  // @ts-expect-error 'sticky' needs a secret
  createGateway({ pools: { a: { endpoints, balancing: { type: 'sticky' } } } })
})

test("a balancing policy of the app's own can be named once it is added", () => {
  const gateway = createGateway().balancer({
    name: 'last',
    create: () => ({ pick: (all) => all.at(-1) ?? all[0] })
  })
  gateway.pool('a', { endpoints, balancing: 'last' })
  gateway.pool('b', { endpoints, balancing: 'p2c', timeouts: { connect: '1s' } })
  // @ts-expect-error there is no 'lst'
  gateway.pool('c', { endpoints, balancing: 'lst' })
})

test('methods are those that can be forwarded', () => {
  const gateway = createGateway().pool('users', endpoints)
  gateway.route('/a', { pool: 'users', methods: ['GET', 'PROPFIND'], retry: { methods: ['GET'] } })
  // @ts-expect-error 'GTE' is no method
  gateway.route('/b', { pool: 'users', methods: ['GTE'] })
  // @ts-expect-error CONNECT is never forwarded
  gateway.route('/c', { pool: 'users', methods: ['CONNECT'] })
  // @ts-expect-error 'GTE' is no method
  gateway.route('/d', { pool: 'users', retry: { methods: ['GTE'] } })
})

test('the forwarder is a handler for routes of any type, and returns the reply', () => {
  const config = { gateway: { pool: 'users' } }
  const declare = (app: FastifyInstance): void => {
    app.route({ method: 'GET', url: '/a', config, handler: app.gateway.forward })
    app.get('/b', { config, handler: app.gateway.forward })
    app.get('/c', { config }, async (request, reply) => app.gateway.forward(request, reply))
    app.get<{ Params: { id: string }; Querystring: { q: string } }>(
      '/d/:id',
      { config },
      async (request, reply) => {
        reply.header('x-id', request.params.id)
        return app.gateway.forward(request, reply)
      }
    )
    app.get<{ Params: { id: string } }>('/e/:id', { config }, app.gateway.forward)
    app.post<{ Body: string; Reply: { ok: boolean } }>(
      '/f',
      { config, schema: { params: { type: 'object' } } },
      async (request, reply) => app.gateway.forward(request, reply)
    )
  }
  const overTls = (): void => {
    const app = fastify({ https: {} })
    app.get('/a', { config }, app.gateway.forward)
    app.get('/b', { config }, async (request, reply) => app.gateway.forward(request, reply))
  }
  assert.deepEqual([typeof declare, typeof overTls], ['function', 'function'])
})
