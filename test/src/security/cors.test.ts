import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type CorsConfig, createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'

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
