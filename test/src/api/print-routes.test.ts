import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, gateway } from '@gatewright/gateway'
import { fastify } from 'fastify'

const POOLS = { users: { endpoints: ['http://127.0.0.1:1'] } }

function linesOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' | '))
}

test('the routes are printed with methods, hosts, path, where they lead, policies and id, and none of the gateway’s own', async (t) => {
  const server = createGateway({
    logger: false,
    pools: POOLS,
    policies: { 'signed-in': { timeout: '2s' }, slow: { timeout: '9s' } },
    routes: [
      {
        id: 'user',
        path: '/users/:id',
        host: ['a.example', '*.b.example'],
        methods: ['GET'],
        pool: 'users',
        use: ['signed-in', 'slow']
      },
      { path: '~^/v[0-9]+$', pool: 'users' },
      { path: '/gone', respond: { status: 410 } },
      { path: '/old/*', redirect: { path: '/new/*' } },
      { path: '/own', handler: async () => 'own' },
      { id: 'rest', path: '/*', pool: 'users' }
    ]
  }).register(async (app) => {
    app.get('/plain', async () => 'plain')
    app.get('/n/:x', { config: { gateway: { pool: 'users', use: ['slow'] } } }, app.gateway.forward)
    app.post('/n/:x', { constraints: { host: 'c.example' } }, async () => 'post')
  })
  t.after(() => server.close())
  assert.deepEqual(linesOf(await server.printRoutes()), [
    'METHODS | HOST | PATH | GOES TO | POLICIES | ROUTE',
    'GET,HEAD | * | /plain | app | - | -',
    'GET,HEAD | * | /n/:x | pool users | slow | GET /n/:x',
    'POST | c.example | /n/:x | app | - | -',
    'GET,HEAD | a.example,*.b.example | /users/:id | pool users | signed-in,slow | user',
    '* | * | ~^/v[0-9]+$ | pool users | - | ~^/v[0-9]+$',
    '* | * | /gone | answer 410 | - | /gone',
    '* | * | /old/* | redirect 302 | - | /old/*',
    '* | * | /own | handler | - | /own',
    '* | * | /* | pool users | - | rest'
  ])
})

test('in an app of its own the plugin prints what was there before it too', async (t) => {
  const app = fastify()
  t.after(() => app.close())
  app.get('/before', async () => 'own')
  app.register(gateway, { pools: POOLS, routes: [{ path: '/*', pool: 'users' }] })
  await app.ready()
  assert.deepEqual(linesOf(app.gateway.printRoutes()), [
    'METHODS | HOST | PATH | GOES TO | POLICIES | ROUTE',
    'GET,HEAD | * | /before | app | - | -',
    '* | * | /* | pool users | - | /*'
  ])
})

test('a gateway without routes prints the columns alone, and an unready one says so', async (t) => {
  const server = createGateway({ logger: false })
  t.after(() => server.close())
  assert.deepEqual(linesOf(await server.printRoutes()), [
    'METHODS | HOST | PATH | GOES TO | POLICIES | ROUTE'
  ])
  const app = fastify()
  t.after(() => app.close())
  await app.register(gateway, { pools: POOLS })
  assert.throws(() => app.gateway.printRoutes(), /ready/)
})

test('what would steer a terminal is not printed', async (t) => {
  const server = createGateway({ logger: false }).register(
    async (app) => void app.get('/\u001b[31m\u202e', async () => '')
  )
  t.after(() => server.close())
  assert.doesNotMatch(await server.printRoutes(), /[\u001b\u202e]/)
})
