import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import cors from '@fastify/cors'
import rateLimit from '@fastify/rate-limit'
import serveStatic from '@fastify/static'
import underPressure from '@fastify/under-pressure'
import { serveFilters } from '@gatewright/filters/server'
import { createGateway, type GatewayPluginOptions, gateway } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream } from '@gatewright/testing'
import { type FastifyInstance, fastify } from 'fastify'
import { registerFamily, STATIC_ROOT } from '../support/fastify-family.js'

const NOT_ENCAPSULATED = { [Symbol.for('skip-override')]: true }

const quiet = { logger: false, accessLog: false } as const

/** An app with the gateway, which is registered before or after what `others` registers. */
async function appWith(
  t: TestContext,
  order: 'first' | 'last',
  options: GatewayPluginOptions,
  others: (app: FastifyInstance) => PromiseLike<unknown>
): Promise<FastifyInstance> {
  const app = fastify()
  t.after(() => app.close())
  if (order === 'first') await app.register(gateway, options)
  await others(app)
  if (order === 'last') await app.register(gateway, options)
  return app
}

const api = (upstream: FakeUpstream): GatewayPluginOptions => ({
  metrics: true,
  pools: { p: { endpoints: [upstream.url] } },
  routes: [{ path: '/api/*', pool: 'p' }]
})

async function checkFamily(app: FastifyInstance, upstream: FakeUpstream): Promise<void> {
  const headers = { origin: 'https://page.example', 'accept-encoding': 'gzip' }
  const forwarded = await app.inject({ url: '/api/x?a=1', headers })
  assert.equal(forwarded.statusCode, 200)
  assert.equal(gunzipSync(forwarded.rawPayload).toString(), 'from upstream')
  for (const name of ['access-control-allow-origin', 'x-frame-options', 'x-ratelimit-limit', 'x-request-id'])
    assert.ok(name in forwarded.headers, name)

  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  await app.inject({ method: 'POST', url: '/api/form', headers: form, payload: 'a=1&a=2' })
  const multipart = { 'content-type': 'multipart/form-data; boundary=XX' }
  await app.inject({
    method: 'PUT',
    url: '/api/files',
    headers: multipart,
    payload: '--XX\r\n\r\n1\r\n--XX--'
  })
  assert.deepEqual(
    upstream.requests.map(({ method, target, body }) => [method, target, String(body)]),
    [
      ['GET', '/api/x?a=1', ''],
      ['POST', '/api/form', 'a=1&a=2'],
      ['PUT', '/api/files', '--XX\r\n\r\n1\r\n--XX--']
    ]
  )

  const preflight = await app.inject({
    method: 'OPTIONS',
    url: '/api/x',
    headers: { ...headers, 'access-control-request-method': 'PUT' }
  })
  assert.equal(preflight.statusCode, 204)
  assert.equal((await app.inject('/fastify-family.js')).statusCode, 200)
  assert.equal((await app.inject('/status')).statusCode, 200)
  assert.equal((await app.inject('/nowhere')).statusCode, 404)
  assert.equal(upstream.requests.length, 3)
  const paths = Object.keys(app.swagger().paths ?? {})
  assert.equal(
    paths.some((path) => /api|metrics/.test(path)),
    false
  )
}

for (const order of ['first', 'last'] as const) {
  test(`the gateway, registered ${order}, works beside the whole family of Fastify plugins`, async (t) => {
    const upstream = await fakeUpstream(t, { body: 'from upstream' })
    const app = await appWith(t, order, api(upstream), registerFamily)
    await checkFamily(app, upstream)
  })

  test(`a filter service decides beside the whole family, the gateway registered ${order}`, async (t) => {
    const upstream = await fakeUpstream(t, { body: 'from upstream' })
    const server = await serveFilters({
      check: ({ attributes: { request } }) =>
        request.http.path === '/api/no'
          ? { answer: { status: 401, body: 'who?', headers: { 'www-authenticate': 'Key' } } }
          : { headers: { 'x-user': 'ada' }, responseHeaders: { 'x-checked': 'yes' } },
      onResponse: ({ status }) => ({ headers: { 'x-seen': String(status) } })
    })
    t.after(() => server.close())
    const body = { maxBytes: '1KiB', partial: true } as const
    const options: GatewayPluginOptions = {
      ...api(upstream),
      routes: [
        {
          path: '/api/*',
          pool: 'p',
          filters: [
            { type: 'ext_authz', target: server.url, timeout: '30s', writes: ['x-user'], body },
            { type: 'service', target: server.url, timeout: '30s', phases: 'response' }
          ]
        }
      ]
    }
    const app = await appWith(t, order, options, registerFamily)
    await checkFamily(app, upstream)
    const headers = { origin: 'https://page.example', 'accept-encoding': 'gzip', 'x-user': 'eve' }
    const allowed = await app.inject({ method: 'POST', url: '/api/x', headers, payload: { a: 1 } })
    assert.equal(gunzipSync(allowed.rawPayload).toString(), 'from upstream')
    assert.deepEqual([allowed.headers['x-checked'], allowed.headers['x-seen']], ['yes', '200'])
    const seen = upstream.requests.at(-1)
    assert.deepEqual([seen?.headerAll('x-user'), String(seen?.body)], [['ada'], '{"a":1}'])
    const denied = await app.inject({ url: '/api/no', headers: { ...headers, 'accept-encoding': '' } })
    assert.deepEqual(
      [denied.statusCode, denied.body, denied.headers['www-authenticate']],
      [401, 'who?', 'Key']
    )
    assert.ok('access-control-allow-origin' in denied.headers)
    assert.equal(upstream.requests.length, 4)
  })

  test(`a gateway with pools and no routes, registered ${order}, mounts nothing`, async (t) => {
    const upstream = await fakeUpstream(t)
    const { pools } = api(upstream)
    const app = await appWith(t, order, pools === undefined ? {} : { pools }, (own) =>
      own.register(serveStatic, { root: STATIC_ROOT })
    )
    app.setNotFoundHandler((_request, reply) => reply.code(404).send('the app’s own'))
    const answer = await app.inject({ method: 'POST', url: '/a//b' })
    assert.equal(answer.body, 'the app’s own')
    assert.equal(answer.headers['x-request-id'], undefined)
    assert.doesNotMatch(app.printRoutes(), /PROPFIND/)
  })

  test(`a table of all paths, registered ${order}, answers preflights by CORS and forwards the rest`, async (t) => {
    const upstream = await fakeUpstream(t)
    const options = { ...api(upstream), routes: [{ path: '/*', pool: 'p' }] }
    const app = await appWith(t, order, options, (own) => own.register(cors, { methods: ['PUT'] }))
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'PUT' }
    const preflight = await app.inject({ method: 'OPTIONS', url: '/x', headers })
    assert.deepEqual([preflight.statusCode, preflight.headers['access-control-allow-methods']], [204, 'PUT'])
    assert.equal(upstream.requests.length, 0)
    const put = await app.inject({ method: 'PUT', url: '/x', headers })
    assert.deepEqual([put.statusCode, put.headers['access-control-allow-origin']], [200, '*'])
    assert.equal(upstream.requests.length, 1)
  })

  test(`a route of the app for all paths goes before a table that is registered ${order}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const routes = [
      { path: '/*', pool: 'p' },
      { path: '/api/*', pool: 'p' }
    ]
    const app = await appWith(t, order, { ...api(upstream), routes }, async (own) =>
      own.get('*', async () => 'the app’s own')
    )
    assert.equal((await app.inject('/x/y')).body, 'the app’s own')
    assert.equal((await app.inject({ method: 'HEAD', url: '/x/y' })).statusCode, 200)
    assert.equal(upstream.requests.length, 0)
    assert.equal((await app.inject({ method: 'POST', url: '/x/y' })).body, 'ok')
    assert.equal((await app.inject('/api/y')).body, 'ok')
    assert.deepEqual(
      upstream.requests.map(({ method, target }) => `${method} ${target}`),
      ['POST /x/y', 'GET /api/y']
    )
  })

  test(`a table, registered ${order}, of which the app takes everything stops the start by name`, async (t) => {
    const upstream = await fakeUpstream(t)
    const options = { ...api(upstream), routes: [{ path: '/*', methods: ['GET' as const], pool: 'p' }] }
    const app = await appWith(t, order, options, (own) => own.register(serveStatic, { root: STATIC_ROOT }))
    await assert.rejects(async () => app.ready(), {
      code: 'GW_CONFIG_INVALID',
      message: /routes\[0\]: '\/\*' can never match: GET \/\* of the app goes first/
    })
  })

  test(`a rate limit is counted for the table when the gateway is registered ${order}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const app = await appWith(t, order, api(upstream), (own) => own.register(rateLimit, { max: 2 }))
    const statuses = []
    for (let n = 0; n < 3; n++) statuses.push((await app.inject('/api/x')).statusCode)
    assert.deepEqual(statuses, [200, 200, 429])
    assert.equal(upstream.requests.length, 2)
  })
}

test('createGateway takes the whole family by register', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'from upstream' })
  const server = createGateway(quiet).pool('p', [upstream.url]).route('/api/*', { pool: 'p' })
  // Not encapsulated, as the plugins themselves are not.
  server.register(Object.assign(async (app: FastifyInstance) => registerFamily(app), NOT_ENCAPSULATED))
  t.after(() => server.close())
  await server.ready()
  await checkFamily(server.app, upstream)
})

test('createGateway().register(cors), the example of its documentation, starts and answers preflights', async (t) => {
  const upstream = await fakeUpstream(t)
  const server = createGateway(quiet).pool('p', [upstream.url]).route('/*', { pool: 'p' }).register(cors)
  t.after(() => server.close())
  const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' }
  assert.equal((await server.inject({ method: 'OPTIONS', url: '/x', headers })).statusCode, 204)
  assert.equal((await server.inject({ url: '/x', headers })).headers['access-control-allow-origin'], '*')
  assert.equal(upstream.requests.length, 1)
})

test('a rate limit does not count what a hook of a route refuses, but as a hook of the app it does', async (t) => {
  for (const asHook of [false, true]) {
    const upstream = await fakeUpstream(t)
    const hooks = {
      onRequest: async () => Promise.reject(Object.assign(new Error('no'), { statusCode: 401 }))
    }
    const options = { ...api(upstream), routes: [{ path: '/api/*', pool: 'p', hooks }] }
    const app = await appWith(t, 'first', options, async (own) => {
      await own.register(rateLimit, { max: 1, global: !asHook })
      if (asHook) own.addHook('onRequest', own.rateLimit())
    })
    const statuses = []
    for (let n = 0; n < 3; n++) statuses.push((await app.inject('/api/x')).statusCode)
    assert.deepEqual(statuses, asHook ? [401, 429, 429] : [401, 401, 401])
    assert.equal(upstream.requests.length, 0)
  }
})

test('a scope’s own hooks for routes are not for the table around it', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = await appWith(t, 'first', api(upstream), async (own) => {
    await own.register(async (scope) => {
      await scope.register(rateLimit, { max: 1 })
      scope.get('/inner', async () => 'inner')
    })
  })
  for (let n = 0; n < 2; n++) assert.equal((await app.inject('/api/x')).statusCode, 200)
  await app.inject('/inner')
  assert.equal((await app.inject('/inner')).statusCode, 429)
})

test('what no route of a table takes is left to the app’s not-found handler, with its body', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = await appWith(
    t,
    'first',
    { ...api(upstream), routes: [{ path: '~^/v[0-9]+/', methods: ['GET' as const], pool: 'p' }] },
    async (own) => own.setNotFoundHandler((_request, reply) => reply.code(404).send('the app’s own'))
  )
  assert.equal((await app.inject('/v1/x')).statusCode, 200)
  assert.equal((await app.inject('/nowhere')).body, 'the app’s own')
  const post = await app.inject({ method: 'POST', url: '/nowhere', payload: { a: 1 } })
  assert.deepEqual([post.statusCode, post.body], [404, 'the app’s own'])
  assert.equal((await app.inject({ method: 'POST', url: '/v1/x' })).statusCode, 405)
  assert.equal(upstream.requests.length, 1)
})

test('without a not-found handler of the app, Fastify’s own answers', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = await appWith(t, 'first', api(upstream), async () => {})
  for (const path of ['/nowhere', '/apix']) {
    const answer = await app.inject(path)
    assert.deepEqual([answer.statusCode, answer.json().error], [404, 'Not Found'], path)
  }
  assert.equal((await app.inject('/api')).statusCode, 200)
})

for (const order of ['first', 'last'] as const)
  test(`a native route with a parameter in front goes before a table that is registered ${order}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const app = await appWith(t, order, api(upstream), async (own) => guarded(own))
    assert.equal((await app.inject('/api/admin')).body, 'guarded')
    assert.equal(upstream.requests.length, 0)
  })

test('a native route that the table would overtake beside a route for every path stops the start', async (t) => {
  const app = await appWith(t, 'first', api(await fakeUpstream(t)), async (own) => {
    guarded(own)
    await own.register(serveStatic, { root: STATIC_ROOT })
  })
  await assert.rejects(async () => app.ready(), /GET \/:tenant\/admin: the route table would go first/)
})

function guarded(own: FastifyInstance): void {
  own.get('/:tenant/admin', async () => 'guarded')
}

for (const [prefix, path] of [
  ['', '/inner/users/*'],
  ['/edge', '/inner/edge/users/*']
] as const)
  test(`a table in a scope, with the prefix '${prefix}', has paths written in full, and others stop the start`, async (t) => {
    const upstream = await fakeUpstream(t)
    const inScope = async (written: string): Promise<FastifyInstance> => {
      const app = fastify()
      t.after(() => app.close())
      app.register(
        async (scope) => {
          await scope.register(gateway, { ...api(upstream), prefix, routes: [{ path: written, pool: 'p' }] })
        },
        { prefix: '/inner' }
      )
      return app
    }
    const app = await inScope(path)
    assert.equal((await app.inject(path.replace('*', '7'))).statusCode, 200)
    assert.equal((await app.inject('/users/7')).statusCode, 404)
    assert.equal(upstream.requests.length, 1)
    const wrong = await inScope('/users/*')
    await assert.rejects(async () => wrong.ready(), {
      code: 'GW_CONFIG_INVALID',
      message: new RegExp(`routes\\[0\\]\\.path: '/users/\\*' can never match: .* under '/inner${prefix}'`)
    })
  })

for (const form of ['server', 'plugin'] as const)
  test(`${form}: the 503 of a plugin for overload is answered as it is, and is no error of the gateway`, async (t) => {
    const upstream = await fakeUpstream(t)
    const options = { healthCheck: async () => false, healthCheckInterval: 1_000_000, retryAfter: 7 }
    const server = createGateway(quiet).pool('p', [upstream.url]).route('/*', { pool: 'p' })
    if (form === 'server') server.register(underPressure, options)
    t.after(() => server.close())
    const app =
      form === 'server'
        ? server.app
        : await appWith(t, 'first', { ...api(upstream), routes: [{ path: '/*', pool: 'p' }] }, (own) =>
            own.register(underPressure, options)
          )
    await app.ready()
    const told: unknown[] = []
    app.gateway.observe({
      closed: ({ status, reason }) => void told.push([status, reason])
    })
    const answer = await app.inject('/x')
    assert.deepEqual([answer.statusCode, answer.headers['retry-after']], [503, '7'])
    assert.equal(answer.json().code, 'FST_UNDER_PRESSURE')
    assert.equal(upstream.requests.length, 0)
    if (form === 'plugin') assert.deepEqual(told, [[503, null]])
  })
