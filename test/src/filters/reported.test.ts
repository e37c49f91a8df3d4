// What users of Envoy, Emissary, Contour, kgateway, Istio, Traefik, Kong and APISIX have reported of filters there.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { FiltersConfig, GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { serveEnvoyAuthz } from '../support/grpc-js.js'
import { startGateway } from '../support/start-gateway.js'

type Filter = Exclude<FiltersConfig, false>[number]

async function filtered(t: TestContext, filters: readonly unknown[], more: GatewayServerConfig = {}) {
  const upstream = await fakeUpstream(t, { body: 'body' })
  const { url, port, gateway } = await startGateway(t, {
    ...more,
    pools: { api: { endpoints: [upstream.url] }, ...more.pools },
    routes: [{ id: 'api', path: '/*', pool: 'api', filters: filters as Filter[], ...more.routes?.[0] }]
  })
  const get = (path = '/', init: RequestInit = {}) => fetch(url + path, { redirect: 'manual', ...init })
  return { upstream, gateway, get, url, port }
}

/** A filter of `ext_authz_http`, the service it asks, and a gateway with both. */
async function askedOverHttp(t: TestContext, options: object) {
  const authz = await fakeUpstream(t)
  const asked = { type: 'ext_authz_http', name: 'http', pool: 'authz', timeout: '10s', ...options }
  return { authz, ...(await filtered(t, [asked], { pools: { authz: { endpoints: [authz.url] } } })) }
}

const lines = (...all: string[]) => all.join('\r\n')
const allow = () => ({ status: { code: 0 } })

test('another spelling of what a filter sets does not stand beside it', async (t) => {
  const { get, upstream } = await filtered(t, [
    {
      type: 'function',
      name: 'mine',
      request: () => ({ headers: { 'x-auth-user': 'ada', 'x-gone': null } })
    }
  ])
  const response = await get('/', {
    headers: {
      'x.auth.user': 'eve',
      'x!auth-user': 'eve',
      'X-Auth-User': 'eve',
      'x.gone': '1',
      'x-authruser': 'kept'
    }
  })
  assert.equal(response.status, 200)
  const names = upstream.requests[0]?.headers.map(([name]) => name.toLowerCase()) ?? []
  assert.deepEqual(names.filter((name) => /^x.(?:auth.?user|gone)$/.test(name)).sort(), [
    'x-auth-user',
    'x-authruser'
  ])
  assert.equal(upstream.requests[0]?.header('x-auth-user'), 'ada')
})

test('a header that a service over HTTP speaks for is replaced, with all its spellings', async (t) => {
  const { get, upstream, authz } = await askedOverHttp(t, {
    allowedUpstreamHeaders: ['authorization', 'x-user', 'x-scope-*'],
    writes: ['x-user']
  })
  authz.answers({ headers: { authorization: 'Bearer new', 'x-scope-a': '1', 'x-other': '2' } })
  const headers = {
    authorization: 'Bearer old',
    'x-user': 'eve',
    'x.user': 'eve',
    'x.scope.a': 'eve',
    'x-other': 'mine'
  }
  assert.equal((await get('/', { headers })).status, 200)
  const [seen] = upstream.requests
  assert.deepEqual(seen?.headerAll('authorization'), ['Bearer new'])
  assert.deepEqual(
    [seen?.header('x-user'), seen?.header('x.user'), seen?.header('x.scope.a')],
    [undefined, undefined, undefined]
  )
  assert.deepEqual([seen?.header('x-scope-a'), seen?.header('x-other')], ['1', 'mine'])
})

test('all cookies of a service over HTTP come through, denied or allowed', async (t) => {
  const { port, url, authz } = await askedOverHttp(t, { allowedClientHeadersOnSuccess: ['set-cookie'] })
  const ask = () => rawRequest(port, lines('GET / HTTP/1.1', `Host: ${new URL(url).host}`, '', ''))
  for (const status of [302, 200]) {
    authz.answers({
      status,
      headers: [
        ['set-cookie', 'a=1; Path=/'],
        ['set-cookie', 'b=2; Path=/'],
        ['location', '/login']
      ]
    })
    const response = await ask()
    assert.equal(response.status, status)
    assert.deepEqual(response.headerAll('set-cookie'), ['a=1; Path=/', 'b=2; Path=/'])
    assert.equal(response.header('location'), status === 302 ? '/login' : undefined)
  }
})

test('a service over HTTP gets the method, path and Host of the request, and of its headers what is listed', async (t) => {
  const { port, authz } = await askedOverHttp(t, {
    pathPrefix: '/check',
    allowedHeaders: ['x-key', 'x-tenant-*'],
    headersToAdd: { 'x-from': 'gateway' },
    body: { maxBytes: '10B', partial: true }
  })
  const sent = [
    'POST /a%20b?c=d HTTP/1.1',
    'Host: shop.example:81',
    'Authorization: Bearer t',
    'X-Key: k',
    'X-Tenant-Id: 7',
    'X-Secret: s',
    'Cookie: a=b',
    'X_Forwarded_Proto: https',
    'x-envoy-auth-partial-body: false',
    'Content-Length: 12',
    '',
    'hello, world'
  ]
  await rawRequest(port, lines(...sent.filter((line) => !line.startsWith('X_'))))
  const [asked] = authz.requests
  assert.deepEqual(
    [asked?.method, asked?.target, asked?.header('host')],
    ['POST', '/check/a%20b?c=d', 'shop.example:81']
  )
  assert.deepEqual(
    ['authorization', 'x-key', 'x-tenant-id', 'x-secret', 'cookie', 'x-from', 'x-forwarded-host'].map(
      (name) => asked?.header(name)
    ),
    ['Bearer t', 'k', '7', undefined, undefined, 'gateway', 'shop.example:81']
  )
  assert.deepEqual(asked?.headerAll('x-envoy-auth-partial-body'), ['true'])
  assert.deepEqual([asked?.header('content-length'), String(asked?.body)], ['10', 'hello, wor'])
})

test('what a service over HTTP says to remove is removed, and what it may not is refused', async (t) => {
  const { get, upstream, authz } = await askedOverHttp(t, { failMode: 'open' })
  authz.answers({ headers: { 'x-envoy-auth-headers-to-remove': 'x-a, X-B ,host,, authorization' } })
  assert.equal((await get('/', { headers: { 'x-a': '1', 'x-b': '2', authorization: 'x' } })).status, 200)
  const [seen] = upstream.requests
  assert.deepEqual(
    ['x-a', 'x-b', 'authorization'].map((name) => seen?.header(name)),
    [undefined, undefined, undefined]
  )
  authz.answers({ headers: { 'x-envoy-auth-headers-to-remove': 'bad name' } })
  assert.equal((await get()).status, 503)
})

test('a large body is asked about once, and reaches the upstream whole', async (t) => {
  let calls = 0
  const target = await serveEnvoyAuthz(t, () => {
    calls++
    return allow()
  })
  const { port, upstream } = await filtered(
    t,
    [{ type: 'ext_authz', target, timeout: '20s', body: { maxBytes: '8KiB', partial: true } }],
    { routes: [{ bodyLimit: '20MiB' }] as never }
  )
  const chunk = Buffer.alloc(64 * 1024, 'x')
  const client = await rawClient(port, { t })
  void client.write(
    lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Trailer: x-sum', '', '')
  )
  for (let i = 0; i < 96; i++)
    void client.write(Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]))
  void client.write(lines('0', 'x-sum: 1', '', ''))
  const response = await client.response({ to: 'POST' })
  assert.equal(response.status, 200)
  assert.equal(calls, 1)
  assert.equal(upstream.requests[0]?.bodyBytes, 96 * chunk.length)
})

test('a filter that asks for no body is asked before the body comes, and holds none', async (t) => {
  let called: () => void = () => {}
  const calledOnce = new Promise<void>((resolve) => {
    called = resolve
  })
  const target = await serveEnvoyAuthz(t, () => {
    called()
    return { status: { code: 7 }, denied_response: { status: { code: 401 }, body: 'no' } }
  })
  const { port, upstream } = await filtered(t, [{ type: 'ext_authz', target, timeout: '20s' }])
  const client = await rawClient(port, { t })
  void client.write(lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 1000000', '', ''))
  await calledOnce
  const response = await client.response({ to: 'POST' })
  assert.deepEqual([response.status, String(response.body)], [401, 'no'])
  assert.equal(upstream.requests.length, 0)
})

test('a request with credentials, of any method, and one for an upgrade are asked about', async (t) => {
  const asked: string[] = []
  const target = await serveEnvoyAuthz(t, ({ attributes: { request } }) => {
    asked.push(request.http.method)
    return { status: { code: 7 } }
  })
  const { get, port, upstream } = await filtered(t, [{ type: 'ext_authz', target, timeout: '20s' }])
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'PUT', 'POST'])
    assert.equal((await get('/', { method, headers: { authorization: 'Bearer x' } })).status, 403, method)
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.write(
    lines(
      'GET / HTTP/1.1',
      'Host: a',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '',
      ''
    )
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  assert.doesNotMatch(String(answer), /^HTTP\/1\.1 (?:101|200)/)
  assert.equal(upstream.requests.length, 0)
  assert.deepEqual(asked.slice(0, 7), ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'PUT', 'POST'])
})

test('the configuration changes under load, and no request is lost or passes unasked', async (t) => {
  const targets = await Promise.all(
    ['one', 'two'].map((by) =>
      serveEnvoyAuthz(t, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return { status: { code: 0 }, ok_response: { headers: [{ header: { key: 'x-by', value: by } }] } }
      })
    )
  )
  const upstream = await fakeUpstream(t)
  const version = (n: number): GatewayServerConfig => ({
    logger: false,
    accessLog: false,
    shutdown: { signals: false, wait: '0ms', drain: '0ms' },
    pools: { api: { endpoints: [upstream.url] } },
    routes: [
      {
        path: '/*',
        pool: 'api',
        filters: [
          {
            type: 'ext_authz',
            name: `authz-${n % 3}`,
            target: targets[n % 2] as string,
            timeout: '30s',
            breaker: n % 5 === 0 ? false : {}
          }
        ]
      }
    ]
  })
  const { url, gateway } = await startGateway(t, version(0))
  let done = false
  let sent = 0
  const worker = async (): Promise<void> => {
    while (!done) {
      const response = await fetch(url)
      await response.arrayBuffer()
      assert.equal(response.status, 200)
      sent++
    }
  }
  const workers = Array.from({ length: 10 }, worker)
  for (let n = 1; n <= 20; n++) {
    await gateway.app.gateway.apply(version(n))
    const until = sent + 10
    while (sent < until) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  done = true
  await Promise.all(workers)
  assert.equal(upstream.requests.length, sent)
  assert.ok(upstream.requests.every((request) => ['one', 'two'].includes(request.header('x-by') ?? '')))
  await fetch(url)
  while (gateway.app.filters.targets().length > 1) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(gateway.app.filters.targets()[0]?.connections, 1)
})

test('a function that throws never lets a request pass in silence', async (t) => {
  for (const thrown of [new Error('mine'), 'text', null, undefined, { code: 1 }])
    for (const request of [
      () => {
        throw thrown
      },
      () => Promise.reject(thrown)
    ]) {
      const { get, upstream } = await filtered(t, [
        { type: 'function', name: 'mine', timeout: '10s', request }
      ])
      assert.equal((await get()).status, 503)
      assert.equal(upstream.requests.length, 0)
    }
})
