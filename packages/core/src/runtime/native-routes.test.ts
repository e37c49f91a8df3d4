import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import type { GatewayConfig, NativeRouteConfig } from '../config/config.js'
import { core } from './plugin.js'

const CONFIG: GatewayConfig = {
  pools: { users: { endpoints: ['http://u'] }, orders: { endpoints: ['http://o'] } },
  policies: { slow: { pool: 'orders', timeout: '9s' } }
}

async function gateway(t: TestContext, config: GatewayConfig = CONFIG): Promise<FastifyInstance> {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config })
  return app
}

const options = (own: NativeRouteConfig): { config: { gateway: NativeRouteConfig } } => ({
  config: { gateway: own }
})

test('a native route is compiled when the app becomes ready', async (t) => {
  const app = await gateway(t)
  app.post('/users/:id', options({ pool: 'users', timeout: '2s' }), async ({ exchange }) => ({
    id: exchange?.route?.id,
    pool: exchange?.pool?.id,
    total: exchange?.route?.timeouts.totalMs,
    params: exchange?.params,
    revision: exchange?.snapshot.revision
  }))
  assert.equal(app.gateway.current, undefined)
  const response = await app.inject({ method: 'POST', url: '/users/7' })
  assert.deepEqual(response.json(), {
    id: 'POST /users/:id',
    pool: 'users',
    total: 2_000,
    params: { id: '7' },
    revision: 1
  })
})

test('a native route in a context with a prefix is called by its whole URL', async (t) => {
  const app = await gateway(t)
  await app.register(
    async (inner) => {
      inner.post('/x', options({ pool: 'users' }), async ({ exchange }) => exchange?.route?.id)
    },
    { prefix: '/api' }
  )
  assert.equal((await app.inject({ method: 'POST', url: '/api/x' })).body, 'POST /api/x')
})

test('a native route may have its pool and options from policies', async (t) => {
  const app = await gateway(t)
  app.post('/', options({ use: ['slow'] }), async ({ exchange }) => [
    exchange?.pool?.id,
    exchange?.route?.timeouts.totalMs
  ])
  assert.deepEqual((await app.inject({ method: 'POST', url: '/' })).json(), ['orders', 9_000])
})

test('a native route with a problem stops the start, with all other problems', async (t) => {
  const app = await gateway(t)
  app.post('/a', options({ pool: 'usrs' }), async () => '')
  app.post('/b', options({ use: ['slw'] }), async () => '')
  await assert.rejects(async () => app.ready(), {
    code: 'GW_CONFIG_INVALID',
    message:
      /POST \/a\.pool: there is no pool 'usrs'; did you mean 'users'\?\n.*POST \/b\.use: there is no policy 'slw'; did you mean 'slow'\?/
  })
})

test('a wrong configuration stops the start', async (t) => {
  const app = await gateway(t, { pools: { p: { endpoints: ['ftp://h'] } } })
  await assert.rejects(async () => app.ready(), {
    code: 'GW_CONFIG_INVALID',
    message: /pools\.p\.endpoints\[0\]/
  })
})

test('hooks run in the order gateway, policy, route, each with the exchange', async (t) => {
  const order: string[] = []
  const hook =
    (name: string) =>
    async (request: { exchange: { route: { id: string } | null } | null }): Promise<void> => {
      order.push(`${name} ${request.exchange?.route?.id}`)
    }
  const app = await gateway(t, {
    ...CONFIG,
    hooks: { onRequest: hook('all') },
    policies: {
      p: { pool: 'users', hooks: { onRequest: [hook('one'), hook('two')], preHandler: hook('later') } }
    }
  })
  app.post(
    '/',
    { ...options({ use: ['p'], id: 'r' }), onRequest: hook('own'), preHandler: [hook('last')] },
    async () => ''
  )
  await app.inject({ method: 'POST', url: '/' })
  assert.deepEqual(order, ['all r', 'one r', 'two r', 'own r', 'later r', 'last r'])
})

test('a hook of a policy can answer, and can read the exchange in every later phase', async (t) => {
  const seen: string[] = []
  const app = await gateway(t, {
    ...CONFIG,
    policies: {
      p: {
        pool: 'users',
        hooks: {
          onRequest: async (_request, reply) => reply.code(403).send('no'),
          onSend: async ({ exchange }) => {
            seen.push(`onSend ${exchange?.id.length}`)
          },
          onResponse: async ({ exchange }) => {
            seen.push(`onResponse ${exchange?.pool?.id}`)
          }
        }
      }
    }
  })
  app.post('/', options({ use: ['p'] }), () => assert.fail('the handler must not run'))
  const response = await app.inject({ method: 'POST', url: '/' })
  assert.deepEqual([response.statusCode, response.body], [403, 'no'])
  assert.deepEqual(seen, ['onSend 36', 'onResponse users'])
})

test('routes without gateway options pay nothing and see nothing', async (t) => {
  const app = await gateway(t, { ...CONFIG, hooks: { onRequest: () => assert.fail('not a gateway route') } })
  app.get('/plain', { config: { other: 1 } as object }, async ({ exchange }) => exchange === null)
  const response = await app.inject('/plain')
  assert.equal(response.body, 'true')
  assert.equal(response.headers['x-request-id'], undefined)
})

test('a pool that does not verify TLS says so in a warning at the start', async (t) => {
  const lines: { level: number; pool?: string; because?: string }[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } })
  t.after(() => app.close())
  const insecureBecause = 'a lab network without a CA'
  await app.register(core, {
    config: {
      pools: {
        lab: { endpoints: ['https://l'], tls: { insecureBecause } },
        live: { endpoints: ['https://h'] }
      }
    }
  })
  for (const pool of ['lab', 'live']) app.get(`/${pool}`, options({ pool }), app.gateway.forward)
  await app.ready()
  const warnings = lines.filter(({ level }) => level === 40)
  assert.deepEqual(
    warnings.map(({ pool, because }) => [pool, because]),
    [['lab', insecureBecause]]
  )
})

test('without the forwarder its handler says which plugin is missing', async (t) => {
  const app = await gateway(t)
  app.get('/', options({ pool: 'users' }), app.gateway.forward)
  const response = await app.inject('/')
  assert.equal(response.statusCode, 500)
  assert.match(response.json().message, /@gatewright\/proxy/)
})

test('a route that forwards without gateway options stops the start', async (t) => {
  const app = await gateway(t)
  app.get('/lost', app.gateway.forward)
  await assert.rejects(
    async () => app.ready(),
    /GET \/lost: forwards, but to no pool; add config: \{ gateway: /
  )
})

test('a forwarded client header cannot pretend to be set by the app', async (t) => {
  const app = await gateway(t, { ...CONFIG, reservedHeaders: ['x-user'] })
  app.post('/', options({ pool: 'users' }), async ({ exchange }) => exchange?.ingress.headers)
  const headers = { 'X-User': 'root', accept: 'a' }
  const kept = (await app.inject({ method: 'POST', url: '/', headers })).json() as string[]
  assert.equal(kept.includes('accept'), true)
  assert.equal(
    kept.some((text) => /x-user|root/i.test(text)),
    false
  )
})
