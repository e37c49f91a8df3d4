import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { crlf, type FakeUpstream, type Field, fakeUpstream, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

/** Names that the gateway or the transport adds to every request. */
const ADDED = [
  ...['host', 'connection', 'x-request-id'],
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port']
]

/** What the upstream saw of the client's own headers. */
function relayed(upstream: FakeUpstream): readonly Field[] {
  return upstream.requests.at(-1)?.headers.filter(([name]) => !ADDED.includes(name)) ?? []
}

/** The status that a GET with these header lines gets. */
async function statusOf(port: number, lines: string): Promise<number> {
  return (await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\n${lines}\n\n`)).status
}

test('header lines keep their order, their case and their repetitions', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(
    port,
    crlf`GET / HTTP/1.1
Host: example.test
X-Zebra: 1
ACCEPT: text/html
x-alpha: 2
X-Zebra: 3
Cookie: a=1
cookie: b=2
x-ZEBRA: 4

`
  )
  assert.deepEqual(relayed(upstream), [
    ['X-Zebra', '1'],
    ['ACCEPT', 'text/html'],
    ['x-alpha', '2'],
    ['X-Zebra', '3'],
    ['Cookie', 'a=1'],
    ['cookie', 'b=2'],
    ['x-ZEBRA', '4']
  ])
})

test('names that differ in case are one field for hooks and for Connection', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  assert.equal(await statusOf(port, 'X-One: 1\r\nx-one: 2\r\nX-ONE: 3\r\nConnection: X-oNe'), 200)
  assert.deepEqual(relayed(upstream), [])
})

test('an empty header value is forwarded', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await statusOf(port, 'X-Empty:\r\nX-Blank:   \r\nX-Full: 1')
  assert.deepEqual(relayed(upstream), [
    ['X-Empty', ''],
    ['X-Blank', ''],
    ['X-Full', '1']
  ])
})

test('bytes beyond ASCII in a header value reach the upstream unchanged', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await statusOf(port, 'X-Latin: caf\xe9 \xff\r\nX-Utf8: \xe2\x82\xac')
  assert.deepEqual(relayed(upstream), [
    ['X-Latin', 'caf\xe9 \xff'],
    ['X-Utf8', '\xe2\x82\xac']
  ])
})

test('white space around a value is dropped, inside it is kept', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await statusOf(port, 'X-A: \t a \t b,  c \t ')
  assert.deepEqual(relayed(upstream), [['X-A', 'a \t b,  c']])
})

test('no User-Agent and no Accept are made up', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\n\n`)
  assert.deepEqual(relayed(upstream), [])
  assert.deepEqual(upstream.requests[0]?.headers.map(([name]) => name).sort(), ADDED.toSorted())
})

test('hop-by-hop headers are not forwarded', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const lines = [
    'Keep-Alive: timeout=5',
    'Proxy-Connection: keep-alive',
    'Proxy-Authorization: Basic cHJveHk=',
    'Proxy-Authenticate: Basic',
    'TE: gzip',
    'Trailer: X-Sum',
    'Upgrade: foo/2',
    'X-Kept: 1'
  ]
  assert.equal(await statusOf(port, `Connection: keep-alive\r\n${lines.join('\r\n')}`), 200)
  assert.deepEqual(relayed(upstream), [['X-Kept', '1']])
  assert.deepEqual(upstream.requests[0]?.headerAll('connection'), ['keep-alive'])
})

test('headers named in Connection are not forwarded', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const connection of [
    'Connection: x-a',
    'Connection: close, X-A',
    'Connection: keep-alive\r\nConnection: x-A',
    'Connection: , ,x-a,,',
    'connection:\tX-A ,keep-alive'
  ]) {
    assert.equal(await statusOf(port, `X-A: 1\r\n${connection}\r\nX-B: 2\r\nx-a: 3`), 200, connection)
    assert.deepEqual(relayed(upstream), [['X-B', '2']], connection)
  }
})

test('a Connection that names an end-to-end header is refused', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { reservedHeaders: ['x-user-id'] })
  for (const name of [
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Content-Type',
    'Authorization',
    'Cookie',
    'Forwarded',
    'Via',
    'Origin',
    'X-Forwarded-For',
    'x-forwarded-anything',
    'X-Real-IP',
    'x-request-id',
    'X-User-Id'
  ])
    for (const list of [name, `close, ${name}`, `x-a,${name.toUpperCase()}`])
      assert.equal(await statusOf(port, `Connection: ${list}`), 400, list)
  assert.equal(upstream.requests.length, 0)
})

test('TE: trailers is forwarded, and no other coding', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const te of ['trailers', 'gzip, Trailers;q=0.5', 'trailers\r\nTE: gzip']) {
    await statusOf(port, `TE: ${te}\r\nConnection: TE`)
    assert.deepEqual(relayed(upstream), [['te', 'trailers']])
  }
})

test('an upgrade that the gateway does not make is forwarded as a plain request', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const lines of [
    'Connection: Upgrade\r\nUpgrade: foo/2',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__'
  ]) {
    assert.equal(await statusOf(port, lines), 200)
    assert.deepEqual(relayed(upstream), [])
    assert.deepEqual(upstream.requests.at(-1)?.headerAll('connection'), ['keep-alive'])
  }
})

test('a header name with an underscore is refused, dropped or kept', async (t) => {
  const upstream = await fakeUpstream(t)
  for (const [underscores, status, seen] of [
    [undefined, 400, undefined],
    ['reject', 400, undefined],
    ['drop', 200, []],
    ['keep', 200, [['X_Plain', '1']]]
  ] as const) {
    const more: GatewayServerConfig = underscores === undefined ? {} : { underscores }
    const { port } = await startGateway(t, upstream.url, more)
    const before = upstream.requests.length
    assert.equal(await statusOf(port, 'X_Forwarded_For: 6.6.6.6\r\nX_Plain: 1'), status)
    if (seen === undefined) assert.equal(upstream.requests.length, before)
    else assert.deepEqual(relayed(upstream), seen)
  }
})

test("a client's copies of reserved headers are dropped in every spelling", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    reservedHeaders: ['x-user-id'],
    underscores: 'drop'
  })
  await statusOf(port, 'X-User-Id: 1\r\nx-user-id: 2\r\nX-USER-ID: 3\r\nX_User_Id: 4\r\nX-User: 5')
  assert.deepEqual(relayed(upstream), [['X-User', '5']])
})

test('a header that a hook adds cannot be replaced or stripped by the client', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: { onRequest: async ({ exchange }) => exchange?.forwardHeader('X-User-Id', 'ada') }
  })
  for (const lines of ['X-Other: 1', 'X-User-Id: eve\r\nx-user-id: mallory', 'Connection: x-user-id']) {
    assert.equal(await statusOf(port, lines), 200)
    assert.deepEqual(upstream.requests.at(-1)?.headerAll('x-user-id'), ['ada'], lines)
  }
})

test("a hook's forwarded header has the last word over what the gateway itself says", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: { onRequest: async ({ exchange }) => exchange?.forwardHeader('x-forwarded-for', '192.0.2.1') }
  })
  await statusOf(port, 'X-A: 1')
  assert.deepEqual(upstream.requests[0]?.headerAll('x-forwarded-for'), ['192.0.2.1'])
})

test('a request id is made, and the upstream and the client get the same one', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(
    port,
    crlf`GET / HTTP/1.1\nHost: example.test\nX-Request-Id: from-the-client\n\n`
  )
  const id = response.header('x-request-id')
  assert.match(id ?? '', /^[0-9a-f-]{36}$/)
  assert.deepEqual(response.headerAll('x-request-id'), [id])
  assert.deepEqual(upstream.requests[0]?.headerAll('x-request-id'), [id])
})

test('a request id from a trusted peer is kept when it is a plain token', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { trustedProxies: ['127.0.0.1/32'] })
  for (const [sent, kept] of [
    ['abc.DEF:1/2+3=@4-5_6', true],
    ['has space', false],
    ['{"json":1}', false],
    ['x'.repeat(129), false],
    ['caf\xe9', false]
  ] as const) {
    const response = await rawRequest(
      port,
      crlf`GET / HTTP/1.1\nHost: example.test\nx-request-id: ${sent}\n\n`
    )
    assert.equal(response.header('x-request-id') === sent, kept, sent)
    assert.deepEqual(upstream.requests.at(-1)?.headerAll('x-request-id'), response.headerAll('x-request-id'))
  }
})

test('the request id is in the header that the configuration names, both ways', async (t) => {
  const upstream = await fakeUpstream(t, { headers: { 'x-trace': 'from-upstream' } })
  const { port } = await startGateway(t, upstream.url, { requestIdHeader: 'x-trace' })
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\nX-Request-Id: mine\n\n`)
  assert.deepEqual(response.headerAll('x-trace'), upstream.requests[0]?.headerAll('x-trace'))
  assert.match(response.header('x-trace') ?? '', /^[0-9a-f-]{36}$/)
  assert.deepEqual(upstream.requests[0]?.headerAll('x-request-id'), ['mine'])
})

test('trace context passes through unchanged', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await statusOf(port, `traceparent: ${parent}\r\ntracestate: a=1,b=2\r\nbaggage: k=v`)
  assert.deepEqual(relayed(upstream), [
    ['traceparent', parent],
    ['tracestate', 'a=1,b=2'],
    ['baggage', 'k=v']
  ])
})
