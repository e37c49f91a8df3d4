import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayServerConfig, type UpstreamUrl } from '@gatewright/gateway'
import { crlf, fakeUpstream, rawRequest, type SeenRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const TRUSTED = { trustedProxies: ['127.0.0.1/32'] }

/** What the upstream sees of a request with these header lines. */
async function seen(
  t: TestContext,
  config: GatewayServerConfig,
  ...lines: string[]
): Promise<{ seen: SeenRequest; port: number }> {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, config)
  await rawRequest(
    port,
    crlf`GET / HTTP/1.1\nHost: Example.test:8080\n${lines.map((l) => `${l}\r\n`).join('')}\n`
  )
  return { seen: upstream.requests[0] as SeenRequest, port }
}

const forwardingHeaders = ({ headers }: SeenRequest) =>
  Object.fromEntries(headers.filter(([name]) => /^(?:x-forwarded-.*|x-real-ip|forwarded)$/i.test(name)))

const CLAIMS = [
  'X-Forwarded-For: 203.0.113.7, 10.1.1.1',
  'x-forwarded-for: 10.2.2.2',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: public.test',
  'X-Forwarded-Port: 443',
  'X-Real-IP: 203.0.113.7',
  'Forwarded: for=203.0.113.7;proto=https'
]

test('X-Forwarded headers say what the connection says', async (t) => {
  const { seen: request, port } = await seen(t, {})
  assert.deepEqual(forwardingHeaders(request), {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'Example.test:8080',
    'x-forwarded-port': String(port)
  })
})

test('forwarding headers of an untrusted peer are dropped', async (t) => {
  const { seen: request, port } = await seen(t, {}, ...CLAIMS)
  assert.deepEqual(forwardingHeaders(request), {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'Example.test:8080',
    'x-forwarded-port': String(port)
  })
})

test('forwarding headers of a trusted peer are continued', async (t) => {
  const { seen: request } = await seen(t, TRUSTED, ...CLAIMS)
  assert.deepEqual(forwardingHeaders(request), {
    'x-forwarded-for': '203.0.113.7, 10.1.1.1, 10.2.2.2, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'public.test',
    'x-forwarded-port': '443'
  })
})

test('scheme, host and port upstream are one origin, as the trusted peer tells it', async (t) => {
  for (const [lines, proto, host, port] of [
    [['X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.example'], 'https', 'shop.example', '443'],
    [
      ['X-Forwarded-Proto: HTTPS', 'X-Forwarded-Host: shop.example:8443'],
      'https',
      'shop.example:8443',
      '8443'
    ],
    [['X-Forwarded-Proto: https,https'], 'https', 'Example.test:8080', '8080'],
    [
      ['X-Forwarded-Proto: http', 'X-Forwarded-Proto: https', 'X-Forwarded-Port: 444'],
      'https',
      'Example.test:8080',
      '444'
    ]
  ] as const)
    for (const forwarded of ['x-forwarded', 'both'] as const) {
      const { seen: request } = await seen(t, { ...TRUSTED, forwarded }, ...lines)
      assert.deepEqual(forwardingHeaders(request), {
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': proto,
        'x-forwarded-host': host,
        'x-forwarded-port': port,
        ...(forwarded === 'both'
          ? { forwarded: `for=127.0.0.1;host=${host.includes(':') ? `"${host}"` : host};proto=${proto}` }
          : {})
      })
    }
})

test('with both kinds of headers Forwarded says what X-Forwarded says, and not what else came', async (t) => {
  const { seen: request } = await seen(
    t,
    { trustedProxies: ['127.0.0.1/32', '10.0.0.0/8'], forwarded: 'both' },
    'X-Forwarded-For: 6.6.6.6, garbage, 2001:db8::7',
    'X-Forwarded-For: 10.1.1.1:5678',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: shop.example',
    'Forwarded: for=9.9.9.9;proto=http;host=evil.example'
  )
  assert.equal(
    request.header('forwarded'),
    'for=6.6.6.6, for=unknown, for="[2001:db8::7]";host=shop.example;proto=https, for=10.1.1.1, for=127.0.0.1'
  )
  assert.equal(request.header('x-forwarded-for'), '6.6.6.6, garbage, 2001:db8::7, 10.1.1.1:5678, 127.0.0.1')
})

test("the gateway's own element of Forwarded says how its peer has asked", async (t) => {
  const { seen: request } = await seen(
    t,
    { ...TRUSTED, forwarded: 'rfc7239' },
    'Forwarded: for=203.0.113.7;proto=https;host=shop.example'
  )
  assert.equal(
    request.header('forwarded'),
    'for=203.0.113.7;proto=https;host=shop.example, for=127.0.0.1;host="Example.test:8080";proto=http'
  )
})

test('a redirect leads to the origin that the client has asked for', async (t) => {
  const { port } = await startGateway(t, { ...TRUSTED, routes: [{ path: '/*', redirect: { path: '/new' } }] })
  for (const [lines, location] of [
    ['X-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example', 'https://shop.example/new'],
    [
      'X-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\nX-Forwarded-Port: 8443',
      'https://shop.example:8443/new'
    ],
    ['X-Forwarded-Proto: https', 'https://example.test/new'],
    ['X-Forwarded-For: 1.2.3.4', 'http://example.test/new']
  ] as const) {
    const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\n${lines}\n\n`)
    assert.equal(response.header('location'), location)
  }
})

test('malformed values of a trusted peer do not replace what the connection says', async (t) => {
  const { seen: request, port } = await seen(
    t,
    TRUSTED,
    'X-Forwarded-Proto: javascript',
    'X-Forwarded-Host: a b/c',
    'X-Forwarded-Port: 99999999'
  )
  assert.deepEqual(forwardingHeaders(request), {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'Example.test:8080',
    'x-forwarded-port': String(port)
  })
})

test('other X-Forwarded headers, such as a prefix, pass from trusted peers alone', async (t) => {
  for (const [config, prefix] of [
    [TRUSTED, '/api'],
    [{}, undefined]
  ] as const) {
    const { seen: request } = await seen(t, config, 'X-Forwarded-Prefix: /api')
    assert.equal(request.header('x-forwarded-prefix'), prefix)
  }
})

for (const [forwarded, believed] of [
  [
    'x-forwarded',
    [
      ['X-Forwarded-For: 6.6.6.6, 203.0.113.7, 10.1.1.1', '203.0.113.7'],
      ['X-Forwarded-For: 203.0.113.7:1234, [2001:db8::1]:80', '203.0.113.7'],
      ['X-Forwarded-For: 10.1.1.1, garbage, 10.2.2.2', '10.2.2.2'],
      ['Forwarded: for=203.0.113.7', '127.0.0.1'],
      ['X-Other: 1', '127.0.0.1']
    ]
  ],
  [
    'rfc7239',
    [
      ['Forwarded: for=6.6.6.6, for="[2001:db9::1]:99";by=x, for=10.1.1.1', '2001:db9::1'],
      ['Forwarded: For=203.0.113.7;proto=https', '203.0.113.7'],
      ['X-Forwarded-For: 203.0.113.7', '127.0.0.1']
    ]
  ]
] as const)
  test(`the client is the last address in the chain that no trusted proxy vouches for (${forwarded})`, async (t) => {
    const upstream = await fakeUpstream(t)
    const clients: string[] = []
    const { port } = await startGateway(t, upstream.url, {
      forwarded,
      trustedProxies: ['127.0.0.1/32', '10.0.0.0/8', '2001:db8::/32'],
      hooks: { onRequest: async ({ exchange }) => void clients.push(exchange?.ingress.client ?? '') }
    })
    for (const [line] of believed)
      await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\n${line}\n\n`)
    assert.deepEqual(
      clients,
      believed.map(([, client]) => client)
    )
  })

test('Forwarded takes the place of X-Forwarded headers where it is configured', async (t) => {
  const { seen: request } = await seen(t, { forwarded: 'rfc7239' }, ...CLAIMS)
  assert.deepEqual(forwardingHeaders(request), {
    forwarded: 'for=127.0.0.1;host="Example.test:8080";proto=http'
  })
})

test('Forwarded of a trusted peer is appended to', async (t) => {
  const { seen: request } = await seen(
    t,
    { ...TRUSTED, forwarded: 'rfc7239' },
    'Forwarded: for=_hidden;by="[::1]"',
    'Forwarded: for=10.1.1.1'
  )
  assert.equal(
    request.header('forwarded'),
    'for=_hidden;by="[::1]", for=10.1.1.1, for=127.0.0.1;host="Example.test:8080";proto=http'
  )
})

test('both kinds of forwarding headers, or none, can be configured', async (t) => {
  const { seen: both } = await seen(t, { forwarded: 'both' })
  assert.equal(Object.keys(forwardingHeaders(both)).length, 5)
  const { seen: none } = await seen(t, { ...TRUSTED, forwarded: 'none' }, ...CLAIMS)
  assert.deepEqual(forwardingHeaders(none), {})
})

test('Forwarded puts an IPv6 address in brackets and quotes', async (t) => {
  const upstream = await fakeUpstream(t)
  const gateway = createGateway({ logger: false, accessLog: false, forwarded: 'both' })
  gateway.route('/*', upstream.url as UpstreamUrl)
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '::1' })
  await rawRequest(url, crlf`GET / HTTP/1.1\nHost: [::1]\n\n`)
  const request = upstream.requests[0]
  assert.equal(request?.header('forwarded'), 'for="[::1]";host="[::1]";proto=http')
  assert.equal(request?.header('x-forwarded-for'), '::1')
})

test('a client on a unix socket has no address, and none is made up', async (t) => {
  const upstream = await fakeUpstream(t)
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-'))
  t.after(() => rm(folder, { recursive: true }))
  const gateway = createGateway({ logger: false, accessLog: false, forwarded: 'both' })
  gateway.route('/*', upstream.url as UpstreamUrl)
  t.after(() => gateway.close())
  const socketPath = join(folder, 'gateway.sock')
  await gateway.listen({ path: socketPath })
  const [response] = await once(request({ socketPath, headers: { host: 'example.test' } }).end(), 'response')
  response.resume()
  assert.equal(response.statusCode, 200)
  assert.deepEqual(forwardingHeaders(upstream.requests[0] as SeenRequest), {
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'example.test',
    forwarded: 'for=unknown;host=example.test;proto=http'
  })
})

test('Via names the gateway both ways, after those who passed the message on before', async (t) => {
  const upstream = await fakeUpstream(t, { headers: { via: '1.0 origin' } })
  const { port } = await startGateway(t, upstream.url, { via: 'edge-1' })
  const response = await rawRequest(
    port,
    crlf`GET / HTTP/1.1\nHost: example.test\nVia: 1.1 a\nvia: 2 b (c)\n\n`
  )
  assert.deepEqual(upstream.requests[0]?.headerAll('via'), ['1.1 a, 2 b (c), 1.1 edge-1'])
  assert.deepEqual(response.headerAll('via'), ['1.0 origin, 1.1 edge-1'])
})

test('Via has the version that the client spoke', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { via: 'edge-1' })
  await rawRequest(port, crlf`GET / HTTP/1.0\nHost: example.test\n\n`)
  assert.deepEqual(upstream.requests[0]?.headerAll('via'), ['1.0 edge-1'])
})

test('without a name of its own the gateway passes Via through', async (t) => {
  const { seen: request } = await seen(t, {}, 'Via: 1.1 a')
  assert.deepEqual(request.headerAll('via'), ['1.1 a'])
})

test('a request that has passed through this gateway before gets 508', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { via: 'edge-1' })
  for (const [via, status] of [
    ['1.1 edge-1', 508],
    ['1.0 a, HTTP/1.1 edge-1 (comment), 2 b', 508],
    ['1.1 edge-10, 1.1 edge', 200]
  ] as const) {
    const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: example.test\nVia: ${via}\n\n`)
    assert.equal(response.status, status, via)
    if (status === 508) assert.equal(JSON.parse(response.text).reason, 'loop_detected')
  }
  assert.equal(upstream.requests.length, 1)
})

test('two gateways that forward to each other end the loop', { timeout: 20_000 }, async (t) => {
  const second = await fakeUpstream(t)
  const { port } = second
  await second.close()
  const first = await startGateway(t, `http://127.0.0.1:${port}`, { via: 'first' })
  const gateway = createGateway({ logger: false, accessLog: false, via: 'second' })
  gateway.route('/*', first.url as UpstreamUrl)
  t.after(() => gateway.close())
  await gateway.listen({ port, host: '127.0.0.1' })
  const response = await rawRequest(first.port, crlf`GET / HTTP/1.1\nHost: example.test\n\n`)
  assert.equal(response.status, 508)
  assert.equal(JSON.parse(response.text).reason, 'loop_detected')
})
