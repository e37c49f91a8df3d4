import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, gateway, type UpstreamUrl } from '@gatewright/gateway'
import { crlf, type FakeUpstream, fakeUpstream, gate, rawClient, rawRequest } from '@gatewright/testing'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { relayedFields } from '../support/relayed-fields.js'
import { startGateway } from '../support/start-gateway.js'

const NATIVE = { config: { gateway: { pool: 'upstream' } } }

type AddRoutes = (app: FastifyInstance) => void

/** A Fastify app with native routes. */
async function nativeApp(t: TestContext, upstream: FakeUpstream, addRoutes: AddRoutes): Promise<string> {
  const app = fastify()
  t.after(() => app.close())
  await app.register(gateway, { pools: { upstream: { endpoints: [upstream.url] } } })
  addRoutes(app)
  return await app.listen({ port: 0, host: '127.0.0.1' })
}

const HANDLERS: Record<string, AddRoutes> = {
  'as the handler': (app) => app.post('/x', NATIVE, app.gateway.forward),
  'as the option': (app) => app.post('/x', { ...NATIVE, handler: app.gateway.forward }),
  'returned by an async handler': (app) =>
    app.post('/x', NATIVE, async (request, reply) => app.gateway.forward(request, reply)),
  'awaited in an async handler': (app) =>
    app.post('/x', NATIVE, async (request, reply) => {
      await Promise.resolve()
      return await app.gateway.forward(request, reply)
    }),
  'returned by a plain handler': (app) =>
    app.post('/x', NATIVE, (request, reply) => app.gateway.forward(request, reply)),
  'called by a plain handler': (app) =>
    app.post('/x', NATIVE, (request, reply) => {
      app.gateway.forward(request, reply)
    }),
  'in an async handler that returns the reply': (app) =>
    app.post('/x', NATIVE, async (request, reply) => {
      app.gateway.forward(request, reply)
      return reply
    })
}

for (const [name, addRoutes] of Object.entries(HANDLERS))
  test(`the forwarder works ${name}`, async (t) => {
    const upstream = await fakeUpstream(t, { headers: { etag: '"1"' }, body: 'from the upstream' })
    const url = await nativeApp(t, upstream, addRoutes)
    const client = await rawClient(url, { t })
    for (const path of ['/x', '/x']) {
      await client.write(crlf`POST ${path} HTTP/1.1\nHost: a\nContent-Length: 4\n\nbody`)
      const response = await client.response()
      assert.deepEqual([response.status, response.text], [200, 'from the upstream'])
      assert.deepEqual(relayedFields(response), [
        ['etag', '"1"'],
        ['content-length', '17']
      ])
    }
    assert.equal(String((await upstream.requests[1]?.finished)?.body), 'body')
  })

test('a handler that returns what the forwarder returns answers a failure as any other', async (t) => {
  const upstream = await fakeUpstream(t)
  const url = await nativeApp(t, upstream, HANDLERS['returned by an async handler'] as AddRoutes)
  await upstream.close()
  const response = await rawRequest(url, crlf`POST /x HTTP/1.1\nHost: a\nContent-Length: 0\n\n`)
  assert.equal(response.status, 502)
  assert.equal(JSON.parse(response.text).reason, 'upstream_connect_failed')
})

type Start = (t: TestContext, upstream: FakeUpstream) => Promise<string>

const DECLARED: Record<string, Start> = {
  'in the table': async (t, upstream) => (await startGateway(t, upstream.url)).url,
  'with methods in the table': async (t, upstream) =>
    (
      await startGateway(t, {
        pools: { upstream: { endpoints: [upstream.url] } },
        routes: [{ path: '/*', methods: ['GET'], pool: 'upstream' }]
      })
    ).url,
  'with the builder': async (t, upstream) => {
    const built = createGateway({ logger: false, accessLog: false }).route('/*', upstream.url as UpstreamUrl)
    t.after(() => built.close())
    return await built.listen({ port: 0, host: '127.0.0.1' })
  },
  'as a native GET route': (t, upstream) =>
    nativeApp(t, upstream, (app) => app.get('/a', NATIVE, app.gateway.forward)),
  'as a native GET route with onSend hooks': (t, upstream) =>
    nativeApp(t, upstream, (app) =>
      app.get('/a', { ...NATIVE, onSend: async (_request, _reply, payload) => payload }, app.gateway.forward)
    ),
  'as a native route with an async handler': (t, upstream) =>
    nativeApp(t, upstream, (app) =>
      app.get('/a', NATIVE, async (request, reply) => app.gateway.forward(request, reply))
    ),
  'as a native route for GET and POST': (t, upstream) =>
    nativeApp(t, upstream, (app) =>
      app.route({
        method: ['POST', 'GET'],
        url: '/a',
        config: { gateway: { pool: 'upstream', id: 'own' } },
        handler: app.gateway.forward
      })
    ),
  'as a native route for GET and HEAD': (t, upstream) =>
    nativeApp(t, upstream, (app) =>
      app.route({ method: ['GET', 'HEAD'], url: '/a', ...NATIVE, handler: app.gateway.forward })
    ),
  'as native routes for HEAD and then GET': (t, upstream) =>
    nativeApp(t, upstream, (app) => {
      app.head('/a', NATIVE, app.gateway.forward)
      app.get('/a', NATIVE, app.gateway.forward)
    }),
  'as a native route for all methods': (t, upstream) =>
    nativeApp(t, upstream, (app) => app.all('/a', NATIVE, app.gateway.forward)),
  'in a scope with a prefix': (t, upstream) =>
    nativeApp(t, upstream, (app) => {
      app.register(
        async (scope) => {
          scope.get('/', NATIVE, scope.gateway.forward)
        },
        { prefix: '/a' }
      )
    })
}

const HEADS: readonly (readonly [status: number, ...sent: string[]])[] = [
  [200, 'content-length: 11', 'etag: "1"'],
  [200, 'content-length: 0'],
  [200, 'content-length: 999999999', 'content-type: text/x'],
  [200, 'transfer-encoding: chunked'],
  [200, 'content-type: text/x'],
  [204],
  [304, 'content-length: 5', 'etag: "1"'],
  [404, 'content-length: 3'],
  [503, 'content-length: 3']
]

for (const [name, start] of Object.entries(DECLARED))
  test(`HEAD gets the upstream's head unchanged from a route ${name}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const url = await start(t, upstream)
    const client = await rawClient(url, { t })
    for (const [status, ...sent] of HEADS) {
      upstream.answers({ raw: [`HTTP/1.1 ${status} X`, ...sent, '', ''].join('\r\n') })
      await client.write(crlf`HEAD /a HTTP/1.1\nHost: a\n\n`)
      const response = await client.response({ to: 'HEAD' })
      assert.equal(response.status, status)
      assert.deepEqual(
        relayedFields(response)
          .map((field) => field.join(': '))
          .sort(),
        sent.filter((line) => !line.startsWith('transfer-encoding')).sort(),
        `${status} ${sent}`
      )
      assert.equal(upstream.requests.at(-1)?.method, 'HEAD')
    }
    upstream.answers({ body: 'next' })
    await client.write(crlf`GET /a HTTP/1.1\nHost: a\n\n`)
    assert.equal((await client.response()).text, 'next')
  })

for (const [name, start] of Object.entries(DECLARED))
  test(`HEAD gets the length of the gateway's own answer from a route ${name}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const url = await start(t, upstream)
    await upstream.close()
    const client = await rawClient(url, { t })
    await client.write(crlf`HEAD /a HTTP/1.1\nHost: a\n\n`)
    const response = await client.response({ to: 'HEAD' })
    assert.equal(response.status, 502)
    assert.ok(Number(response.header('content-length')) > 50)
  })

for (const [name, handler] of Object.entries({
  'at once': (app: FastifyInstance) => async (request: FastifyRequest, reply: FastifyReply) => {
    app.gateway.forward(request, reply)
  },
  'after another wait': (app: FastifyInstance) => async (request: FastifyRequest, reply: FastifyReply) => {
    app.gateway.forward(request, reply)
    await Promise.resolve()
  }
}))
  test(`an async handler that forwards and returns nothing ${name} gets an error, not an empty 200`, async (t) => {
    const slow = gate()
    const upstream = await fakeUpstream(t, { after: slow, body: 'from the upstream' })
    const lines: string[] = []
    const app = fastify({ logger: { level: 'error', stream: { write: (line) => void lines.push(line) } } })
    t.after(() => app.close())
    await app.register(gateway, { pools: { upstream: { endpoints: [upstream.url] } } })
    for (const method of ['get', 'post'] as const) app[method]('/x', NATIVE, handler(app))
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const told = 'an async handler of /x has called gateway.forward and must return what that returns'
    for (const method of ['GET', 'HEAD', 'POST']) {
      const client = await rawClient(url, { t })
      await client.write(crlf`${method} /x HTTP/1.1\nHost: a\nContent-Length: 0\n\n`)
      const { status, text } = await client.response({ to: method })
      assert.equal(status, 500)
      if (method !== 'HEAD') assert.equal(JSON.parse(text).reason, 'internal_error')
      assert.ok(!text.includes('handler'))
    }
    slow.open()
    assert.ok(lines.join('').includes(told), lines.join(''))
  })

test('a handler that forwards where there is no pool is an error that says so', async (t) => {
  const app = fastify()
  t.after(() => app.close())
  const handler = (request: FastifyRequest, reply: FastifyReply) => app.gateway.forward(request, reply)
  await app.register(gateway, { routes: [{ path: '/x', handler }] })
  const details: string[] = []
  app.gateway.observe({ closed: ({ detail }) => void details.push(detail) })
  const { statusCode } = await app.inject('/x')
  assert.deepEqual([statusCode, details], [500, ['no pool to forward to']])
})
