import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayConfig, gateway } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, rawRequest } from '@gatewright/testing'
import { type FastifyInstance, type FastifyServerOptions, fastify, type RouteShorthandOptions } from 'fastify'

const GUARDED: RouteShorthandOptions = {
  config: { gateway: { pool: 'p' } },
  onRequest: async (_request, reply) => reply.code(401).send('guarded')
}

interface Site {
  readonly app: FastifyInstance
  readonly upstream: FakeUpstream
  /** What the app has said at the start. */
  readonly warnings: readonly { readonly msg: string; readonly gaps?: unknown }[]
  ask(
    line: string,
    headers?: string
  ): Promise<{ readonly status: number; readonly text: string; allow?: string }>
}

/** A table that takes everything, beside the routes of an app. */
async function site(
  t: TestContext,
  addRoutes: (app: FastifyInstance) => void,
  config: GatewayConfig = {},
  options: FastifyServerOptions = {}
): Promise<Site> {
  const upstream = await fakeUpstream(t)
  const warnings: { msg: string }[] = []
  const stream = { write: (line: string) => void warnings.push(JSON.parse(line)) }
  const app = fastify({ ...options, logger: { level: 'warn', stream } })
  t.after(() => app.close())
  await app.register(gateway, {
    pools: { p: { endpoints: [upstream.url] } },
    routes: [{ id: 'rest', path: '/*', pool: 'p' }],
    ...config
  })
  addRoutes(app)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    app,
    upstream,
    warnings,
    async ask(line, headers = 'Host: a.example') {
      const answer = await rawRequest(url, `${line} HTTP/1.1\r\n${headers}\r\nContent-Length: 0\r\n\r\n`)
      return { status: answer.status, text: answer.text, allow: answer.header('allow') ?? '' }
    }
  }
}

const LONG = 'x'.repeat(97)

for (const [what, pattern, target] of [
  ['a parameter', '/admin/:user', `/admin/joe;${LONG}`],
  ['the first of two parameters', '/admin/:user/:key', `/admin/${LONG}${LONG}/1`],
  ['a parameter before a fixed segment', '/admin/:user/keys', `/admin/${LONG}${LONG}/keys`],
  ['one of two parameters in a segment', '/admin/:a-:b', `/admin/${LONG}${LONG}-b`],
  ['an expression', '/admin/:user(^.*$)', `/admin/${LONG}${LONG}`],
  ['an optional parameter', '/admin/:user?', `/admin/${LONG}${LONG}`],
  ['an encoded parameter', '/admin/:user', `/admin/${'%C3%A9'.repeat(101)}`]
] as const)
  test(`${what} that is longer than the router's limit does not get past a native guard`, async (t) => {
    const { ask, upstream } = await site(t, (app) => void app.get(pattern, GUARDED, app.gateway.forward))
    assert.equal((await ask(`GET ${pattern.replaceAll(/:\w+(\(.*\))?\??/g, 'j')}`)).status, 401)
    const { status, text } = await ask(`GET ${target}`)
    assert.equal(status, 414)
    assert.equal(JSON.parse(text).reason, 'uri_too_long')
    assert.equal((await ask(`GET /other/${LONG}${LONG}`)).status, 200)
    assert.deepEqual(
      upstream.requests.map((request) => request.target),
      [`/other/${LONG}${LONG}`]
    )
  })

test('in a server of its own a native guard sees parameters of any length', async (t) => {
  const upstream = await fakeUpstream(t)
  const server = createGateway({ logger: false, accessLog: false })
    .pool('p', [upstream.url])
    .route('/*', { pool: 'p' })
    .register(async (app: FastifyInstance) => void app.get('/admin/:user', GUARDED, app.gateway.forward))
  t.after(() => server.close())
  assert.equal((await server.inject(`/admin/joe;${LONG.repeat(40)}`)).statusCode, 401)
  assert.equal(upstream.requests.length, 0)
})

test('a native guard of a host holds for every spelling of the host', async (t) => {
  const { ask, upstream } = await site(t, (app) => {
    app.get('/admin', { ...GUARDED, constraints: { host: 'a.example' } }, app.gateway.forward)
    app.get('/x', { ...GUARDED, constraints: { host: /^b\./ } }, app.gateway.forward)
  })
  assert.equal((await ask('GET /admin')).status, 401)
  for (const host of ['A.example', 'a.example:80', 'a.example.', 'a.EXAMPLE.:8080'])
    assert.equal((await ask('GET /admin', `Host: ${host}`)).status, 404, host)
  assert.equal((await ask('GET http://a.example/admin', 'Host: b.example')).status, 400)
  assert.equal((await ask('GET /x', 'Host: B.example')).status, 404)
  assert.equal(upstream.requests.length, 0)
  assert.equal((await ask('GET /admin', 'Host: c.example')).status, 200)
})

test('the start warns of methods that go past a native route, and explain shows it', async (t) => {
  const { app, ask, upstream, warnings } = await site(
    t,
    (app) => void app.get('/admin/:user', GUARDED, app.gateway.forward)
  )
  assert.deepEqual(
    warnings.map(({ gaps }) => gaps),
    [
      [
        {
          native: 'GET,HEAD /admin/:user',
          methods: ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
          to: 'rest'
        }
      ]
    ]
  )
  const post = app.gateway.explain({ method: 'POST', url: '/admin/joe' })
  assert.equal(post.route, 'rest')
  assert.deepEqual(
    post.natives.map(({ route, matched, because }) => [route, matched, because]),
    [
      ['GET /admin/:user', false, 'method POST is not GET'],
      ['HEAD /admin/:user', false, 'method POST is not HEAD']
    ]
  )
  const get = app.gateway.explain({ url: '/admin/joe' })
  assert.deepEqual(
    [get.route, get.pool, get.considered, get.natives[0]?.matched],
    ['GET /admin/:user', 'p', [], true]
  )
  assert.equal(app.gateway.explain({ url: `/admin/${LONG}${LONG}` }).status, 414)
  assert.equal((await ask('POST /admin/joe')).status, 200)
  assert.equal(upstream.requests.length, 1)
})

test("nativeFirst 'strict' keeps a native route's path from the table in any spelling", async (t) => {
  const { ask, app, upstream, warnings } = await site(
    t,
    (own) => {
      own.get('/admin/:user', GUARDED, own.gateway.forward)
      own.get('/files/*', GUARDED, own.gateway.forward)
      own.get('/versioned', { ...GUARDED, constraints: { version: '1.0.0' } }, own.gateway.forward)
      own.get('/plain', async () => 'own')
    },
    { nativeFirst: 'strict' }
  )
  assert.deepEqual(warnings, [])
  for (const line of [
    'POST /admin/joe',
    'DELETE /files/x',
    'PUT /plain',
    'POST /versioned',
    'POST /Admin/joe/'
  ]) {
    const answer = await ask(line)
    assert.deepEqual([answer.status, answer.allow], [405, 'GET, HEAD'], line)
  }
  for (const line of ['/ADMIN/joe', '/admin/joe/', '/files', '/Files/x', '/plain/', '/versioned'])
    assert.equal((await ask(`GET ${line}`)).status, 404, line)
  assert.equal((await ask(`GET /admin/${LONG}${LONG}`)).status, 414)
  assert.equal(upstream.requests.length, 0)
  assert.equal(app.gateway.explain({ method: 'POST', url: '/admin/joe' }).status, 405)
  for (const line of ['POST /admin', 'POST /administration/joe', 'GET /admin/joe/x', 'GET /'])
    assert.equal((await ask(line)).status, 200, line)
})
