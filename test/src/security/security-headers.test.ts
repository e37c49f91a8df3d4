import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import helmet from '@fastify/helmet'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { fastify } from 'fastify'

async function started(
  t: TestContext,
  config: Partial<GatewayServerConfig>,
  route: object = {},
  options: Parameters<typeof fakeUpstream>[1] = {}
) {
  const upstream = await fakeUpstream(t, options)
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    trustedProxies: ['127.0.0.1'],
    pools: { main: { endpoints: [upstream.url] } },
    routes: [{ id: 'all', path: '/*', pool: 'main', ...route }],
    ...config
  } as GatewayServerConfig)
  t.after(() => gateway.close())
  await gateway.ready()
  const get = (headers: Record<string, string> = {}, url = '/') => gateway.inject({ url, headers })
  return { upstream, gateway, get }
}

const TLS = { 'x-forwarded-proto': 'https' }

test('true is what Helmet sends by default, to clients with TLS', async (t) => {
  const app = fastify()
  t.after(() => app.close())
  await app.register(helmet)
  app.get('/', async () => 'ok')
  const theirs = (await app.inject('/')).headers
  const { get } = await started(t, { securityHeaders: true })
  const ours = (await get(TLS)).headers
  const names = Object.keys(theirs).filter(
    (name) => !/^(?:content-(?:type|length)|date|connection)$/.test(name)
  )
  assert.equal(names.length > 10, true)
  for (const name of names) assert.equal(ours[name], theirs[name], name)
})

test('a client without TLS is told neither to use TLS only nor to upgrade', async (t) => {
  const { get } = await started(t, { securityHeaders: true })
  const { headers } = await get()
  assert.equal(headers['strict-transport-security'], undefined)
  assert.doesNotMatch(String(headers['content-security-policy']), /upgrade-insecure-requests/)
  assert.equal(headers['x-content-type-options'], 'nosniff')
})

test('whoever is not trusted cannot say that it has TLS', async (t) => {
  const { gateway } = await started(t, { securityHeaders: true })
  const response = await gateway.inject({ url: '/', headers: TLS, remoteAddress: '192.0.2.1' })
  assert.equal(response.headers['strict-transport-security'], undefined)
})

test('what the upstream says is kept or replaced, and what it tells of itself is removed', async (t) => {
  const headers = { 'x-frame-options': 'DENY', 'x-powered-by': 'PHP/5', server: 'old/1' }
  for (const [securityHeaders, frame, server] of [
    [true, 'DENY', 'old/1'],
    [{ upstream: 'keep', remove: ['Server'] }, 'DENY', undefined],
    [{ upstream: 'replace', remove: ['server', 'x-powered-by'] }, 'SAMEORIGIN', undefined]
  ] as const) {
    const { get } = await started(t, { securityHeaders } as never, {}, { headers })
    const found = (await get()).headers
    assert.deepEqual([found['x-frame-options'], found.server], [frame, server])
    if (securityHeaders === true) assert.equal(found['x-powered-by'], undefined)
  }
})

test('a 304 gets none: browsers would put it over the policy of the page that they have', async (t) => {
  const policy = "default-src 'self'; script-src 'nonce-r4nd0m'"
  const page = { etag: '"a"', 'content-security-policy': policy }
  const { get, upstream } = await started(t, { securityHeaders: true }, {}, { headers: page })
  assert.equal((await get(TLS)).headers['content-security-policy'], policy)
  upstream.next({ status: 304, headers: { etag: '"a"' } })
  const unmodified = await get({ ...TLS, 'if-none-match': '"a"' })
  assert.equal(unmodified.statusCode, 304)
  const { headers } = await get(TLS)
  const added = Object.keys(headers).filter((name) =>
    /^(?:content-security|cross-origin|x-frame|strict)/.test(name)
  )
  assert.equal(added.length, 5)
  for (const name of added) assert.equal(unmodified.headers[name], undefined, name)
  upstream.next({ status: 304, headers: page })
  assert.equal((await get({ 'if-none-match': '"a"' })).headers['content-security-policy'], policy)
})

test('errors of the gateway have them, a hook of the user’s wins, and a route can do without', async (t) => {
  const hooks = {
    onSend: async (_request: unknown, reply: { header(name: string, value: string): unknown }) =>
      void reply.header('x-frame-options', 'DENY')
  }
  const { get } = await started(t, {
    securityHeaders: { upstream: 'replace' },
    routes: [
      { path: '/hook', pool: 'main', hooks: hooks as never },
      { path: '/off', pool: 'main', securityHeaders: false }
    ]
  })
  const missing = await get({}, '/nowhere')
  assert.deepEqual([missing.statusCode, missing.headers['x-content-type-options']], [404, 'nosniff'])
  assert.equal((await get({}, '/hook')).headers['x-frame-options'], 'DENY')
  assert.equal((await get({}, '/off')).headers['x-content-type-options'], undefined)
})

test('a change of the configuration changes them', async (t) => {
  const { gateway, get } = await started(t, {}, { securityHeaders: true })
  const { config } = gateway.app.gateway
  await gateway.app.gateway.apply({
    ...config,
    routes: [{ path: '/*', pool: 'main', securityHeaders: { xFrameOptions: 'DENY' } }]
  })
  assert.equal((await get()).headers['x-frame-options'], 'DENY')
})

test('a request without TLS is redirected to a host that is known, with its path and query', async (t) => {
  const { gateway, get, upstream } = await started(t, {}, { host: 'shop.example', requireTls: 'redirect' })
  for (const method of ['GET', 'POST'] as const) {
    const response = await gateway.inject({
      method,
      url: '/a%20b?c=//d',
      headers: { host: 'shop.example:8080' }
    })
    assert.deepEqual(
      [response.statusCode, response.headers.location],
      [308, 'https://shop.example/a%20b?c=//d']
    )
    assert.equal(response.headers['cache-control'], 'no-store')
  }
  assert.equal(upstream.requests.length, 0)
  assert.equal((await get({ ...TLS, host: 'shop.example' })).statusCode, 200)
})

test('a request to a host that is not known gets 403, and so does every one that is to be refused', async (t) => {
  const requireTls = { action: 'redirect', hosts: ['shop.example'], port: 8443 }
  const { get, upstream } = await started(t, { requireTls } as never)
  const foreign = await get({ host: 'evil.example' })
  assert.deepEqual([foreign.statusCode, foreign.json().reason], [403, 'tls_required'])
  assert.equal((await get({ host: 'shop.example' })).headers.location, 'https://shop.example:8443/')
  assert.equal((await get({ host: 'internal', 'x-forwarded-host': 'shop.example' })).statusCode, 308)
  assert.equal((await get({ host: 'shop.example', 'x-forwarded-host': 'evil.example' })).statusCode, 403)
  const refusing = await started(t, { requireTls: 'refuse' })
  assert.equal((await refusing.get()).json().reason, 'tls_required')
  assert.equal((await refusing.get(TLS)).statusCode, 200)
  assert.equal(upstream.requests.length + refusing.upstream.requests.length, 1)
})

test('X-Forwarded-Proto of somebody who is not trusted is not believed, and the log says so', async (t) => {
  const { gateway, upstream } = await started(t, { requireTls: 'refuse' })
  const details: string[] = []
  gateway.app.gateway.observe({ closed: ({ detail }) => void details.push(detail) })
  const response = await gateway.inject({ url: '/', headers: TLS, remoteAddress: '192.0.2.1' })
  assert.equal(response.statusCode, 403)
  assert.match(String(details), /192\.0\.2\.1 says of it is not believed, as it is not in trustedProxies/)
  assert.equal(upstream.requests.length, 0)
})

test('requireTls that observes lets everything through and tells', async (t) => {
  const { gateway, get } = await started(t, {}, { requireTls: { mode: 'observe', action: 'refuse' } })
  const told: unknown[] = []
  gateway.app.gateway.events.on('observed', ({ reason }) => void told.push(reason))
  assert.equal((await get()).statusCode, 200)
  await get(TLS)
  assert.deepEqual(told, ['tls_required'])
})

for (const [keys, problem] of [
  [{ requireTls: 'redirect' }, /routes\[0\]: requireTls: a redirect needs to know its hosts/],
  [
    { requireTls: { action: 'refuse', hosts: ['a.example'] } },
    /requireTls\.hosts: does nothing with 'refuse'/
  ],
  [{ requireTls: { action: 'redirect', hosts: ['https://a.example'] } }, /must be a host such as/],
  [{ requireTls: { action: 'redirect', hosts: ['a.example:80'] } }, /without a port/],
  [{ requireTls: true }, /requireTls/],
  [{ securityHeaders: { contentSecurityPolicy: { imgSrc: 'self' } } }, /did you mean 'img-src'/],
  [{ securityHeaders: { contentSecurityPolicy: 'a\r\nb' } }, /printable ASCII/],
  [
    { securityHeaders: { strictTransportSecurity: { maxAge: 60, preload: true } } },
    /preload: needs a maxAge/
  ],
  [{ securityHeaders: { remove: ['content-length'] } }, /'content-length' is needed by clients/],
  [{ securityHeaders: { xFrameOption: 'DENY' } }, /xFrameOptions/]
] as const)
  test(`the start is refused for ${JSON.stringify(keys)}`, async () => {
    const gateway = createGateway({
      logger: false,
      routes: [{ path: '/*', respond: { status: 204 } }],
      ...(keys as object)
    })
    await assert.rejects(async () => gateway.ready(), { code: 'GW_CONFIG_INVALID', message: problem })
  })
