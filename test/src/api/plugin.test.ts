import assert from 'node:assert/strict'
import test from 'node:test'
import gateway, { type GatewayConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { fastify } from 'fastify'

test('the plugin lives beside the routes, hooks and parsers of the app', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'from upstream' })
  const app = fastify()
  t.after(() => app.close())
  const seen: string[] = []
  app.addHook('onRequest', async ({ url }) => {
    seen.push(url)
  })
  await app.register(gateway, {
    pools: { users: { endpoints: [upstream.url] } },
    routes: [{ path: '/api/*', pool: 'users' }]
  })
  app.post('/own', async ({ body, exchange }) => ({ body, exchange }))
  app.get('/users/*', { config: { gateway: { pool: 'users' } } }, app.gateway.forward)
  await app.register(async (inner) => {
    inner.get('/inner', async () => 'encapsulated')
  })

  assert.deepEqual((await app.inject({ method: 'POST', url: '/own', payload: { a: 1 } })).json(), {
    body: { a: 1 },
    exchange: null
  })
  assert.equal((await app.inject('/users/7')).body, 'from upstream')
  assert.equal((await app.inject('/api/x')).body, 'from upstream')
  assert.equal((await app.inject('/inner')).body, 'encapsulated')
  assert.deepEqual(seen, ['/own', '/users/7', '/api/x', '/inner'])
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/users/7', '/api/x']
  )
})

test('a table under a prefix leaves all other paths to the app', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = fastify()
  t.after(() => app.close())
  await app.register(gateway, {
    prefix: '/edge',
    pools: { users: { endpoints: [upstream.url] } },
    routes: [{ path: '/edge/*', pool: 'users' }]
  })
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).send('the app’s own')
  })
  assert.equal((await app.inject('/edge/x')).statusCode, 200)
  assert.equal((await app.inject('/elsewhere')).body, 'the app’s own')
})

test('policies apply to native routes, hooks and all', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = fastify()
  t.after(() => app.close())
  await app.register(gateway, {
    pools: { users: { endpoints: [upstream.url] } },
    policies: {
      tagged: {
        pool: 'users',
        hooks: {
          onRequest: async ({ exchange }) => exchange?.forwardHeader('x-tag', exchange.route?.id ?? '')
        }
      }
    }
  })
  app.get('/a', { config: { gateway: { id: 'route a', use: ['tagged'] } } }, app.gateway.forward)
  assert.equal((await app.inject('/a')).statusCode, 200)
  assert.equal(upstream.requests[0]?.header('x-tag'), 'route a')
})

const MISTAKES: [string, GatewayConfig, object, RegExp][] = [
  ['an unknown pool', { pools: {} }, { pool: 'usrs' }, /GET,?H?E?A?D? ?\/a.*there is no pool 'usrs'/s],
  [
    'a near miss',
    { pools: { users: { endpoints: ['http://a'] } } },
    { pool: 'usrs' },
    /did you mean 'users'\?/
  ],
  ['no pool at all', {}, {}, /'pool' is missing/],
  ['an unknown key', {}, { poool: 'x' }, /unknown key 'poool'; did you mean 'pool'\?/]
]
for (const [what, config, own, expected] of MISTAKES) {
  test(`${what} on a native route stops the start`, async (t) => {
    const app = fastify()
    t.after(() => app.close())
    await app.register(gateway, config)
    app.get('/a', { config: { gateway: own as never } }, app.gateway.forward)
    await assert.rejects(async () => app.ready(), expected)
  })
}
