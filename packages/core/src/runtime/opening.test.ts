import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import type { GatewayConfig } from '../config/config.js'
import type { Exchange } from '../model/exchange.js'
import { createRewriteUrl } from './opening.js'
import { core } from './plugin.js'

interface Server {
  readonly app: FastifyInstance
  readonly port: number
  /** Exchanges that are over. */
  readonly closed: Exchange[]
}

// A gateway (`createRewriteUrl`) whose only route answers with its exchange.
async function serve(t: TestContext, config: GatewayConfig = {}): Promise<Server> {
  const app: FastifyInstance = Fastify({ rewriteUrl: createRewriteUrl(() => app.gateway?.current) })
  t.after(() => app.close())
  await app.register(core, { config: { pools: { p: { endpoints: ['http://h'] } }, ...config } })
  const closed: Exchange[] = []
  app.gateway.stages.exchangeObservers.push({ closed: (exchange) => closed.push(exchange) })
  app.all('/*', { config: { gateway: { pool: 'p', id: 'all' } } }, async ({ exchange, url }) => ({
    id: exchange?.id,
    route: exchange?.route?.id,
    pool: exchange?.pool?.id,
    path: exchange?.path,
    query: exchange?.query,
    host: exchange?.host,
    client: exchange?.ingress.client,
    params: exchange?.params,
    url
  }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, port: (app.server.address() as AddressInfo).port, closed }
}

// Until the server closes the connection.
async function exchangeBytes(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text
  })
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return received
}

const get = (target: string, more = 'Host: a\r\n'): string =>
  `GET ${target} HTTP/1.1\r\n${more}Connection: close\r\n\r\n`

function bodyOf(response: string): Record<string, unknown> {
  return JSON.parse(response.slice(response.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>
}

function header(response: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)\\r$`, 'im').exec(response)?.[1]
}

test('a gateway route has an exchange with its route, its pool and the canonical path', async (t) => {
  const { port } = await serve(t)
  const told = bodyOf(await exchangeBytes(port, get('/%7ea/b?c=%2f', 'Host: API.test:1\r\n')))
  assert.deepEqual(told, {
    id: told.id,
    route: 'all',
    pool: 'p',
    path: '/~a/b',
    query: '?c=%2f',
    host: 'api.test',
    client: '127.0.0.1',
    params: { '*': '~a/b' },
    url: '/~a/b?c=%2f'
  })
})

test('a route without gateway options has none', async (t) => {
  const { app } = await serve(t)
  const other = Fastify()
  t.after(() => other.close())
  await other.register(core, { config: {} })
  other.get('/', async ({ exchange }) => ({ exchange }))
  assert.deepEqual((await other.inject('/')).json(), { exchange: null })
  assert.equal(app.hasRequestDecorator('exchange'), true)
})

test('every request has an id of its own, which the answer carries', async (t) => {
  const { port } = await serve(t)
  const ids = new Set<unknown>()
  for (let n = 0; n < 3; n++) {
    const response = await exchangeBytes(port, get('/', 'Host: a\r\nX-Request-Id: mine\r\n'))
    assert.equal(header(response, 'x-request-id'), bodyOf(response).id)
    ids.add(bodyOf(response).id)
  }
  assert.equal(ids.size, 3)
  assert.equal(ids.has('mine'), false)
})

test('the id of a trusted peer is kept, in the header it was given', async (t) => {
  const { port } = await serve(t, { trustedProxies: ['127.0.0.0/8'], requestIdHeader: 'x-trace' })
  const response = await exchangeBytes(
    port,
    get('/', 'Host: a\r\nX-Trace: mine-1\r\nX-Forwarded-For: 1.1.1.1\r\n')
  )
  assert.equal(header(response, 'x-trace'), 'mine-1')
  assert.equal(header(response, 'x-request-id'), undefined)
  assert.deepEqual([bodyOf(response).id, bodyOf(response).client], ['mine-1', '1.1.1.1'])
})

test('an id that could break the log is replaced', async (t) => {
  const { port } = await serve(t, { trustedProxies: ['127.0.0.1'] })
  const response = await exchangeBytes(port, get('/', 'Host: a\r\nX-Request-Id: a b"\r\n'))
  assert.match(header(response, 'x-request-id') ?? '', /^[0-9a-f-]{36}$/)
})

const REFUSED: readonly [what: string, request: string, status: number, reason: string][] = [
  ['dot segments', get('/a/../admin'), 400, 'path_rejected'],
  ['a leading dot segment', get('/./admin/x'), 400, 'path_rejected'],
  ['a backslash', get('/admin\\x'), 400, 'path_rejected'],
  ['backslashes and dots', get('/x\\..\\admin/x'), 400, 'path_rejected'],
  ['an encoded slash', get('/admin%2fx'), 400, 'path_rejected'],
  ['an encoded backslash', get('/pub/%5cx'), 400, 'path_rejected'],
  ['two slashes', get('//admin/x'), 400, 'path_rejected'],
  ['an encoded line break', get('/a%0d%0ax'), 400, 'path_rejected'],
  ['a NUL', get('/admin%00/x'), 400, 'path_rejected'],
  ['a broken escape', get('/a%zz'), 400, 'path_rejected'],
  ['a double encoding', get('/%252e%252e/x'), 400, 'path_rejected'],
  ['dots with a parameter', get('/a/..;/x'), 400, 'path_rejected'],
  ['a fragment in the query', get('/a?b#c'), 400, 'path_rejected'],
  ['an absolute target with dots', get('http://a/b/../c'), 400, 'path_rejected'],
  ['the path of the refused', get('/\\refused'), 400, 'path_rejected'],
  ['two Hosts', get('/', 'Host: a\r\nHost: a\r\n'), 400, 'request_rejected'],
  ['a Host that is none', get('/', 'Host: a/b\r\n'), 400, 'request_rejected'],
  ['a user in the target', get('http://u@a/'), 400, 'request_rejected'],
  ['an underscore', get('/', 'Host: a\r\nX_User: root\r\n'), 400, 'request_rejected'],
  ['a stolen header', get('/', 'Host: a\r\nConnection: authorization\r\n'), 400, 'request_rejected'],
  [
    'Transfer-Encoding in HTTP/1.0',
    'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'request_rejected'
  ],
  ['HTTP/2.0 in the request line', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505, 'http_version_not_supported'],
  ['HTTP/0.9 in the request line', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n', 400, 'request_rejected']
]

for (const [what, request, status, reason] of REFUSED)
  test(`a request with ${what} is refused with ${status} and is the last of its connection`, async (t) => {
    const { port, closed } = await serve(t)
    // A client that does not ask for it has its connection closed all the same.
    const response = await exchangeBytes(port, request.replace('Connection: close\r\n', ''))
    assert.match(response, new RegExp(`^HTTP/1\\.1 ${status} `))
    assert.equal(header(response, 'connection'), 'close')
    assert.equal(header(response, 'content-type'), 'application/problem+json')
    const { reason: told, requestId } = bodyOf(response)
    assert.equal(told, reason)
    assert.equal(header(response, 'x-request-id'), requestId)
    assert.equal(closed.length, 1)
    assert.deepEqual([closed[0]?.reason, closed[0]?.status], [reason, status])
  })

for (const [target, shown] of [
  ['/cb#access_token=secret', "'/cb#…' must not have a fragment"],
  ['/cb?a#access_token=secret', "'/cb?…' must not have a fragment"],
  ['http://user:secret@a/%zz', "'http://***@a/%zz' must have two hexadecimal digits after every '%'"]
] as const)
  test(`what is told of the refused target ${target} has no secret`, async (t) => {
    const { port, closed } = await serve(t)
    await exchangeBytes(port, get(target))
    assert.equal(closed[0]?.detail, shown)
  })

test('a request behind a refused one is not served', async (t) => {
  const { port, closed } = await serve(t)
  const response = await exchangeBytes(
    port,
    'GET //x HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n'
  )
  assert.match(response, /^HTTP\/1\.1 400 /)
  assert.doesNotMatch(response, /second|HTTP\/1\.1 200/)
  assert.ok(closed.every(({ status }) => status !== 200))
})

test('where the policy says so a path is redirected to its canonical form, with its query', async (t) => {
  const { port } = await serve(t, { paths: { policy: 'redirect' } })
  const response = await exchangeBytes(port, get('/a/..//b/%2e/c?d=..//'))
  assert.match(response, /^HTTP\/1\.1 308 /)
  assert.equal(header(response, 'location'), '/b/c?d=..//')
  assert.match(await exchangeBytes(port, get('/b%00')), /^HTTP\/1\.1 400 /)
  assert.match(await exchangeBytes(port, get('/b/c')), /^HTTP\/1\.1 200 /)
})

test('where the policy says so a path is normalised before Fastify routes it', async (t) => {
  const { port } = await serve(t, { paths: { policy: 'normalize' } })
  const told = bodyOf(await exchangeBytes(port, get('/a/..//b\\c?d=..//')))
  assert.deepEqual([told.path, told.url, told.params], ['/b/c', '/b/c?d=..//', { '*': 'b/c' }])
})

test('without the rewriting of URLs a path that is not canonical is refused, not normalised', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, {
    config: { pools: { p: { endpoints: ['http://h'] } }, paths: { policy: 'normalize' } }
  })
  app.get('/*', { config: { gateway: { pool: 'p' } } }, async ({ exchange }) => ({ path: exchange?.path }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  assert.match(await exchangeBytes(port, get('/open/../admin')), /^HTTP\/1\.1 400 /)
  assert.deepEqual(bodyOf(await exchangeBytes(port, get('/open'))), { path: '/open' })
})

test('an absolute target is taken for its path, and its authority for the host', async (t) => {
  const { port } = await serve(t)
  const told = bodyOf(await exchangeBytes(port, get('http://Real.test:81/a?b', 'Host: other\r\n')))
  assert.deepEqual([told.path, told.query, told.host], ['/a', '?b', 'real.test'])
})

test('a request that has been here before gets 508', async (t) => {
  const { port } = await serve(t, { via: 'edge-1' })
  const asked = (via: string): Promise<string> => exchangeBytes(port, get('/', `Host: a\r\nVia: ${via}\r\n`))
  for (const via of ['1.1 edge-1', '1.0 other, 1.1 edge-1 (comment)', '1.1 other\r\nVia: 1.1 edge-1'])
    assert.match(await asked(via), /^HTTP\/1\.1 508 /)
  for (const via of ['1.1 edge-10', '1.1 other, 1.1 EDGE', 'edge-1'])
    assert.match(await asked(via), /^HTTP\/1\.1 200 /, via)
})

test('rewriting a URL never throws, and needs no snapshot', () => {
  const rewrite = createRewriteUrl(() => undefined)
  const rewritten = (url?: string): string => rewrite({ url, method: 'OPTIONS' } as never)
  assert.equal(rewritten('/a%7e?b'), '/a~?b')
  assert.equal(rewritten('*'), '*')
  assert.equal(rewritten(undefined), '/')
  for (const url of ['', 'x', '//', '/%', '/\0', '\ud800', 'http://', '/a/..', '/\\refused'])
    assert.equal(rewritten(url), '/\\refused', url)
})

test('observers are told once, when the exchange is over, with its status and times', async (t) => {
  let now = 100
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: { pools: { p: { endpoints: ['http://h'] } } }, clock: () => now })
  const closed: Exchange[] = []
  app.gateway.stages.exchangeObservers.push({ closed: (exchange) => closed.push(exchange) })
  app.get('/', { config: { gateway: { pool: 'p' } } }, async (_request, reply) => {
    now = 250
    return reply.code(201).send('x')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  await exchangeBytes((app.server.address() as AddressInfo).port, get('/'))
  assert.equal(closed.length, 1)
  const { startedAt, endedAt, status, reason, method } = closed[0] as Exchange
  assert.deepEqual([startedAt, endedAt, status, reason, method], [100, 250, 201, null, 'GET'])
})

test('a client that leaves before its answer is 499, and who is at work for it is told first', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: { pools: { p: { endpoints: ['http://h'] } } } })
  const told: string[] = []
  const over = new Promise<Exchange>((resolve) => {
    const closed = (exchange: Exchange): void => {
      told.push('observer')
      resolve(exchange)
    }
    app.gateway.stages.exchangeObservers.push({ closed })
  })
  const arrived = new Promise<void>((resolve) => {
    app.get('/', { config: { gateway: { pool: 'p' } } }, ({ exchange }) => {
      assert.ok(exchange)
      exchange.inProgress = { clientGone: () => told.push('forwarder') }
      resolve()
    })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await arrived
  socket.destroy()
  const { status, reason, endedAt } = await over
  assert.deepEqual([status, reason], [499, 'client_closed'])
  assert.ok(endedAt > 0)
  assert.deepEqual(told, ['forwarder', 'observer'])
})

test('a client that leaves in the middle of its answer keeps the status it was sent', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: { pools: { p: { endpoints: ['http://h'] } } } })
  const over = new Promise<Exchange>((resolve) => {
    app.gateway.stages.exchangeObservers.push({ closed: resolve })
  })
  app.get('/', { config: { gateway: { pool: 'p' } } }, (_request, reply) => {
    reply.raw.writeHead(206).write('some')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  const { status, reason } = await over
  assert.deepEqual([status, reason], [206, 'client_closed'])
})
