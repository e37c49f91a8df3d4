import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fastifyCors from '@fastify/cors'
import gatewayPlugin, { type CorsConfig, createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawClient } from '@gatewright/testing'
import { fastify } from 'fastify'
import { startGateway } from '../support/start-gateway.js'

const SHOP = 'https://shop.example'
const EVIL = 'https://evil.example'

/** A gateway with one upstream, and what a browser would ask of it. */
async function started(t: TestContext, config: (upstream: string) => GatewayServerConfig) {
  const upstream = await fakeUpstream(t, {
    headers: { 'access-control-allow-origin': '*', 'access-control-max-age': '5', vary: 'Accept' }
  })
  const gateway = createGateway({ logger: false, accessLog: false, ...config(upstream.url) })
  t.after(() => gateway.close())
  await gateway.ready()
  return {
    upstream,
    gateway,
    get: (origin?: string, url = '/', headers: Record<string, string> = {}) =>
      gateway.inject({ url, headers: { ...(origin === undefined ? {} : { origin }), ...headers } }),
    preflight: (origin: string, method: string, headers: Record<string, string> = {}, url = '/') =>
      gateway.inject({
        method: 'OPTIONS',
        url,
        headers: { origin, 'access-control-request-method': method, ...headers }
      })
  }
}

const single =
  (cors: CorsConfig, more: object = {}) =>
  (url: string): GatewayServerConfig => ({
    pools: { main: { endpoints: [url] } },
    routes: [{ path: '/*', pool: 'main', cors, ...more }]
  })

test('a preflight of an allowed origin is answered by the gateway, and the upstream does not see it', async (t) => {
  const { preflight, upstream } = await started(
    t,
    single({ origins: [SHOP], credentials: true, maxAge: '10m' })
  )
  const response = await preflight(SHOP, 'PUT', { 'access-control-request-headers': 'content-type,x-a' })
  assert.equal(response.statusCode, 204)
  assert.equal(response.body, '')
  const { headers } = response
  assert.equal(headers['access-control-allow-origin'], SHOP)
  assert.equal(headers['access-control-allow-credentials'], 'true')
  assert.equal(headers['access-control-allow-methods'], 'GET, HEAD, PUT, PATCH, POST, DELETE')
  assert.equal(headers['access-control-allow-headers'], 'content-type,x-a')
  assert.equal(headers['access-control-max-age'], '600')
  assert.equal(headers['access-control-expose-headers'], undefined)
  assert.match(String(headers.vary), /^Origin, Access-Control-Request-Method, Access-Control-Request-Headers/)
  assert.equal(upstream.requests.length, 0)
})

test('a preflight of another origin gets 403 without a word of CORS', async (t) => {
  const { preflight, upstream } = await started(t, single({ origins: [SHOP] }))
  const response = await preflight(EVIL, 'PUT')
  assert.deepEqual([response.statusCode, response.json().reason], [403, 'origin_not_allowed'])
  assert.equal(response.headers['access-control-allow-origin'], undefined)
  assert.match(String(response.headers.vary), /Origin/)
  assert.equal(upstream.requests.length, 0)
})

test('an allowed origin reads the response, and the fields of the upstream are replaced', async (t) => {
  const { get } = await started(t, single({ origins: [SHOP], exposedHeaders: ['x-total', 'etag'] }))
  const { headers } = await get(SHOP)
  assert.equal(headers['access-control-allow-origin'], SHOP)
  assert.equal(headers['access-control-expose-headers'], 'x-total, etag')
  assert.equal(headers['access-control-max-age'], undefined)
  assert.equal(headers.vary, 'Accept, Origin')
})

test('without credentials, several fields may be exposed, or all', async (t) => {
  for (const exposedHeaders of [['x-total', 'etag'], ['*']]) {
    const { get } = await started(t, single({ origins: '*', exposedHeaders, credentials: false }))
    const { headers } = await get(SHOP)
    assert.equal(headers['access-control-expose-headers'], exposedHeaders.join(', '))
  }
})

test('another origin is forwarded and cannot read the response', async (t) => {
  const { get, upstream } = await started(t, single({ origins: [SHOP] }))
  const { statusCode, headers } = await get(EVIL)
  assert.equal(statusCode, 200)
  assert.equal(headers['access-control-allow-origin'], undefined)
  assert.equal(headers.vary, 'Accept, Origin')
  assert.equal(upstream.requests.length, 1)
})

test('a response to a request without an origin varies by it all the same', async (t) => {
  const { get } = await started(t, single({ origins: [SHOP] }))
  const { headers } = await get()
  assert.equal(headers.vary, 'Accept, Origin')
  assert.equal(headers['access-control-allow-origin'], undefined)
})

test("'*' is said to every request, so that a cache may keep one response for all", async (t) => {
  const { get } = await started(t, single({ origins: '*' }))
  for (const origin of [undefined, EVIL]) {
    const { headers } = await get(origin)
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal(headers.vary, 'Accept')
  }
})

test('a preflight finds the route of the method that it asks for', async (t) => {
  const { preflight, upstream } = await started(t, (url) => ({
    pools: { main: { endpoints: [url] } },
    routes: [
      { path: '/things', methods: ['PUT'], pool: 'main', cors: { origins: [SHOP] } },
      { path: '/things', methods: ['DELETE'], pool: 'main', cors: { origins: ['https://admin.example'] } },
      { path: '/*', pool: 'main' }
    ]
  }))
  const put = await preflight(SHOP, 'PUT', {}, '/things')
  assert.deepEqual([put.statusCode, put.headers['access-control-allow-methods']], [204, 'PUT'])
  assert.equal((await preflight(SHOP, 'DELETE', {}, '/things')).statusCode, 403)
  assert.equal((await preflight('https://admin.example', 'DELETE', {}, '/things')).statusCode, 204)
  assert.equal(upstream.requests.length, 0)
  assert.equal((await preflight(SHOP, 'GET', {}, '/other')).statusCode, 200)
  assert.equal(upstream.requests.length, 1)
})

test('OPTIONS that is no preflight goes to the upstream', async (t) => {
  const { gateway, upstream } = await started(t, single({ origins: [SHOP] }))
  await gateway.inject({ method: 'OPTIONS', url: '/' })
  await gateway.inject({ method: 'OPTIONS', url: '/', headers: { origin: SHOP } })
  await gateway.inject({ method: 'OPTIONS', url: '/', headers: { 'access-control-request-method': 'PUT' } })
  assert.deepEqual(
    upstream.requests.map(({ method }) => method),
    ['OPTIONS', 'OPTIONS', 'OPTIONS']
  )
})

test('errors of the gateway can be read by the pages that may read responses', async (t) => {
  const { get, upstream } = await started(t, (url) => ({
    pools: { main: { endpoints: [url] } },
    routes: [
      {
        path: '/*',
        pool: 'main',
        cors: { origins: [SHOP] },
        rateLimit: { limit: 1, window: '1h' }
      }
    ]
  }))
  await get(SHOP)
  const refused = await get(SHOP)
  assert.equal(refused.statusCode, 429)
  assert.equal(refused.headers['access-control-allow-origin'], SHOP)
  assert.equal((await get(EVIL)).headers['access-control-allow-origin'], undefined)
  assert.equal(upstream.requests.length, 1)
})

for (const [cors, problem] of [
  [{ origins: '*', credentials: true }, /cors\.credentials: cannot be with origins '\*'/],
  [{ origins: [] }, /cors\.origins: allows nobody/],
  [{ origins: 'shop.example' }, /'shop\.example' is not an origin; did you mean 'https:\/\/shop\.example'/],
  [{ origins: ['https://shop.example/'] }, /did you mean 'https:\/\/shop\.example'/],
  [{ origins: ['https://Shop.example'] }, /did you mean 'https:\/\/shop\.example'/],
  [{ origins: ['https://shop.example:443'] }, /default port out; did you mean 'https:\/\/shop\.example'/],
  [{ origins: ['https://bücher.example'] }, /did you mean 'https:\/\/xn--bcher-kva\.example'/],
  [{ origins: ['*'] }, /'\*' means all origins and stands alone/],
  [{ origins: ['https://*.com'] }, /would allow every site below '\.com'/],
  [{ origins: ['https://a.*.example'] }, /stands for subdomains/],
  [{ origins: ['null'], credentials: true }, /cannot be with the origin 'null'/],
  [{ origins: /.*/, credentials: true }, /matches every origin/],
  [{ origins: /(a+)+b/ }, /could take more than linear time/],
  [{ origins: /https:.*/m }, /flag 'm' is not supported/],
  [{ origins: 7 }, /must be an origin such as/],
  [{ origins: [SHOP], methods: ['put'] }, /cors\.methods\[0\]: 'put' must be a method in upper case/],
  [{ origins: [SHOP], exposedHeaders: ['*'], credentials: true }, /means nothing to browsers/],
  [{ origins: [SHOP], allowedHeaders: ['a b'] }, /allowedHeaders\[0\]/],
  [{}, /cors: 'origins' is missing/]
] as const)
  test(`the start is refused for cors ${JSON.stringify(cors, (_, value) => (value instanceof RegExp ? String(value) : value))}`, async () => {
    const gateway = createGateway({
      logger: false,
      routes: [{ path: '/*', respond: { status: 204 }, cors: cors as never }]
    })
    await assert.rejects(async () => gateway.ready(), { code: 'GW_CONFIG_INVALID', message: problem })
  })

for (const form of ['with a table', 'with a table below a prefix', 'without a table'] as const)
  test(`a native route has its preflights answered: ${form}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const app = fastify()
    t.after(() => app.close())
    await app.register(gatewayPlugin, {
      prefix: form === 'with a table below a prefix' ? '/api' : '',
      pools: { main: { endpoints: [upstream.url] } },
      nativeFirst: 'strict',
      policies: { admin: { cors: { origins: ['https://admin.example'] } } },
      routes: form === 'without a table' ? [] : [{ path: '/api/*', pool: 'main', cors: { origins: [SHOP] } }]
    })
    const gateway = { pool: 'main', cors: { origins: [SHOP] } }
    app.get('/items/:id', { config: { gateway } }, app.gateway.forward)
    app.put('/items/:id', { config: { gateway: { pool: 'main', use: ['admin'] } } }, app.gateway.forward)
    app.post('/off', { config: { gateway: { pool: 'main' } } }, app.gateway.forward)
    app.patch('/own', async () => 'none of the gateway’s')
    app.setNotFoundHandler((_request, reply) => reply.code(404).send('the app’s own'))
    const ask = (url: string, method: string, origin = SHOP) =>
      app.inject({ method: 'OPTIONS', url, headers: { origin, 'access-control-request-method': method } })
    const found = await ask('/items/7', 'GET')
    assert.deepEqual([found.statusCode, found.headers['access-control-allow-methods']], [204, 'GET'])
    assert.equal((await ask('/items/7', 'PUT')).statusCode, 403)
    assert.equal((await ask('/items/7', 'PUT', 'https://admin.example')).statusCode, 204)
    for (const [url, method] of [
      ['/off', 'POST'],
      ['/own', 'PATCH'],
      ['/nowhere', 'GET']
    ] as const) {
      const other = await ask(url, method)
      assert.equal(other.headers['access-control-allow-origin'], undefined, url)
      assert.equal(other.statusCode >= 404, true, url)
    }
    if (form === 'without a table') assert.equal((await ask('/nowhere', 'GET')).body, 'the app’s own')
    else assert.equal((await ask('/api/x', 'DELETE')).statusCode, 204)
    const response = await app.inject({ url: '/items/7', headers: { origin: SHOP } })
    assert.equal(response.headers['access-control-allow-origin'], SHOP)
    assert.equal(upstream.requests.length, 1)
  })

test('a native route that takes OPTIONS itself answers its preflights, and forwards other OPTIONS', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = fastify()
  t.after(() => app.close())
  await app.register(gatewayPlugin, { pools: { main: { endpoints: [upstream.url] } } })
  const config = { gateway: { pool: 'main', cors: { origins: [SHOP] } } }
  app.route({ method: ['GET', 'OPTIONS'], url: '/x', config, handler: app.gateway.forward })
  const headers = { origin: SHOP, 'access-control-request-method': 'GET' }
  const preflight = await app.inject({ method: 'OPTIONS', url: '/x', headers })
  assert.deepEqual([preflight.statusCode, preflight.headers['access-control-allow-methods']], [204, 'GET'])
  await app.inject({ method: 'OPTIONS', url: '/x' })
  assert.deepEqual(
    upstream.requests.map(({ method }) => method),
    ['OPTIONS']
  )
})

test('routes whose preflights @fastify/cors takes stop the start, and where both answer the log says so', async (t) => {
  for (const [path, refused] of [
    ['/*', true],
    ['/api/*', false]
  ] as const) {
    const lines: string[] = []
    const app = fastify({ logger: { level: 'warn', stream: { write: (line) => void lines.push(line) } } })
    t.after(() => app.close())
    await app.register(fastifyCors, { origin: SHOP })
    await app.register(gatewayPlugin, {
      pools: { main: { endpoints: ['http://127.0.0.1:1'] } },
      routes: [{ path, pool: 'main', cors: { origins: [SHOP] } }]
    })
    if (refused)
      await assert.rejects(async () => app.ready(), { message: /routes\[0\]: its preflights never get here/ })
    else {
      await app.ready()
      assert.match(lines.join(''), /both @fastify\/cors and `cors` of the gateway/)
    }
  }
})

test('what one route allows, no other route allows for it', async (t) => {
  const { preflight, upstream } = await started(t, (url) => ({
    pools: { main: { endpoints: [url] } },
    cors: { origins: '*' },
    routes: [
      { path: '/secret', methods: ['PUT'], pool: 'main', cors: false },
      { path: '/*', pool: 'main' }
    ]
  }))
  const response = await preflight(EVIL, 'PUT', {}, '/secret')
  assert.equal(response.headers['access-control-allow-methods'], undefined)
  assert.equal(upstream.requests[0]?.method, 'OPTIONS')
  assert.equal((await preflight(EVIL, 'POST', {}, '/secret')).statusCode, 204)
})

test('a preflight finds a route with a header condition by the header that it announces', async (t) => {
  const { preflight } = await started(t, (url) => ({
    pools: { main: { endpoints: [url] } },
    routes: [{ path: '/x', headers: { 'x-version': '2' }, pool: 'main', cors: { origins: [SHOP] } }]
  }))
  const announced = { 'access-control-request-headers': 'content-type, X-Version' }
  assert.equal((await preflight(SHOP, 'GET', announced, '/x')).statusCode, 204)
  assert.equal((await preflight(SHOP, 'GET', {}, '/x')).statusCode, 404)
})

test('a preflight for a method that no route takes is told the methods that there are', async (t) => {
  const { preflight, get } = await started(t, (url) => ({
    pools: { main: { endpoints: [url] } },
    routes: [{ path: '/x', methods: ['GET'], pool: 'main', cors: { origins: [SHOP] } }]
  }))
  const response = await preflight(SHOP, 'DELETE', {}, '/x')
  assert.deepEqual(
    [response.statusCode, response.headers['access-control-allow-methods']],
    [204, 'GET, HEAD']
  )
  assert.equal((await preflight(SHOP, 'GET', {}, '/y')).statusCode, 404)
  assert.equal((await get(SHOP, '/y')).headers['access-control-allow-origin'], undefined)
})

test('at the top it holds for what no route takes, too', async (t) => {
  const { preflight, get } = await started(t, () => ({ cors: { origins: [SHOP] }, routes: [] }))
  assert.equal((await preflight(SHOP, 'PUT', {}, '/nowhere')).statusCode, 204)
  const missing = await get(SHOP, '/nowhere')
  assert.deepEqual([missing.statusCode, missing.headers['access-control-allow-origin']], [404, SHOP])
})

test('explain() tells where a preflight goes, and what it goes through', async (t) => {
  const { gateway } = await started(t, (url) => ({
    pools: { main: { endpoints: [url] } },
    routes: [
      { id: 'put', path: '/x', methods: ['PUT'], pool: 'main', cors: { origins: [SHOP] } },
      { id: 'rest', path: '/*', pool: 'main' }
    ]
  }))
  const headers = { origin: SHOP, 'access-control-request-method': 'PUT' }
  const { route, steps } = gateway.app.gateway.explain({ method: 'OPTIONS', url: '/x', headers })
  assert.equal(route, 'put')
  assert.deepEqual(steps, ['onRequest: cors', 'onSend: cors'])
  assert.equal(gateway.app.gateway.explain({ method: 'OPTIONS', url: '/x' }).route, 'rest')
})

test('in observe mode nothing changes, and what would be refused is told', async (t) => {
  const cors = { mode: 'observe', origins: [SHOP], refuseOthers: true } as const
  const { gateway, preflight, get, upstream } = await started(t, single(cors))
  const told: unknown[] = []
  gateway.app.gateway.events.on('observed', ({ reason, because }) => void told.push(`${reason} ${because}`))
  const response = await preflight(EVIL, 'PUT')
  assert.deepEqual([response.statusCode, response.headers['access-control-max-age']], [200, '5'])
  await preflight(SHOP, 'PUT')
  assert.equal((await get(EVIL)).headers['access-control-allow-origin'], '*')
  assert.equal(upstream.requests.length, 3)
  assert.deepEqual(told, [`origin_not_allowed origin '${EVIL}'`, `origin_not_allowed origin '${EVIL}'`])
})

test('refuseOthers refuses pages of other origins, and neither the same origin nor who is no browser', async (t) => {
  const cors = { origins: [SHOP], refuseOthers: true }
  const { get, upstream } = await started(t, (url) => ({
    ...single(cors)(url),
    trustedProxies: ['127.0.0.1']
  }))
  const api = { host: 'api.example', 'x-forwarded-proto': 'https' }
  for (const [origin, headers, status] of [
    [undefined, {}, 200],
    [SHOP, {}, 200],
    [EVIL, {}, 403],
    ['null', {}, 403],
    ['https://api.example', api, 200],
    ['http://api.example', api, 403],
    ['https://api.example:444', api, 403],
    ['https://api.example.evil.example', api, 403],
    [EVIL, { ...api, 'sec-fetch-site': 'same-origin' }, 200],
    ['https://api.example', { ...api, 'sec-fetch-site': 'cross-site' }, 403]
  ] as const)
    assert.equal((await get(origin, '/', headers)).statusCode, status, `${origin} ${JSON.stringify(headers)}`)
  assert.equal(upstream.requests.length, 4)
})

test('a function decides, also later; one that fails allows nobody and is reported', async (t) => {
  const lines: string[] = []
  const logger = { level: 'warn', stream: { write: (line: string) => void lines.push(line) } }
  for (const [origins, allowed] of [
    [(origin: string) => origin === SHOP, true],
    [async (origin: string) => origin === SHOP, true],
    [(_: string, { host }: { host: string }) => host === 'api.example', true],
    [() => 'yes' as never, false],
    [async () => 1 as never, false],
    [
      () => {
        throw new Error('broken')
      },
      false
    ],
    [async () => Promise.reject(new Error('broken')), false]
  ] as const) {
    const { get, preflight } = await started(t, (url) => ({ ...single({ origins })(url), logger }))
    const api = { host: 'api.example' }
    assert.equal(
      (await get(SHOP, '/', api)).headers['access-control-allow-origin'],
      allowed ? SHOP : undefined
    )
    assert.equal((await preflight(SHOP, 'PUT', api)).statusCode, allowed ? 204 : 403)
  }
  assert.equal(lines.filter((line) => line.includes('cors.origins of route')).length >= 4, true)
})

test('a private network is opened where it is asked for and allowed', async (t) => {
  for (const privateNetwork of [true, false]) {
    const { preflight } = await started(t, single({ origins: [SHOP], privateNetwork }))
    const asked = await preflight(SHOP, 'GET', { 'access-control-request-private-network': 'true' })
    assert.equal(asked.headers['access-control-allow-private-network'], privateNetwork ? 'true' : undefined)
    assert.equal((await preflight(SHOP, 'GET')).headers['access-control-allow-private-network'], undefined)
  }
})

test('what a preflight asks for in odd ways is not repeated to it', async (t) => {
  const { preflight, gateway, upstream } = await started(t, single({ origins: [SHOP], methods: '*' }))
  const odd = await preflight(SHOP, 'PURGE', { 'access-control-request-headers': 'a b; "c"' })
  assert.equal(odd.headers['access-control-allow-methods'], 'PURGE')
  const strange = await preflight(SHOP, 'PUT', { 'access-control-request-headers': 'x-a, <script>' })
  assert.equal(strange.headers['access-control-allow-headers'], undefined)
  const headers = { origin: SHOP, 'access-control-request-method': 'PUT, DELETE' }
  await gateway.inject({ method: 'OPTIONS', url: '/', headers })
  assert.equal(upstream.requests.length, 1)
})

test('an origin that is sent twice is none', async (t) => {
  const { get, preflight } = await started(t, single({ origins: [SHOP, /https:.*/] }))
  const twice = `${SHOP}, ${EVIL}`
  assert.equal((await get(twice)).headers['access-control-allow-origin'], undefined)
  assert.equal((await preflight(twice, 'PUT')).statusCode, 403)
})

test('origins of a new configuration hold from the next request on', async (t) => {
  const { gateway, get } = await started(t, single({ origins: [SHOP] }))
  const { config } = gateway.app.gateway
  await gateway.app.gateway.apply({
    ...config,
    routes: [{ path: '/*', pool: 'main', cors: { origins: [EVIL] } }]
  })
  assert.equal((await get(SHOP)).headers['access-control-allow-origin'], undefined)
  assert.equal((await get(EVIL)).headers['access-control-allow-origin'], EVIL)
  await gateway.app.gateway.apply({ ...config, routes: [{ path: '/*', pool: 'main' }] })
  assert.equal((await get(SHOP)).headers['access-control-allow-origin'], '*')
})

test('over a socket: two lines of Origin are none, and a method in other letters is another one', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, single({ origins: [SHOP] })(upstream.url))
  const client = await rawClient(port, { t })
  await client.write(`GET / HTTP/1.1\r\nHost: a\r\nOrigin: ${SHOP}\r\nOrigin: ${EVIL}\r\n\r\n`)
  const twice = await client.response()
  assert.doesNotMatch(twice.rawHead, /access-control-allow-origin/i)
  await client.write(
    `OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: ${SHOP}\r\nAccess-Control-Request-Method: put\r\n\r\n`
  )
  const small = await client.response({ to: 'OPTIONS' })
  assert.equal(small.status, 204)
  assert.match(small.rawHead, /access-control-allow-methods: GET, HEAD, PUT, PATCH, POST, DELETE\r\n/i)
})
