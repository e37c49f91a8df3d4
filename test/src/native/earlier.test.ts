import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type GatewayConfig, gateway } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, rawRequest } from '@gatewright/testing'
import { type FastifyInstance, fastify, type RouteShorthandOptions } from 'fastify'

const GUARDED: RouteShorthandOptions = {
  onRequest: async (_request, reply) => reply.code(401).send('guarded')
}

const LONG = 'x'.repeat(200)

interface Site {
  readonly app: FastifyInstance
  readonly upstream: FakeUpstream
  readonly warnings: readonly { readonly msg: string }[]
  ask(line: string, host?: string): Promise<number>
  start(): Promise<void>
}

/** An app with routes of its own, and then a gateway that takes everything else. */
async function site(
  t: TestContext,
  addRoutes: (app: FastifyInstance) => void,
  config: GatewayConfig = {}
): Promise<Site> {
  const upstream = await fakeUpstream(t)
  const warnings: { msg: string }[] = []
  const stream = { write: (line: string) => void warnings.push(JSON.parse(line)) }
  const app = fastify({ logger: { level: 'warn', stream } })
  t.after(() => app.close())
  addRoutes(app)
  app.register(gateway, {
    pools: { p: { endpoints: [upstream.url] } },
    routes: [{ id: 'rest', path: '/*', pool: 'p' }],
    ...config
  })
  let url = ''
  return {
    app,
    upstream,
    warnings,
    async start() {
      url = await app.listen({ port: 0, host: '127.0.0.1' })
    },
    async ask(line, host = 'a.example') {
      return (await rawRequest(url, `${line} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`)).status
    }
  }
}

const handler = async (): Promise<string> => 'own'

test('a guard that was there before the gateway is not walked round by a long parameter', async (t) => {
  const { app, ask, start, upstream, warnings } = await site(t, (own) => {
    own.get('/admin/:user', GUARDED, handler)
    own.get('/keys/:a-:b', GUARDED, handler)
    own.get('/maybe/:user?', GUARDED, handler)
    own.register(async (inner) => void inner.get('/:id', GUARDED, handler), { prefix: '/scoped' })
  })
  await start()
  for (const path of ['/admin', '/maybe', '/scoped', '/keys/a-b']) {
    const short = path.includes('-') ? path : `${path}/joe`
    assert.equal(await ask(`GET ${short}`), 401, short)
    assert.equal(await ask(`GET ${short}${LONG}`), 414, path)
  }
  assert.equal(upstream.requests.length, 0)
  assert.equal(await ask(`GET /other/${LONG}`), 200)
  assert.deepEqual(warnings, [])
  assert.deepEqual(
    app.gateway.explain({ url: '/admin/joe' }).natives.map(({ route, matched }) => [route, matched]),
    [
      ['GET /admin/:user', true],
      ['HEAD /admin/:user', false]
    ]
  )
})

test('a guard of a host that was there before the gateway holds for every spelling of the host', async (t) => {
  const { ask, start, upstream } = await site(t, (app) => {
    app.get('/admin', { ...GUARDED, constraints: { host: 'a.example' } }, handler)
    app.get('/x', { ...GUARDED, constraints: { host: /^b\./ } }, handler)
  })
  await start()
  assert.equal(await ask('GET /admin'), 401)
  for (const host of ['A.example', 'a.example:80', 'a.example.'])
    assert.equal(await ask('GET /admin', host), 404, host)
  assert.equal(await ask('GET /x', 'B.example'), 404)
  assert.equal(upstream.requests.length, 0)
  assert.equal(await ask('GET /admin', 'c.example'), 200)
})

test("nativeFirst 'strict' holds for routes that were there before the gateway", async (t) => {
  const { ask, start, upstream } = await site(
    t,
    (app) => {
      app.get('/admin/:user', GUARDED, handler)
      app.route({ method: ['PUT', 'PATCH'], url: '/files/*', ...GUARDED, handler })
    },
    { nativeFirst: 'strict' }
  )
  await start()
  for (const line of ['POST /admin/joe', 'DELETE /ADMIN/joe/', 'GET /files/x', 'POST /files'])
    assert.equal(await ask(line), 405, line)
  assert.equal(upstream.requests.length, 0)
  assert.equal(await ask('POST /elsewhere'), 200)
})

test("nativeFirst 'strict' holds for routes of a scope beside the gateway's own", async (t) => {
  const upstream = await fakeUpstream(t)
  const app = fastify()
  t.after(() => app.close())
  app.register(async (inner) => {
    await inner.register(gateway, {
      pools: { p: { endpoints: [upstream.url] } },
      routes: [{ path: '/*', pool: 'p' }],
      nativeFirst: 'strict'
    })
    inner.get('/inside/:x', handler)
  })
  app.register(async (beside) => void beside.get('/admin/:user', GUARDED, handler))
  assert.equal((await app.inject('/admin/joe')).statusCode, 401)
  assert.equal((await app.inject(`/admin/${LONG}`)).statusCode, 414)
  for (const url of ['/admin/joe', '/inside/x'])
    assert.equal((await app.inject({ method: 'POST', url })).statusCode, 405, url)
  assert.equal(upstream.requests.length, 0)
})

test('gateway options on a route that was there before the gateway stop the start, each route by name', async (t) => {
  const config = { gateway: { pool: 'p' } }
  const { app } = await site(t, (own) => {
    own.get('/a', { config }, (request, reply) => own.gateway.forward(request, reply))
    own.route({ method: ['PUT', 'PATCH'], url: '/b', config, constraints: { host: 'b.example' }, handler })
    own.get('/plain', { config: { other: true } as object }, handler)
  })
  const because = 'has gateway options, but the gateway was not there when it was added'
  await assert.rejects(async () => app.ready(), {
    code: 'GW_CONFIG_INVALID',
    message: new RegExp(`GET /a: ${because}.*\n.*PUT,PATCH /b \\(host b.example\\): ${because}.*$`)
  })
})

test('gateways in two scopes of an app leave each other’s routes alone', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = fastify()
  t.after(() => app.close())
  for (const prefix of ['/one', '/two'])
    app.register(
      async (inner) => {
        await inner.register(gateway, {
          pools: { p: { endpoints: [`${upstream.url}`] } },
          routes: [{ path: `${prefix}/*`, pool: 'p' }],
          nativeFirst: 'strict'
        })
        inner.get('/own/:x', { config: { gateway: { pool: 'p' } } }, inner.gateway.forward)
      },
      { prefix }
    )
  for (const prefix of ['/one', '/two']) {
    assert.equal((await app.inject(`${prefix}/own/x`)).statusCode, 200)
    assert.equal((await app.inject({ method: 'POST', url: `${prefix}/other` })).statusCode, 200)
    assert.equal((await app.inject({ method: 'POST', url: `${prefix}/own/x` })).statusCode, 405)
  }
})

test('to forward from a route without gateway options is an error that says what to do', async (t) => {
  const { app, upstream } = await site(t, (own) => {
    own.get('/early', (request, reply) => own.gateway.forward(request, reply))
  })
  app.after(() => app.get('/late', async (request, reply) => app.gateway.forward(request, reply)))
  for (const url of ['/early', '/late']) {
    const { statusCode, body } = await app.inject(url)
    assert.equal(statusCode, 500)
    assert.match(body, /GW_ROUTE_UNBOUND/)
    assert.match(body, new RegExp(`GET ${url} forwards, but to no pool: add config: { gateway: `))
  }
  assert.equal(upstream.requests.length, 0)
})

for (const nativeFirst of ['match', 'strict'] as const)
  test(`where Fastify does not show the routes that it has, the start ${nativeFirst === 'strict' ? "refuses nativeFirst 'strict'" : 'says what is not known'}`, async (t) => {
    const { app, start, warnings } = await site(
      t,
      (own) => {
        own.get('/admin/:user', GUARDED, handler)
        const print = own.printRoutes.bind(own)
        // A printer that asks nobody what to print.
        own.printRoutes = () => print()
      },
      { nativeFirst }
    )
    if (nativeFirst === 'strict')
      await assert.rejects(
        async () => app.ready(),
        /nativeFirst: 'strict' cannot be kept.*register the gateway first/
      )
    else {
      await start()
      assert.equal(warnings.length, 1)
      assert.match(
        String(warnings[0]?.msg),
        /before the gateway are not known to it.*register the gateway first/
      )
    }
  })
