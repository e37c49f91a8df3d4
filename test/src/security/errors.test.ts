import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GatewayServerConfig, REASONS, type Reason, type RouteHooks } from '@gatewright/gateway'
import { crlf, type FakeUpstream, fakeUpstream, type RawResponse, rawRequest } from '@gatewright/testing'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const REQUEST = crlf`GET /some/x HTTP/1.1
Host: example.test

`

const secret = (): Error => Object.assign(new Error('secret: /etc/gateway/key.pem'), { code: 'ESECRET' })

// Where the gateway is, who stands behind it and what it is made of.
const LEAK =
  /secret|127\.0\.0\.1|localhost|key\.pem|ECONN|ESECRET|HPE_|UND_ERR|FST_|undici|fastify|node:|\bat .*:\d+|\/some\//i

/** The answer is the problem of a reason and nothing but that: no header or body tells more. */
function assertPlain(response: RawResponse, reason: Reason, upstream: FakeUpstream): void {
  const { status, title } = REASONS[reason]
  assert.equal(response.status, status)
  const requestId = response.header('x-request-id')
  assert.deepEqual(JSON.parse(response.text), {
    type: `urn:gatewright:reason:${reason}`,
    title,
    status,
    reason,
    requestId
  })
  const text = response.raw.toString('latin1')
  assert.doesNotMatch(text, LEAK)
  assert.doesNotMatch(text, new RegExp(`:${upstream.port}\\b`))
  const names = response.headers
    .map(([name]) => name.toLowerCase())
    .filter((name) => name !== 'connection' && name !== 'keep-alive')
  assert.deepEqual(names.sort(), ['cache-control', 'content-length', 'content-type', 'date', 'x-request-id'])
}

const UPSTREAM_FAULTS: readonly [what: string, reason: Reason, play: (upstream: FakeUpstream) => unknown][] =
  [
    ['refuses connections', 'upstream_connect_failed', (upstream) => upstream.close()],
    ['closes', 'upstream_reset', (upstream) => upstream.answers({ cut: 'before-head' })],
    ['resets', 'upstream_reset', (upstream) => upstream.answers({ cut: 'before-head', end: 'reset' })],
    ['breaks off its head', 'upstream_reset', (upstream) => upstream.answers({ cut: 'mid-head' })],
    [
      'talks nonsense',
      'upstream_protocol_error',
      (upstream) => upstream.answers({ raw: 'secret\r\n\r\n', end: 'close' })
    ],
    [
      'sends a malformed header',
      'upstream_protocol_error',
      (upstream) => upstream.answers({ raw: 'HTTP/1.1 200 OK\r\nse cret: 1\r\n\r\n', end: 'close' })
    ],
    [
      'has two lengths',
      'upstream_protocol_error',
      (upstream) =>
        upstream.answers({
          raw: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
          end: 'close'
        })
    ],
    [
      'answers 888',
      'upstream_protocol_error',
      (upstream) => upstream.answers({ status: 888, reason: 'secret' })
    ],
    [
      'sends thousands of tiny headers',
      'upstream_protocol_error',
      (upstream) => upstream.answers({ headers: Array.from({ length: 3_000 }, () => ['x', 'y'] as const) })
    ],
    ['takes too long', 'upstream_timeout', (upstream) => void upstream.hold()]
  ]

for (const [what, reason, play] of UPSTREAM_FAULTS)
  test(`an upstream that ${what} is ${reason} to the client, and no more`, async (t) => {
    const upstream = await fakeUpstream(t)
    play(upstream)
    // Short for the one that makes the client wait: for any other, a busy machine would be the one that takes too long.
    const firstByte = reason === 'upstream_timeout' ? '60ms' : '20s'
    const { port } = await startGateway(t, singlePool(upstream.url, {}, { timeouts: { firstByte } }))
    assertPlain(await rawRequest(port, REQUEST), reason, upstream)
  })

const throws = (error: unknown) => () => {
  throw error
}
const rejects = (error: unknown) => () => Promise.reject(error)

const HOOKS: readonly [what: string, hooks: RouteHooks][] = [
  ['onRequest throws', { onRequest: throws(secret()) }],
  ['onRequest rejects', { onRequest: rejects(secret()) }],
  ['onRequest gives an error to done', { onRequest: (_request, _reply, done) => done(secret()) }],
  ['preHandler throws', { preHandler: throws(secret()) }],
  ['preHandler rejects', { preHandler: rejects(secret()) }],
  ['onSend rejects', { onSend: rejects(secret()) }],
  ['onSend throws', { onSend: throws(secret()) }],
  ['onSend gives an error to done', { onSend: (_request, _reply, _payload, done) => done(secret()) }],
  ['onRequest rejects with a text', { onRequest: rejects('secret') }],
  ['onRequest rejects with an object', { onRequest: rejects({ secret: true, message: 'secret' }) }],
  [
    'onRequest rejects with a status of success',
    { onRequest: rejects(Object.assign(secret(), { statusCode: 200 })) }
  ],
  [
    'onRequest rejects with a status of a server error',
    { onRequest: rejects(Object.assign(secret(), { statusCode: 503 })) }
  ],
  [
    'onRequest rejects with no status at all',
    { onRequest: rejects(Object.assign(secret(), { statusCode: Number.NaN })) }
  ]
]

for (const [what, hooks] of HOOKS)
  test(`when ${what} the client learns nothing of it`, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, singlePool(upstream.url, {}, { hooks }))
    assertPlain(await rawRequest(port, REQUEST), 'internal_error', upstream)
  })

const MISHAPS: readonly [what: string, reason: Reason, config: (url: string) => GatewayServerConfig][] = [
  ['a handler throws', 'internal_error', () => ({ routes: [{ path: '/*', handler: throws(secret()) }] })],
  ['a handler rejects', 'internal_error', () => ({ routes: [{ path: '/*', handler: rejects(secret()) }] })],
  [
    'a balancing policy throws',
    'internal_error',
    (url) => singlePool(url, { balancing: { pick: throws(secret()) } })
  ],
  [
    'a balancing policy picks nothing',
    'internal_error',
    (url) => singlePool(url, { balancing: { pick: () => undefined as never } })
  ],
  [
    'a rewrite leaves the route',
    'path_rejected',
    (url) =>
      singlePool(url, {}, { rewrite: { regex: { pattern: '^/(some)/', replacement: '/$1/../../secret/' } } })
  ],
  [
    'no route matches',
    'route_not_found',
    (url) => ({ ...singlePool(url), routes: [{ path: '/other', pool: 'upstream' }] })
  ]
]

for (const [what, reason, config] of MISHAPS)
  test(`when ${what} the client gets ${reason} and no more, and the upstream nothing`, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, config(upstream.url))
    assertPlain(await rawRequest(port, REQUEST), reason, upstream)
    assert.equal(upstream.requests.length, 0)
  })

test('when all endpoints are drained the client gets no_endpoint and no more, and the upstream nothing', async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, singlePool(upstream.url))
  gateway.app.gateway.pool('upstream').drain(upstream.url)
  assertPlain(await rawRequest(port, REQUEST), 'no_endpoint', upstream)
  assert.equal(upstream.requests.length, 0)
})

test('a request whose rewrite is refused keeps no connection and no place in the line', async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url], connections: { max: 1, maxQueue: 2 } } },
    routes: [
      { path: '/bad', pool: 'upstream', rewrite: { regex: { pattern: '^/bad', replacement: '/../secret' } } },
      { path: '/*', pool: 'upstream' }
    ]
  })
  const { port } = started
  const bad = REQUEST.replace('/some/x', '/bad')
  for (let i = 0; i < 3; i++) assertPlain(await rawRequest(port, bad), 'path_rejected', upstream)
  const held = upstream.hold()
  const first = rawRequest(port, REQUEST)
  const { respond } = await held
  const [waiting, behind] = [rawRequest(port, bad), rawRequest(port, REQUEST)]
  await respond.answer()
  assert.deepEqual([(await first).status, (await waiting).status, (await behind).status], [200, 400, 200])
  assert.equal(inFlight(started), 0)
  assert.equal(upstream.connections.length <= 2, true)
})

test('a reason phrase with control characters is replaced by the usual one', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const phrase of ['O\x01K', '\x1b[31mOK', 'OK\x7f', 'O\0K']) {
    upstream.next({ raw: `HTTP/1.1 200 ${phrase}\r\ncontent-length: 2\r\n\r\nok`, end: 'close' })
    const response = await rawRequest(port, REQUEST)
    assert.ok(response.statusLine === 'HTTP/1.1 200 OK' || response.status === 502, response.statusLine)
  }
})

test('an answer of the gateway names no software and cannot be cached', async (t) => {
  const { port } = await startGateway(t, { routes: [] })
  const response = await rawRequest(port, REQUEST)
  assert.equal(response.header('server'), undefined)
  assert.equal(response.header('x-powered-by'), undefined)
  assert.equal(response.header('cache-control'), 'no-store')
})

test('with reasonHeader the reason is in a header, also when a hook has thrown', async (t) => {
  const hooks: RouteHooks = {
    onRequest: async () => {
      throw secret()
    }
  }
  const { port } = await startGateway(t, {
    reasonHeader: true,
    routes: [
      { path: '/some/x', respond: { status: 204 }, hooks },
      { path: '/other', respond: { status: 204 } }
    ]
  })
  const thrown = await rawRequest(port, REQUEST)
  assert.equal(thrown.header('x-gw-reason'), 'internal_error')
  const missing = await rawRequest(port, 'GET /gone HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(missing.header('x-gw-reason'), 'route_not_found')
})
