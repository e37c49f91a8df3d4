// The assertions of this file are made by the compiler: each expected error must be one.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { type FastifyInstance, fastify } from 'fastify'

const endpoints = ['http://127.0.0.1:1']

test('a declarative route can only name a pool that exists', () => {
  createGateway({ pools: { users: { endpoints } }, routes: [{ path: '/*', pool: 'users' }] })
  // @ts-expect-error there is no pool 'usrs'
  createGateway({ pools: { users: { endpoints } }, routes: [{ path: '/*', pool: 'usrs' }] })
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
  const declare = (app: FastifyInstance): void => {
    app.get('/a', { config: { gateway: { pool: 'users', timeout: '1s' } } }, app.gateway.forward)
    // @ts-expect-error 'timeot' is not a key
    app.get('/b', { config: { gateway: { pool: 'users', timeot: '1s' } } }, app.gateway.forward)
  }
  assert.equal(typeof declare, 'function')
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
