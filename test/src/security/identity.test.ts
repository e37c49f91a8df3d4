import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { test } from 'node:test'
import { type GatewayServerConfig, gateway } from '@gatewright/gateway'
import { crlf, type FakeUpstream, fakeUpstream, type RawResponse, rawRequest } from '@gatewright/testing'
import { fastify } from 'fastify'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

/** A request with these header lines. */
function ask(port: number, lines: readonly string[] = [], line = 'GET / HTTP/1.1'): Promise<RawResponse> {
  return rawRequest(port, [line, 'Host: Example.test:8080', ...lines, '', ''].join('\r\n'))
}

/** The fields that the upstream saw of the last request, names in lower case, hyphens for underscores. */
function fields(upstream: FakeUpstream, name: RegExp): [string, string][] {
  const { headers = [] } = upstream.requests.at(-1) ?? {}
  return headers
    .map(([field, value]): [string, string] => [field.toLowerCase().replaceAll('_', '-'), value])
    .filter(([field]) => name.test(field))
}

const identified: GatewayServerConfig = {
  reservedHeaders: ['x-user', 'x-roles'],
  hooks: {
    onRequest: async ({ exchange }) => {
      exchange?.forwardHeader('X-User', 'ada')
      exchange?.forwardHeader('X-Tenant', 'blue')
    }
  }
}

const SPOOFS: readonly (readonly string[])[] = [
  ['X-User: root'],
  ['x-user: root'],
  ['X-USER: root', 'x-UsEr: root'],
  ['X-User:root', 'X-User:', 'X-User: ada, root'],
  ['X-Tenant: root', 'x-tenant: root'],
  ['X-Roles: admin', 'x-roles: admin'],
  ['Connection: x-tenant', 'X-Tenant: root'],
  ['Connection: close, X-TENANT', 'X-Tenant: root'],
  ['Connection: keep-alive', 'Connection: x-other,x-tenant', 'X-Tenant: root'],
  ['Proxy-Connection: x-tenant', 'Keep-Alive: x-tenant', 'Trailer: X-User', 'TE: x-user'],
  ['Upgrade: x-user', 'Connection: upgrade', 'X-User: root'],
  ['Cookie: X-User=root', 'Authorization: X-User root']
]

for (const lines of SPOOFS)
  test(`the upstream gets the identity that the gateway gives, whatever the client says: ${lines.join(', ')}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url, identified)
    assert.equal((await ask(port, lines)).status, 200)
    assert.deepEqual(fields(upstream, /^x-(?:user|tenant|roles)$/), [
      ['x-user', 'ada'],
      ['x-tenant', 'blue']
    ])
  })

for (const underscores of ['drop', 'keep'] as const)
  test(`an underscore is no way round a reserved or a forwarding header with underscores: '${underscores}'`, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url, { reservedHeaders: ['x-user'], underscores })
    await ask(port, [
      'X_User: root',
      'x_user: root',
      'X_Forwarded_For: 6.6.6.6',
      'X_Real_IP: 6.6.6.6',
      'Content_Length: 9'
    ])
    assert.deepEqual(fields(upstream, /^(?:x-user|x-real-ip|content-length)$/), [])
    assert.deepEqual(fields(upstream, /^x-forwarded-for$/), [['x-forwarded-for', '127.0.0.1']])
  })

for (const line of [
  'X_User: root',
  'Connection: x-user',
  'Connection: X-Roles',
  'Connection: close, x-user',
  'Connection: x-request-id',
  'Connection: authorization',
  'Connection: cookie',
  'Connection: host',
  'Connection: content-type',
  'Connection: x-forwarded-for',
  'Connection: x-forwarded-client-cert',
  'Connection: forwarded',
  'Connection: via'
])
  test(`'${line}' is refused: a client has no say about that header`, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url, identified)
    assert.equal((await ask(port, [line])).status, 400)
    assert.equal(upstream.requests.length, 0)
  })

test('reserved headers are dropped where no hook sets them, on native routes too', async (t) => {
  const upstream = await fakeUpstream(t)
  const app = fastify()
  t.after(() => app.close())
  await app.register(gateway, { reservedHeaders: ['x-user'], ...singlePool(upstream.url) })
  app.get('/native', { config: { gateway: { pool: 'upstream' } } }, app.gateway.forward)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  for (const path of ['/native', '/table']) {
    await ask(Number(new URL(url).port), ['X-User: root', 'x-user: root'], `GET ${path} HTTP/1.1`)
    assert.equal(upstream.requests.at(-1)?.target, path)
    assert.deepEqual(fields(upstream, /^x-user$/), [])
  }
})

const FORWARDING = /^(?:x-forwarded-.*|x-real-ip|forwarded|via)$/

const CLAIMS: readonly string[] = [
  'X-Forwarded-For: 6.6.6.6',
  'x-forwarded-for: 127.0.0.1, 10.0.0.1',
  'X-FORWARDED-PROTO: https',
  'X-Forwarded-Host: evil.test',
  'X-Forwarded-Port: 1',
  'X-Forwarded-Prefix: /evil',
  'X-Forwarded-Server: evil.test',
  'X-Forwarded-Ssl: on',
  'X-Forwarded-Client-Cert: Subject="CN=root"',
  'X-Real-IP: 6.6.6.6',
  'Forwarded: for=6.6.6.6;proto=https;host=evil.test'
]

for (const line of [...CLAIMS, CLAIMS.join('\r\n')])
  test(`a client that nobody vouches for cannot say where it comes from: ${line.replaceAll('\r\n', ', ')}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const clients: (string | undefined)[] = []
    const { port } = await startGateway(t, upstream.url, {
      forwarded: 'both',
      trustedProxies: ['10.0.0.0/8', '::1', '6.6.6.6'],
      hooks: { onRequest: async ({ exchange }) => void clients.push(exchange?.ingress.client) }
    })
    await ask(port, [line])
    assert.deepEqual(fields(upstream, FORWARDING), [
      ['x-forwarded-for', '127.0.0.1'],
      ['x-forwarded-proto', 'http'],
      ['x-forwarded-host', 'Example.test:8080'],
      ['x-forwarded-port', String(port)],
      ['forwarded', 'for=127.0.0.1;host="Example.test:8080";proto=http']
    ])
    assert.deepEqual(clients, ['127.0.0.1'])
  })

test('an absolute target overrides Host for the route, the upstream and the forwarding headers', async (t) => {
  const [right, wrong] = await Promise.all([fakeUpstream(t), fakeUpstream(t)])
  const { port } = await startGateway(t, {
    pools: { right: { endpoints: [right.url] }, wrong: { endpoints: [wrong.url] } },
    routes: [
      { path: '/*', host: 'right.test', pool: 'right', preserveHost: true },
      { path: '/*', host: 'wrong.test', pool: 'wrong' }
    ]
  })
  const response = await rawRequest(port, crlf`GET http://right.test:81/x HTTP/1.1\nHost: wrong.test\n\n`)
  assert.equal(response.status, 200)
  assert.equal(right.requests[0]?.target, '/x')
  assert.equal(right.requests[0]?.header('host'), 'right.test:81')
  assert.equal(right.requests[0]?.header('x-forwarded-host'), 'right.test:81')
  assert.equal(wrong.requests.length, 0)
})

test('a host matches whole and exactly, and no header but Host names it', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', host: ['a.test', '*.b.test'], pool: 'upstream' }]
  })
  const status = async (host: string, ...lines: string[]): Promise<number> =>
    (await rawRequest(port, [`GET / HTTP/1.1`, `Host: ${host}`, ...lines, '', ''].join('\r\n'))).status
  for (const host of ['a.test', 'A.TEST', 'a.test.', 'a.test:8080', 'x.b.test', 'a.test.:1'])
    assert.equal(await status(host), 200, host)
  for (const host of [
    'evil-a.test',
    'a.test.evil',
    'xa.test',
    'b.test',
    'b.test.evil',
    'xb.test',
    'a_test',
    'test'
  ])
    assert.equal(await status(host), 404, host)
  for (const name of ['X-Forwarded-Host', 'X-Host', 'X-Original-Host', 'Forwarded: host', 'Authority'])
    assert.equal(await status('other.test', `${name}: a.test`), 404, name)
})

test('TRACE is refused by tables and native routes, and CONNECT by the listener', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port, gateway: started } = await startGateway(t, upstream.url, {})
  assert.ok(started.state === 'running')
  const trace = await ask(port, ['Cookie: secret=1'], 'TRACE / HTTP/1.1')
  assert.equal(trace.status, 405)
  assert.doesNotMatch(trace.raw.toString(), /secret/)
  for (const target of ['a:443', '/', 'http://a/', '127.0.0.1:22'])
    assert.equal((await ask(port, [], `CONNECT ${target} HTTP/1.1`)).status, 405)

  const app = fastify()
  t.after(() => app.close())
  await app.register(gateway, { pools: { upstream: { endpoints: [upstream.url] } } })
  app.all('/native/*', { config: { gateway: { pool: 'upstream' } } }, app.gateway.forward)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const native = await ask(Number(new URL(url).port), [], 'TRACE /native/x HTTP/1.1')
  assert.equal(native.status, 405)
  assert.match(native.header('allow') ?? '', /^(?!.*TRACE).*\bGET\b/)
  assert.equal(upstream.requests.length, 0)
})

test('a route with methods takes these and no other, however odd', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, singlePool(upstream.url, {}, { methods: ['GET', 'POST'] }))
  const taken = new Set(['GET', 'HEAD', 'POST'])
  for (const method of METHODS.filter((name) => name !== 'CONNECT')) {
    const response = await rawRequest(port, `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`)
    assert.equal(response.status, taken.has(method) ? 200 : 405, method)
    if (!taken.has(method)) assert.deepEqual(response.header('allow')?.split(', ').sort(), [...taken].sort())
  }
  assert.deepEqual(new Set(upstream.requests.map(({ method }) => method)), taken)
})

test('headers that change the method or the path for some upstreams change nothing here', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/pub', methods: ['GET'], pool: 'upstream' }]
  })
  const lines = ['X-HTTP-Method-Override: GET', 'X-Original-URL: /pub', 'X-Rewrite-URL: /pub']
  assert.equal((await ask(port, lines, 'DELETE /pub HTTP/1.1')).status, 405)
  assert.equal((await ask(port, lines, 'GET /admin HTTP/1.1')).status, 404)
  assert.equal(upstream.requests.length, 0)
})

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

for (const [what, lines] of [
  ['a plain one', ['X-Request-Id: mine']],
  ['two of them', ['X-Request-Id: one', 'x-request-id: two']],
  ['markup', ['X-Request-Id: <script>alert(1)</script>']],
  ['encoded line ends', ['X-Request-Id: a%0d%0aSet-Cookie: b=c']],
  ['one of 10 kB', [`X-Request-Id: ${'a'.repeat(10_000)}`]]
] as const)
  test(`a request id of an untrusted client is replaced: ${what}`, async (t) => {
    const upstream = await fakeUpstream(t, { headers: { 'x-request-id': 'theirs' } })
    const { port } = await startGateway(t, upstream.url)
    const response = await ask(port, lines)
    const [id, ...more] = response.headerAll('x-request-id')
    assert.match(id ?? '', UUID)
    assert.deepEqual(more, [])
    assert.deepEqual(upstream.requests[0]?.headerAll('x-request-id'), [id])
  })

for (const id of [
  'a b',
  'a,b',
  'a;b',
  '<a>',
  '{"a":1}',
  "a'b",
  'a"b',
  'a\\b',
  'caf\xe9',
  'a'.repeat(129),
  ''
])
  test(`a request id that could do harm is replaced even from a trusted peer: ${id.slice(0, 20)}`, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url, { trustedProxies: ['127.0.0.1'] })
    const response = await ask(port, [`X-Request-Id: ${id}`])
    assert.match(response.header('x-request-id') ?? '', UUID)
    assert.deepEqual(upstream.requests[0]?.headerAll('x-request-id'), response.headerAll('x-request-id'))
  })
