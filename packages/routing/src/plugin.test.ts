import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, METHODS, request as send } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { core, type GatewayConfig, GatewayError } from '@gatewright/core'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import { type RoutingOptions, routing } from './plugin.js'

interface Setup {
  readonly config: GatewayConfig
  readonly options?: RoutingOptions
  readonly before?: (app: FastifyInstance) => void
}

/** An app with core and routing, whose forwarder answers with what it was given. */
async function createApp(t: TestContext, { config, options = {}, before }: Setup): Promise<FastifyInstance> {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, {
    config: { pools: { p: { endpoints: ['http://upstream.invalid'] } }, ...config }
  })
  app.gateway.forward = (request, reply) => {
    const { route, pool, params, method, path } = request.exchange ?? {}
    return reply.send({ route: route?.id, pool: pool?.id, params, method, path })
  }
  before?.(app)
  await app.register(routing, options)
  return app
}

async function portOf(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

async function overSocket(app: FastifyInstance, head: string): Promise<string> {
  const socket = connect(await portOf(app), '127.0.0.1')
  socket.end(head)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

const respond = (body: string) => ({ respond: { body } })

test('a request is dispatched to the pool of its route, with the exchange filled in', async (t) => {
  const app = await createApp(t, { config: { routes: [{ id: 'r', path: '/t/:tenant/*', pool: 'p' }] } })
  const answer = await app.inject('/t/acme/x/y?q=1')
  assert.deepEqual(answer.json(), {
    route: 'r',
    pool: 'p',
    params: { tenant: 'acme', '*': 'x/y' },
    method: 'GET',
    path: '/t/acme/x/y'
  })
})

test('a forwarder that is set after the plugin is used', async (t) => {
  const app = await createApp(t, { config: { routes: [{ path: '/*', pool: 'p' }] } })
  app.gateway.forward = (_request, reply) => reply.send('later')
  assert.equal((await app.inject('/x')).body, 'later')
})

test('no route is 404, another method is 405 with Allow, both as problems', async (t) => {
  const app = await createApp(t, {
    options: { notFound: 'gateway' },
    config: { routes: [{ path: '/a', methods: ['GET', 'PUT'], ...respond('a') }] }
  })
  const missing = await app.inject('/b')
  assert.equal(missing.statusCode, 404)
  assert.equal(missing.json().reason, 'route_not_found')
  assert.equal(missing.headers['content-type'], 'application/problem+json')

  const wrong = await app.inject({ method: 'POST', url: '/a' })
  assert.equal(wrong.statusCode, 405)
  assert.equal(wrong.headers.allow, 'GET, HEAD, PUT')
  assert.equal(wrong.json().reason, 'method_not_allowed')
})

test('a table without routes answers 404', async (t) => {
  assert.equal((await (await createApp(t, { config: {} })).inject('/')).statusCode, 404)
})

test('problems of the table stop the start', async (t) => {
  const app = await createApp(t, { config: { routes: [{ path: '~(a+)+', ...respond('') }] } })
  await assert.rejects(async () => app.ready(), {
    code: 'GW_CONFIG_INVALID',
    message: /routes\[0\] '~\(a\+\)\+'/
  })
})

test("the app's own routes go before the table", async (t) => {
  const app = await createApp(t, {
    config: { routes: [{ path: '/*', ...respond('table') }] },
    before: (app) => app.get('/own', () => 'own')
  })
  assert.equal((await app.inject('/own')).body, 'own')
  assert.equal((await app.inject({ method: 'POST', url: '/own' })).body, 'table')
  assert.equal((await app.inject('/other')).body, 'table')
})

for (const prefix of ['', '/in'])
  test(`a route of the app at the place of the table goes first, whichever came first, below '${prefix}'`, async (t) => {
    const config = { routes: [{ path: '/*', ...respond('table') }] }
    const own = (app: FastifyInstance): void => void app.get(`${prefix}/*`, () => 'own')
    const earlier = await createApp(t, { config, options: { prefix }, before: own })
    const later = await createApp(t, { config, options: { prefix } })
    own(later)
    for (const app of [earlier, later]) {
      assert.equal((await app.inject(`${prefix}/x`)).body, 'own')
      assert.equal((await app.inject({ method: 'POST', url: `${prefix}/x` })).body, 'table')
    }
  })

test('under a prefix the table sees whole paths, and the rest of the app is left alone', async (t) => {
  const routes = [
    { path: '/api', ...respond('root') },
    { path: '/api/*', ...respond('below') },
    { path: '/*', ...respond('all') }
  ]
  const app = await createApp(t, { config: { routes }, options: { prefix: '/api' } })
  assert.equal((await app.inject('/api')).body, 'root')
  assert.equal((await app.inject('/api/')).body, 'below')
  assert.equal((await app.inject('/api/x')).body, 'below')
  assert.match((await app.inject('/apix')).body, /Route GET:\/apix not found/)
  assert.match((await app.inject('/')).body, /Route GET:\/ not found/)
})

for (const prefix of ['api', '/api/', '/:id', '/a b', '/*'])
  test(`the prefix '${prefix}' is refused`, async (t) => {
    await assert.rejects(createApp(t, { config: {}, options: { prefix } }), { code: 'GW_VALUE_INVALID' })
  })

test('every method that Node reads is routed, but for CONNECT and TRACE', async (t) => {
  const app = await createApp(t, { config: { routes: [{ path: '/*', pool: 'p' }] } })
  const port = await portOf(app)
  for (const method of METHODS) {
    // Fastify itself wants a media type with QUERY, and CONNECT is no request to it.
    if (method === 'CONNECT') continue
    const asked = send({ port, method, path: '/x', agent: false, headers: { 'content-type': 'text/plain' } })
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
    answer.resume()
    assert.equal(answer.statusCode, method === 'TRACE' ? 405 : 200, method)
    if (method === 'TRACE') assert.match(answer.headers.allow as string, /\bGET, .*\bPROPFIND\b/)
  }
})

test('OPTIONS * is no path of the table', async (t) => {
  const app = await createApp(t, { config: { routes: [{ path: '/*', ...respond('all') }] } })
  const answer = await overSocket(app, 'OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 404 /)
})

test('paths are matched as they are on the wire', async (t) => {
  const app = await createApp(t, { config: { routes: [{ path: '/käse/:x', pool: 'p' }] } })
  const answer = await overSocket(
    app,
    'GET /k%c3%a4se/%c3%a9 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
  )
  assert.match(answer, /"params":\{"x":"é"\},"method":"GET","path":"\/k%C3%A4se\/%C3%A9"/)
})

test('a route is chosen by the host of the request', async (t) => {
  const routes = [
    { id: 'a', path: '/*', host: 'a.test', ...respond('a') },
    { id: 'any', path: '/*', ...respond('any') }
  ]
  const app = await createApp(t, { config: { routes } })
  assert.equal((await app.inject({ url: '/', headers: { host: 'A.test:8080' } })).body, 'a')
  assert.equal((await app.inject('/')).body, 'any')
})

test('a fixed answer has the status, headers and body it is given', async (t) => {
  const routes = [
    {
      path: '/json',
      respond: { status: 418, headers: { 'Content-Type': 'application/json', 'x-a': 'b' }, body: '{"a":1}' }
    },
    { path: '/text', respond: { body: 'ü' } },
    { path: '/empty', respond: { status: 503, headers: { 'retry-after': '5' } } },
    { path: '/none', respond: { status: 204 } }
  ]
  const app = await createApp(t, { config: { routes } })
  const json = await app.inject('/json')
  assert.deepEqual(
    [json.statusCode, json.headers['content-type'], json.headers['x-a'], json.body],
    [418, 'application/json', 'b', '{"a":1}']
  )
  const text = await app.inject('/text')
  assert.deepEqual(
    [text.headers['content-type'], text.headers['content-length'], text.body],
    ['text/plain; charset=utf-8', '2', 'ü']
  )
  const empty = await app.inject('/empty')
  assert.deepEqual(
    [empty.statusCode, empty.headers['retry-after'], empty.headers['content-length'], empty.body],
    [503, '5', '0', '']
  )
  assert.equal((await app.inject('/none')).body, '')
})

test('HEAD gets the head of a fixed answer alone', async (t) => {
  const app = await createApp(t, { config: { routes: [{ path: '/a', ...respond('four') }] } })
  const answer = await overSocket(app, 'HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(answer, /content-length: 4\r\n/i)
  assert.ok(answer.endsWith('\r\n\r\n'))
})

test('a redirect keeps the query and leads to the rewritten path', async (t) => {
  const routes = [
    {
      path: '/old/*',
      rewrite: { stripPrefix: true, addPrefix: '/new' },
      redirect: { scheme: 'https', status: 308 }
    },
    { path: '/temp', redirect: { path: '/x' } }
  ] as const
  const app = await createApp(t, { config: { routes: [...routes] } })
  const moved = await app.inject({ url: '/old/a%20b?q=%2F', headers: { host: 'h.test:8080' } })
  assert.deepEqual(
    [moved.statusCode, moved.headers.location, moved.body],
    [308, 'https://h.test/new/a%20b?q=%2F', '']
  )
  const temporary = await app.inject({ url: '/temp', headers: { host: 'h.test:8080' } })
  assert.deepEqual([temporary.statusCode, temporary.headers.location], [302, 'http://h.test:8080/x'])
})

test('a redirect of a request without a Host is refused', async (t) => {
  const app = await createApp(t, { config: { routes: [{ path: '/*', redirect: { scheme: 'https' } }] } })
  assert.match(await overSocket(app, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*request_rejected/)
})

test('a handler is called as Fastify calls its own, with the parameters of its route', async (t) => {
  const routes: NonNullable<GatewayConfig['routes']> = [
    { path: '/value/:id', handler: (request) => ({ id: (request.params as { id: string }).id }) },
    { path: '/promise', handler: async () => 'promise' },
    {
      path: '/reply',
      handler(_request, reply) {
        reply.code(201).send(String(this.gateway === app.gateway))
      }
    },
    {
      path: '/thrown',
      handler: () => {
        throw Object.assign(new Error('teapot'), { statusCode: 418 })
      }
    },
    {
      path: '/rejected',
      handler: async () => {
        throw new GatewayError('no_endpoint')
      }
    },
    { path: '/none', handler: (request) => request.params }
  ]
  const app: FastifyInstance = await createApp(t, { config: { routes } })
  const get = async (url: string) => {
    const { statusCode, body } = await app.inject(url)
    return [statusCode, body]
  }
  assert.deepEqual(await get('/value/a%20b'), [200, '{"id":"a b"}'])
  assert.deepEqual(await get('/promise'), [200, 'promise'])
  assert.deepEqual(await get('/reply'), [201, 'true'])
  assert.equal((await get('/thrown'))[0], 418)
  assert.equal((await get('/rejected'))[0], 503)
  assert.deepEqual(await get('/none'), [200, '{}'])
})

test('hooks of gateway, policies and route run in this order, by callback or promise, on the instance', async (t) => {
  const log: string[] = []
  const callback = (name: string) =>
    function (this: FastifyInstance, _request: unknown, _reply: unknown, done: () => void) {
      log.push(`${name} ${this.gateway !== undefined}`)
      done()
    }
  const promise = (name: string) => async (): Promise<void> => {
    await null
    log.push(name)
  }
  const app = await createApp(t, {
    config: {
      hooks: { onRequest: callback('gateway'), onResponse: [promise('response 1'), callback('response 2')] },
      policies: { one: { hooks: { onRequest: [promise('policy')], preHandler: callback('pre 1') } } },
      routes: [
        {
          path: '/a',
          use: ['one'],
          hooks: { onRequest: callback('route'), preHandler: promise('pre 2') },
          handler: async () => log.push('handler')
        },
        { path: '/b', handler: () => 'b' }
      ]
    }
  })
  await app.inject('/a')
  assert.deepEqual(log, [
    'gateway true',
    'policy',
    'route true',
    'pre 1 true',
    'pre 2',
    'handler',
    'response 1',
    'response 2 true'
  ])
  log.length = 0
  await app.inject('/b')
  assert.deepEqual(log, ['gateway true', 'response 1', 'response 2 true'])
})

test('the hooks of the gateway run for a request without a route, those of routes do not', async (t) => {
  const log: string[] = []
  const note = (name: string) => async () => void log.push(name)
  const routes = [{ path: '/a', hooks: { onRequest: note('route') }, ...respond('') }]
  const options: RoutingOptions = { notFound: 'gateway' }
  const app = await createApp(t, { options, config: { hooks: { onRequest: note('gateway') }, routes } })
  assert.equal((await app.inject('/b')).statusCode, 404)
  assert.deepEqual(log, ['gateway'])
})

test('hooks see the matched route and its parameters', async (t) => {
  const seen: unknown[] = []
  const app = await createApp(t, {
    config: {
      hooks: {
        onRequest: async ({ exchange, params }) =>
          void seen.push(exchange?.route?.id, exchange?.pool?.id, params)
      },
      routes: [{ id: 'r', path: '/:x', pool: 'p' }]
    }
  })
  await app.inject('/1')
  assert.deepEqual(seen, ['r', 'p', { x: '1' }])
})

test('onSend hooks replace the payload one after another', async (t) => {
  const app = await createApp(t, {
    config: {
      routes: [
        {
          path: '/a',
          ...respond('a'),
          hooks: {
            onSend: [
              (_request, _reply, payload, done) => done(null, `${payload}b`),
              async (_request, _reply, payload) => `${payload}c`,
              (_request, _reply, _payload, done) => done(),
              async () => {}
            ]
          }
        },
        { path: '/b', ...respond('b') }
      ]
    }
  })
  assert.equal((await app.inject('/a')).body, 'abc')
  assert.equal((await app.inject('/b')).body, 'b')
})

test('a hook that sends the reply ends the chain', async (t) => {
  for (const phase of ['onRequest', 'preHandler'] as const) {
    const log: string[] = []
    const after = async (): Promise<void> => void log.push('after')
    const app = await createApp(t, {
      config: {
        routes: [
          {
            path: '/callback',
            hooks: {
              [phase]: [(_request: unknown, reply: { send(body: string): void }) => reply.send('stop'), after]
            },
            handler: async () => log.push('handler')
          },
          {
            path: '/promise',
            hooks: {
              [phase]: [
                async (_request: unknown, reply: { send(body: string): unknown }) => reply.send('stop'),
                after
              ]
            },
            handler: async () => log.push('handler')
          }
        ]
      }
    })
    assert.equal((await app.inject('/callback')).body, 'stop')
    assert.equal((await app.inject('/promise')).body, 'stop')
    assert.deepEqual(log, [])
  }
})

test('a hook that fails, in whatever way, ends in an error answer', async (t) => {
  const error = Object.assign(new Error('no'), { statusCode: 403 })
  const handler = (): string => 'handler'
  const failing = (hook: unknown, phase = 'preHandler') => ({ hooks: { [phase]: hook }, handler })
  const app = await createApp(t, {
    config: {
      routes: [
        {
          path: '/callback',
          ...failing((_request: unknown, _reply: unknown, done: (e: Error) => void) => done(error))
        },
        { path: '/promise', ...failing(async () => Promise.reject(error)) },
        {
          path: '/throw',
          ...failing(() => {
            throw error
          })
        },
        { path: '/nothing', ...failing(() => Promise.reject()) },
        { path: '/send', ...failing(async () => Promise.reject(error), 'onSend') },
        {
          path: '/gateway',
          ...failing(async () => Promise.reject(new GatewayError('draining')), 'onRequest')
        }
      ]
    }
  })
  const statuses: Record<string, number> = {
    callback: 403,
    promise: 403,
    throw: 403,
    nothing: 500,
    send: 403,
    gateway: 503
  }
  for (const [url, status] of Object.entries(statuses))
    assert.equal((await app.inject(`/${url}`)).statusCode, status, url)
})

test('every phase is mounted from the start, as a later configuration may use it', async (t) => {
  const mounted: RouteOptions[] = []
  const before = (app: FastifyInstance) =>
    void app.addHook('onRoute', (route) => void mounted.push({ ...route }))
  const routes = [{ path: '/*', ...respond('') }]
  await createApp(t, { config: { routes }, before })
  await createApp(t, { config: { routes, policies: { one: { hooks: { onSend: async () => {} } } } }, before })
  assert.deepEqual(
    mounted.map(({ onRequest, preHandler, onSend, onResponse }) => [
      [onRequest].flat().length,
      preHandler !== undefined,
      onSend !== undefined,
      onResponse !== undefined
    ]),
    Array.from({ length: 4 }, () => [2, true, true, false])
  )
})

test('a request that is refused before it is routed runs no hooks of routes', async (t) => {
  const log: string[] = []
  const note = async (): Promise<void> => void log.push('hook')
  const routes = [{ path: '/*', hooks: { onRequest: note, onSend: note, onResponse: note }, ...respond('') }]
  const app = await createApp(t, { config: { routes } })
  assert.match(await overSocket(app, 'GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n'), /^HTTP\/1\.1 400 /)
  assert.deepEqual(log, [])
})
