import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import helmet from '@fastify/helmet'
import gatewayPlugin, { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, reloadSuite } from '@gatewright/testing'
import fc from 'fast-check'
import { type FastifyInstance, fastify } from 'fastify'
import { registerFamily } from '../support/fastify-family.js'

const SHOP = 'https://shop.example'
const EVIL = 'https://evil.example'
const TEXT = 'a text that repeats itself. '.repeat(200)

const features = {
  cors: { origins: [SHOP], exposedHeaders: ['x-total'] },
  securityHeaders: true,
  compression: { encodings: ['gzip'] }
} as const

for (const order of ['first', 'last'] as const)
  test(`all of it works beside the family of Fastify plugins, with the gateway registered ${order}`, async (t) => {
    const upstream = await fakeUpstream(t, {
      headers: { 'content-type': 'text/html', 'access-control-allow-origin': EVIL },
      body: TEXT
    })
    const app = fastify()
    t.after(() => app.close())
    const register = () =>
      app.register(gatewayPlugin, {
        pools: { p: { endpoints: [upstream.url] } },
        routes: [{ path: '/api/*', pool: 'p', ...features }]
      })
    if (order === 'first') await register()
    await registerFamily(app)
    if (order === 'last') await register()
    // Its preflights would be those of @fastify/cors: that stops the start.
    const { cors: _, ...others } = features
    app.get('/native', { config: { gateway: { pool: 'p', ...others } } }, app.gateway.forward)
    for (const url of ['/api/x', '/native']) {
      const headers = { origin: SHOP, 'accept-encoding': 'gzip' }
      const response = await app.inject({ url, headers })
      if (url === '/api/x') {
        assert.equal(response.headers['access-control-allow-origin'], SHOP)
        assert.equal(response.headers['access-control-expose-headers'], 'x-total')
      }
      assert.equal(response.headers['x-frame-options'], 'SAMEORIGIN')
      assert.equal(response.headers['content-encoding'], 'gzip')
      assert.equal(String(gunzipSync(response.rawPayload)), TEXT)
      const varies = String(response.headers.vary).toLowerCase().split(', ')
      assert.deepEqual([...new Set(varies)].sort(), varies.toSorted())
      assert.equal(
        varies.includes('accept-encoding') && (url === '/native' || varies.includes('origin')),
        true
      )
    }
    const other = await app.inject({ url: '/api/x', headers: { origin: EVIL } })
    assert.equal(other.headers['access-control-allow-origin'], undefined)
  })

test('what a plugin has written to the response of Node stays, but for what CORS decides', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = fastify()
  t.after(() => app.close())
  await app.register(helmet, { frameguard: { action: 'deny' } })
  app.addHook('onRequest', async (_request, reply) => {
    reply.raw.setHeader('access-control-allow-origin', '*')
  })
  await app.register(gatewayPlugin, {
    pools: { p: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'p', ...features }]
  })
  const { headers } = await app.inject({ url: '/', headers: { origin: EVIL } })
  assert.equal(headers['x-frame-options'], 'DENY')
  assert.equal(headers['access-control-allow-origin'], undefined)
})

/** Answers of the gateway and of upstreams that go wrong, each as a page would get it. */
async function asked(t: TestContext, route: object, prepare: (upstream: FakeUpstream) => unknown = () => {}) {
  const upstream = await fakeUpstream(t)
  prepare(upstream)
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    pools: {
      main: { endpoints: [upstream.url], outlierDetection: false },
      gone: { endpoints: ['http://127.0.0.1:1'] }
    },
    routes: [{ path: '/*', pool: 'main', ...features, ...route }]
  } as GatewayServerConfig)
  t.after(() => gateway.close())
  await gateway.ready()
  const get = (headers: Record<string, string> = {}) =>
    gateway.inject({ url: '/', headers: { origin: SHOP, ...headers } })
  return { upstream, gateway, get }
}

for (const [what, route, status, script] of [
  ['an upstream that is not there', { pool: 'gone' }, 502],
  ['an upstream that breaks off before its head', {}, 502, { cut: 'mid-head', end: 'reset' }],
  ['a time limit', { timeouts: { firstByte: '50ms' } }, 504, { end: 'silence', cut: 'before-head' }],
  [
    'a hook that refuses',
    { hooks: { onRequest: async () => Promise.reject(Object.assign(new Error('no'), { statusCode: 401 })) } },
    401
  ],
  ['a hook that fails', { hooks: { preHandler: async () => Promise.reject(new Error('broken')) } }, 500],
  ['a fallback', { pool: 'gone', fallback: { respond: { status: 203, body: 'instead' } } }, 203],
  ['a fallback pool', { pool: 'gone', fallback: { pool: 'main' } }, 200],
  ['an answer of its own', { pool: undefined, respond: { status: 418 } }, 418],
  ['a redirect', { pool: undefined, redirect: { path: '/other' } }, 302],
  ['a retry', { retry: { attempts: 2, statuses: [503] } }, 200, { status: 503 }]
] as const)
  test(`the page reads the response of ${what}, once and with every field once`, async (t) => {
    const { get } = await asked(t, route, (upstream) => {
      if (script !== undefined) upstream.next(script as never)
    })
    const { statusCode, headers } = await get()
    assert.equal(statusCode, status)
    assert.equal(headers['access-control-allow-origin'], SHOP)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['content-encoding'], undefined)
    assert.equal(
      String(headers.vary)
        .split(', ')
        .filter((name) => name === 'Origin').length,
      1
    )
  })

test('fields that an upstream sends in several lines are replaced, all of them', async (t) => {
  const { get, upstream } = await asked(t, {})
  upstream.next({
    headers: [
      ['Access-Control-Allow-Origin', '*'],
      ['access-control-allow-origin', EVIL],
      ['ACCESS-CONTROL-ALLOW-CREDENTIALS', 'true'],
      ['access-control-expose-headers', 'x-secret'],
      ['Vary', 'Accept'],
      ['vary', 'origin, Accept']
    ]
  })
  const { headers } = await get()
  assert.equal(headers['access-control-allow-origin'], SHOP)
  assert.equal(headers['access-control-allow-credentials'], undefined)
  assert.equal(headers['access-control-expose-headers'], 'x-total')
  assert.equal([...String(headers.vary).matchAll(/origin/gi)].length, 1)
})

test("an upstream's Vary: * stays", async (t) => {
  const { get, upstream } = await asked(t, {})
  upstream.next({ headers: { vary: '*' } })
  assert.equal((await get()).headers.vary, '*')
})

test('a preflight is answered before authentication, and after limits', async (t) => {
  const upstream = await fakeUpstream(t)
  let asked = 0
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    pools: { main: { endpoints: [upstream.url] } },
    authentication: {
      schemes: {
        sessions: {
          type: 'custom',
          authenticate: () => {
            asked++
            return null
          }
        }
      }
    },
    routes: [
      { path: '/*', pool: 'main', ...features, auth: 'sessions', rateLimit: { limit: 3, window: '1h' } }
    ]
  })
  t.after(() => gateway.close())
  await gateway.ready()
  const headers = { origin: SHOP }
  const preflight = () =>
    gateway.inject({
      method: 'OPTIONS',
      url: '/',
      headers: { ...headers, 'access-control-request-method': 'GET' }
    })
  assert.deepEqual([(await preflight()).statusCode, (await preflight()).statusCode, asked], [204, 204, 0])
  const refused = await gateway.inject({ url: '/', headers })
  assert.deepEqual(
    [refused.statusCode, refused.headers['access-control-allow-origin'], asked],
    [401, SHOP, 1]
  )
  const limited = await preflight()
  assert.deepEqual(
    [limited.statusCode, limited.headers['access-control-allow-origin'], asked],
    [429, SHOP, 1]
  )
  assert.equal(upstream.requests.length, 0)
})

const SAFE_METHODS = ['GET', 'HEAD', 'POST']

/** What a browser does (Fetch standard, "HTTP fetch", "CORS-preflight fetch" and "CORS check"), without caches. */
async function browse(
  app: FastifyInstance,
  page: { origin: string; method: string; headers: readonly string[]; credentials: boolean }
): Promise<'refused' | 'unreadable' | 'read'> {
  const { origin, method, headers, credentials } = page
  const reads = ({ headers: got }: { headers: Record<string, unknown> }) => {
    const allowed = got['access-control-allow-origin']
    if (!credentials && allowed === '*') return true
    return allowed === origin && (!credentials || got['access-control-allow-credentials'] === 'true')
  }
  if (!SAFE_METHODS.includes(method) || headers.length > 0) {
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/x',
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers.length > 0 ? { 'access-control-request-headers': headers.join(',') } : {})
      }
    })
    const listed = (name: string) =>
      String(preflight.headers[name] ?? '')
        .split(',')
        .map((item) => item.trim())
    const methods = listed('access-control-allow-methods')
    const names = listed('access-control-allow-headers').map((name) => name.toLowerCase())
    const isAllowed =
      reads(preflight) &&
      preflight.statusCode >= 200 &&
      preflight.statusCode < 300 &&
      (SAFE_METHODS.includes(method) ||
        methods.includes(method) ||
        (!credentials && methods.includes('*'))) &&
      headers.every((name) => names.includes(name))
    if (!isAllowed) return 'refused'
  }
  const sent = Object.fromEntries(headers.map((name) => [name, '1']))
  return reads(await app.inject({ method: method as 'GET', url: '/x', headers: { origin, ...sent } }))
    ? 'read'
    : 'unreadable'
}

test('a browser lets pages do what the configuration says, and nothing else', async () => {
  const origins = [SHOP, EVIL, 'https://a.shop.example', 'null', 'http://shop.example']
  const names = ['x-a', 'x-b', 'authorization']
  const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        origins: fc.constantFrom(
          '*',
          [SHOP],
          ['https://*.shop.example'],
          [/https:\/\/shop\.example/],
          ['null', SHOP]
        ),
        credentials: fc.boolean(),
        methods: fc.constantFrom(undefined, '*', ['PUT']),
        allowedHeaders: fc.constantFrom(undefined, [], ['X-A']),
        of: fc.constantFrom(undefined, ['GET', 'PUT'])
      }),
      fc.array(
        fc.record({
          origin: fc.constantFrom(...origins),
          method: fc.constantFrom(...methods),
          headers: fc.subarray(names),
          credentials: fc.boolean()
        }),
        { minLength: 1, maxLength: 4 }
      ),
      async ({ of, ...options }, pages) => {
        const list = [options.origins].flat() as (string | RegExp)[]
        fc.pre(!(options.credentials && (options.origins === '*' || list.includes('null'))))
        const cors = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
        const gateway = createGateway({
          logger: false,
          accessLog: false,
          routes: [
            { path: '/x', ...(of === undefined ? {} : { methods: of }), respond: {}, cors: cors as never }
          ]
        } as GatewayServerConfig)
        await gateway.ready()
        try {
          for (const page of pages) {
            const isListed =
              options.origins === '*' ||
              list.some((one) =>
                one instanceof RegExp
                  ? page.origin === SHOP
                  : one.includes('*')
                    ? page.origin === 'https://a.shop.example'
                    : one === page.origin
              )
            const reads = isListed && (!page.credentials || options.credentials)
            const takes = options.methods ?? of ?? ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE']
            const mayMethod =
              SAFE_METHODS.includes(page.method) || takes === '*' || takes.includes(page.method as never)
            const mayHeaders =
              options.allowedHeaders === undefined ||
              page.headers.every((name) => name === 'x-a' && options.allowedHeaders?.length === 1)
            const asks = !SAFE_METHODS.includes(page.method) || page.headers.length > 0
            // What no route takes has no CORS where it is the route's own.
            const exists = of === undefined || of.includes(page.method as never)
            const expected =
              asks && !(reads && mayMethod && mayHeaders)
                ? 'refused'
                : reads && exists
                  ? 'read'
                  : 'unreadable'
            assert.equal(
              await browse(gateway.app as never, page),
              expected,
              JSON.stringify([options, of, page])
            )
          }
        } finally {
          await gateway.close()
        }
      }
    ),
    { numRuns: 60, seed: 13 }
  )
})

const configured = (route: object): GatewayServerConfig =>
  ({
    logger: false,
    accessLog: false,
    pools: { main: { endpoints: ['http://a.test'] } },
    routes: [{ id: 'all', path: '/*', pool: 'main', ...route }]
  }) as GatewayServerConfig

reloadSuite('CORS, security headers and compression', {
  create: (config, seams) => createGateway(config as GatewayServerConfig, seams),
  config: () => configured({ ...features }),
  changed: () => configured({ cors: { origins: [EVIL] }, securityHeaders: { xFrameOptions: 'DENY' } }),
  off: () => configured({}),
  observe: ({ gateway }) => gateway.snapshot.routes.map(({ pipeline }) => pipeline.names)
})
