import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { compile } from '../compile/compile.js'
import type { CompileContext } from '../compile/compile-context.js'
import type { GatewayConfig, NativeRouteConfig } from '../config/config.js'
import { Keys } from '../config/key-registry.js'
import { REASONS } from '../config/reason.js'
import { createIngressReader } from '../ingress/ingress.js'
import { createTrust } from '../ingress/trust.js'
import type { Exchange } from '../model/exchange.js'
import { readPath, STRICT_PATHS } from '../model/path.js'
import { readBody } from '../model/read-body.js'
import type { Route } from '../model/route.js'
import { createStages } from '../model/stages.js'
import { upstreamTarget } from '../model/upstream-path.js'
import { explain } from './explain.js'
import { core } from './plugin.js'

// Each of these fails and says what should hold.

const POOLS = { p: { endpoints: ['http://h'] }, q: { endpoints: ['http://i'] } }

const CONTEXT: CompileContext = {
  previous: null,
  stages: createStages(),
  native: [],
  types: new Map([['first', { name: 'first', create: () => ({ pick: ([only]) => only }) }]]),
  router: null,
  keys: new Keys(),
  reasons: REASONS,
  checks: [],
  balancing: { clock: () => 0, chance: () => 0 }
}

interface Built {
  readonly app: FastifyInstance
}

async function gateway(t: TestContext, config: unknown): Promise<Built> {
  const app = Fastify()
  t.after(() => app.close())
  await app.register(core, { config: config as GatewayConfig })
  return { app }
}

const options = (own: unknown): { config: { gateway: NativeRouteConfig } } => ({
  config: { gateway: own as NativeRouteConfig }
})

test('a GET route keeps its own name beside the HEAD route that Fastify adds to it', async (t) => {
  const { app } = await gateway(t, { pools: POOLS })
  app.get('/users', options({ pool: 'p' }), async ({ exchange }) => exchange?.route?.id)
  assert.equal((await app.inject('/users')).body, 'GET /users')
})

test('a problem of a GET route is told once', async (t) => {
  const { app } = await gateway(t, { pools: POOLS })
  app.get('/users', options({ pool: 'pp' }), async () => '')
  await assert.rejects(
    async () => app.ready(),
    ({ message }: Error) => message.split('\n').length === 2
  )
})

test('two native routes may share one options object and are still two routes', async (t) => {
  const { app } = await gateway(t, { pools: POOLS })
  const shared = options({ pool: 'p' })
  app.post('/a', shared, async ({ exchange }) => exchange?.route?.id)
  app.post('/b', shared, async ({ exchange }) => exchange?.route?.id)
  assert.equal((await app.inject({ method: 'POST', url: '/a' })).body, 'POST /a')
})

test('an option that is undefined does not hide that of a policy', () => {
  const route = { path: '/a', use: ['one'], pool: undefined, bodyLimit: undefined }
  const policies = { one: { pool: 'q', bodyLimit: '1KiB' } }
  const config = { pools: POOLS, policies, routes: [route] } as unknown as GatewayConfig
  const { pool, bodyLimit } = compile(config, CONTEXT).routes[0] as Route
  assert.deepEqual([pool?.id, bodyLimit], ['q', 1_024])
})

const invalid = { code: 'GW_CONFIG_INVALID' }

test('balancing: null is a problem with a sentence', () => {
  const config = { pools: { p: { endpoints: ['http://h'], balancing: null } } } as unknown as GatewayConfig
  assert.throws(() => compile(config, CONTEXT), invalid)
})

for (const config of [
  undefined,
  null,
  { trustedProxies: '10.0.0.1' },
  { reservedHeaders: 5 },
  { pools: POOLS, policies: null }
])
  test(`the configuration ${JSON.stringify(config)} stops the start with a sentence`, async (t) => {
    await assert.rejects(async () => {
      const { app } = await gateway(t, config)
      app.post('/', options({ pool: 'p', use: ['x'] }), async () => '')
      await app.ready()
    }, invalid)
  })

for (const own of [null, { pool: 'p', use: 'x' }, { pool: 'p', use: 5 }])
  test(`the options ${JSON.stringify(own)} of a native route stop the start with a sentence`, async (t) => {
    await assert.rejects(async () => {
      const { app } = await gateway(t, { pools: POOLS })
      app.post('/', options(own), async () => '')
      await app.ready()
    }, invalid)
  })

test('problems of the table and of native routes are told together', () => {
  const native = [{ name: 'GET /n', config: { pool: 'nope' } }]
  const config: GatewayConfig = { pools: POOLS, routes: [{ path: '/a', pool: 'nope' }] }
  assert.throws(() => compile(config, { ...CONTEXT, native }), /routes\[0\]\.pool.*GET \/n\.pool/s)
})

test('problems that the schema sees and problems that it does not are told together', () => {
  const config = { pools: POOLS, rutes: [], trustedProxies: ['x'] } as GatewayConfig
  assert.throws(() => compile(config, CONTEXT), /unknown key 'rutes'.*trustedProxies\[0\]/s)
})

test('a pool called 1 is not shown as an element of a list', () => {
  const config = { pools: { 1: {} } } as unknown as GatewayConfig
  assert.throws(() => compile(config, CONTEXT), /pools\.1: give 'endpoints'/)
})

test('the canonical form of a path with characters beyond one byte is canonical', () => {
  for (const raw of ['/\u0100x', '/\u202e', '/a/\uff0f', '/\u012e\u012e/']) {
    const read = readPath(raw)
    if (read.kind !== 'invalid')
      assert.deepEqual(readPath(read.path), { kind: 'clean', path: read.path }, JSON.stringify(raw))
  }
})

test('keeping encoded slashes lets no dots or NUL through in a second encoding', () => {
  const keep = { ...STRICT_PATHS, encodedSlashes: 'keep' } as const
  for (const raw of ['/%252e%252e/admin', '/a%2500']) assert.equal(readPath(raw, keep).kind, 'invalid', raw)
})

test('a rewrite cannot add a query', () => {
  const rewrite = (): string => '/a?admin=1'
  assert.throws(() =>
    upstreamTarget(
      { path: '/', query: '', params: null },
      { id: 'r', rewrite },
      { basePath: '', baseQuery: '' }
    )
  )
})

test('the asterisk form is for OPTIONS alone (RFC 9112, section 3.2.4)', async (t) => {
  const { app } = await gateway(t, { pools: POOLS })
  app.all('*', options({ pool: 'p' }), async ({ exchange }) => exchange?.path)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(head.toString(), /^HTTP\/1\.1 400 /)
})

test('a path that is normalised says so in an explanation, for a whole URL too', () => {
  const snapshot = compile({ pools: POOLS, paths: { policy: 'normalize' } }, CONTEXT)
  assert.equal(explain({ url: 'http://a//b' }, snapshot).pathNote, 'normalised')
})

test('an explanation of a request whose rewrite is refused is an explanation, not an error', () => {
  const router: CompileContext['router'] = ([route]) => ({
    find: () => ({ route: { ...(route as Route), rewrite: () => '/../x' }, params: null }),
    allowed: () => [],
    explain: () => []
  })
  const snapshot = compile({ pools: POOLS, routes: [{ path: '/a', pool: 'p' }] }, { ...CONTEXT, router })
  assert.equal(explain({ url: '/a' }, snapshot).upstreamUrl, null)
})

test('an open quotation mark in Forwarded does not hide the address that the proxy has added', () => {
  const read = createIngressReader({
    trust: createTrust(['10.0.0.0/8']),
    believes: 'rfc7239',
    requestIdHeader: 'x-request-id',
    deadlineHeader: '',
    reservedHeaders: new Set(),
    underscores: 'reject',
    maxHeaders: 100,
    maxUrlBytes: 8_192
  })
  const raw = {
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    url: '/',
    rawHeaders: ['Host', 'a', 'Forwarded', 'for="6.6.6.6, for="[2001:db8::7]:4711"'],
    socket: { remoteAddress: '10.0.0.9' }
  } as unknown as IncomingMessage
  assert.equal(read(raw, '').client, '2001:db8::7')
})

test('a request that was injected and answered is not one whose client has left', async (t) => {
  const { app } = await gateway(t, { pools: POOLS })
  let closed: Exchange | undefined
  app.gateway.stages.exchangeObservers.push({ closed: (exchange) => (closed = exchange) })
  app.post('/', options({ pool: 'p' }), async () => 'x')
  await app.inject({ method: 'POST', url: '/' })
  assert.equal(closed?.reason, null)
})

for (const [what, raw] of [
  ['has already been read', Readable.from(['a'])],
  ['has already been destroyed', new Readable({ read() {} })]
] as const)
  test(`buffering a body that ${what} settles`, async () => {
    if (what.endsWith('read')) for await (const _ of raw);
    else raw.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    const settled = readBody(raw as IncomingMessage, 10).then(
      () => 'settled',
      () => 'settled'
    )
    const waited = new Promise((resolve) => setImmediate(resolve, 'pending'))
    assert.equal(await Promise.race([settled, waited]), 'settled')
  })
