import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import {
  type FakeResponse,
  fakeUpstream,
  type Respond,
  rawClient,
  rawRequest,
  type SeenRequest
} from '@gatewright/testing'
import { guarded } from '../support/guarded.js'
import { startGateway } from '../support/start-gateway.js'

type Answer = FakeResponse | ((request: SeenRequest, respond: Respond) => unknown)

/** A gateway that asks this service. */
async function asking(
  t: TestContext,
  answer: Answer,
  scheme: object = {},
  route: object = {},
  more: GatewayServerConfig = {}
) {
  const service = await fakeUpstream(t, answer as never)
  const upstream = await fakeUpstream(t)
  const lines: Record<string, unknown>[] = []
  const { url, port, gateway } = await startGateway(t, {
    accessLog: { destination: { write: (line: string) => void lines.push(JSON.parse(line)) } },
    pools: {
      auth: { endpoints: [service.url], outlierDetection: false },
      api: { endpoints: [upstream.url] }
    },
    authentication: { schemes: { gate: { type: 'forward', pool: 'auth', ...scheme } } },
    routes: [{ id: 'all', path: '/*', pool: 'api', auth: 'gate', ...route }],
    ...more
  } as GatewayServerConfig)
  const ask = async (path = '/', init: RequestInit = {}) => {
    const response = await fetch(url + path, { redirect: 'manual', ...init })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
  return { service, upstream, lines, ask, port, gateway }
}

test('the service is asked with what it needs and no more, and upstreams get what it says', async (t) => {
  const { service, upstream, ask, lines } = await asking(
    t,
    {
      headers: {
        'x-user': 'ada',
        'x-team': 'blue',
        'x-roles': 'admin, dev',
        'x-secret': 's',
        'set-cookie': 'a=b'
      }
    },
    {
      path: '/verify?v=1',
      responseHeaders: ['X-User'],
      identity: { subject: 'x-user', consumer: 'x-team', roles: 'x-roles' }
    },
    { authorize: { roles: ['dev'], consumers: ['blue'] } }
  )
  const { status, headers } = await ask('/orders/7?full=1', {
    method: 'POST',
    headers: { authorization: 'Bearer x', cookie: 'sid=1', 'x-other': 'o', 'x-user': 'root' },
    body: 'a body'
  })
  assert.equal(status, 200)
  assert.equal(headers.get('set-cookie'), null)
  const [asked] = service.requests
  assert.equal(`${asked?.method} ${asked?.target}`, 'GET /verify?v=1')
  assert.deepEqual(
    Object.fromEntries((asked?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value])),
    {
      host: asked?.header('host'),
      connection: 'keep-alive',
      authorization: 'Bearer x',
      cookie: 'sid=1',
      'x-forwarded-method': 'POST',
      'x-forwarded-proto': 'http',
      'x-forwarded-uri': '/orders/7?full=1',
      'x-forwarded-host': upstream.requests[0]?.header('x-forwarded-host'),
      'x-forwarded-for': '127.0.0.1',
      'x-request-id': upstream.requests[0]?.header('x-request-id')
    }
  )
  const [seen] = upstream.requests
  assert.deepEqual(seen?.headerAll('x-user'), ['ada'])
  assert.equal(seen?.header('x-secret'), undefined)
  assert.equal(seen?.header('authorization'), 'Bearer x')
  assert.equal(seen?.body.toString(), 'a body')
  assert.deepEqual([lines[0]?.subject, lines[0]?.consumer], ['ada', 'blue'])
})

const REFUSALS: readonly (readonly [FakeResponse, number, string, string | null])[] = [
  [{ status: 401, headers: { 'www-authenticate': 'Bearer' }, body: 'who?' }, 401, 'who?', 'unauthenticated'],
  [
    { status: 403, headers: { 'content-type': 'text/plain', 'x-inner': '1' }, body: 'no' },
    403,
    'no',
    'forbidden'
  ],
  [
    { status: 302, headers: { location: 'https://login.test/?r=1', 'set-cookie': 'state=x' } },
    302,
    '',
    'unauthenticated'
  ],
  [{ status: 307, headers: { location: '/login' } }, 307, '', 'unauthenticated']
]

for (const [answer, status, body, reason] of REFUSALS)
  test(`a refusal with ${status} is relayed with the headers that may be, and the upstream sees nothing`, async (t) => {
    const { ask, upstream, lines } = await asking(t, answer)
    const got = await ask('/', { method: 'POST', body: 'x'.repeat(100_000) })
    assert.deepEqual([got.status, got.body], [status, body])
    for (const [name, value] of Object.entries(answer.headers ?? {}))
      assert.equal(got.headers.get(name), name === 'x-inner' ? null : value)
    assert.equal(got.headers.get('cache-control'), 'no-store')
    assert.equal(upstream.requests.length, 0)
    assert.deepEqual([lines[0]?.reason, lines[0]?.detail], [reason, `pool 'auth' answered ${status}`])
  })

const NO_ANSWERS: readonly (readonly [string, Answer, RegExp])[] = [
  ['5xx', { status: 500, body: 'secret trace' }, /answered 500/],
  ['404', { status: 404 }, /answered 404/],
  ['a redirect to nowhere', { status: 302 }, /answered 302/],
  ['304', { status: 304 }, /answered 304/],
  ['nothing in time', () => {}, /deadline_exceeded|upstream_timeout/],
  ['a head and no end', (_: SeenRequest, respond: Respond) => void respond.stream(), /deadline_exceeded/],
  ['a connection that ends', { cut: 'before-head', end: 'reset' } as FakeResponse, /upstream_reset/],
  ['a body that breaks off', { body: 'abcdef', cut: 'mid-body', end: 'close' } as FakeResponse, /upstream/],
  ['too much', { body: 'x'.repeat(70_000) }, /more than 65536 bytes/],
  ['no HTTP', { raw: 'SSH-2.0\r\n', end: 'close' } as FakeResponse, /upstream_protocol_error/]
]

for (const [what, answer, detail] of NO_ANSWERS)
  test(`${what} is no answer: 503, or let through and told of with failMode open`, async (t) => {
    const closed = await asking(t, answer, { timeout: '200ms' })
    const refused = await closed.ask()
    assert.equal(refused.status, 503)
    assert.equal(JSON.parse(refused.body).reason, 'auth_unavailable')
    assert.doesNotMatch(refused.body, /secret/)
    assert.match(String(closed.lines[0]?.detail), detail)
    assert.equal(closed.upstream.requests.length, 0)
    const open = await asking(t, answer, {
      timeout: '200ms',
      failMode: 'open',
      responseHeaders: ['x-user', 'authorization']
    })
    assert.equal(
      (await open.ask('/', { headers: { 'x-user': 'root', authorization: 'Bearer root' } })).status,
      200
    )
    const [seen] = open.upstream.requests
    assert.deepEqual([seen?.header('x-user'), seen?.header('authorization')], [undefined, undefined])
    assert.deepEqual(open.lines[0]?.observed, ['auth_unavailable'])
  })

test('the breaker of the pool opens when the service fails, and it is asked no more', async (t) => {
  const failing = await fakeUpstream(t, { status: 500 })
  const { url } = await startGateway(t, {
    pools: {
      auth: {
        endpoints: [failing.url],
        outlierDetection: false,
        circuitBreaker: { minRequests: 3, window: '60s' }
      }
    },
    authentication: { schemes: { gate: { type: 'forward', pool: 'auth' } } },
    routes: [{ id: 'all', path: '/*', respond: { status: 204 }, auth: 'gate' }]
  } as GatewayServerConfig)
  for (let n = 0; n < 10; n++) assert.equal((await fetch(url)).status, 503)
  assert.ok(failing.requests.length < 10, String(failing.requests.length))
  assert.ok(failing.requests.length >= 3)
})

test('an endpoint that refuses connections is left for another one by health', async (t) => {
  const service = await fakeUpstream(t)
  const gone = await fakeUpstream(t)
  await gone.close()
  const { url } = await startGateway(t, {
    pools: {
      auth: {
        endpoints: [gone.url, service.url],
        outlierDetection: { consecutiveErrors: 1 },
        balancing: 'round-robin'
      }
    },
    authentication: { schemes: { gate: { type: 'forward', pool: 'auth' } } },
    routes: [{ path: '/*', respond: { status: 204 }, auth: 'gate' }]
  } as GatewayServerConfig)
  const statuses = []
  for (let n = 0; n < 8; n++) statuses.push((await fetch(url)).status)
  assert.ok(statuses.filter((status) => status === 503).length <= 1, statuses.join())
})

test('the body is sent only when asked for, up to its limit, and upstreams get it all the same', async (t) => {
  const { ask, service, upstream } = await asking(t, {}, { body: '1KiB' })
  assert.equal((await ask('/', { method: 'PUT', body: 'x'.repeat(1_000) })).status, 200)
  assert.deepEqual([service.requests[0]?.method, service.requests[0]?.bodyBytes], ['POST', 1_000])
  assert.equal(upstream.requests[0]?.bodyBytes, 1_000)
  const long = await ask('/', { method: 'PUT', body: 'x'.repeat(2_000) })
  assert.equal(long.status, 413)
  assert.equal((await ask('/')).status, 200)
  assert.deepEqual([service.requests.length, upstream.requests.length], [2, 2])
})

test('the method is GET, POST, or that of the request, without a body', async (t) => {
  for (const [method, asked, length] of [
    ['POST', 'POST', '0'],
    ['same', 'PUT', '0'],
    [undefined, 'GET', undefined]
  ] as const) {
    const { ask, service, upstream } = await asking(
      t,
      {},
      { appendPath: true, path: '/v/', ...(method && { method }) }
    )
    assert.equal((await ask('/a%20b?x=1', { method: 'PUT', body: 'hello' })).status, 200)
    const [seen] = service.requests
    assert.deepEqual(
      [seen?.method, seen?.target, seen?.header('content-length')],
      [asked, '/v/a%20b?x=1', length]
    )
    assert.equal(upstream.requests[0]?.body.toString(), 'hello')
  }
})

test('what a client says of how it was forwarded never gets to the service', async (t) => {
  const { service, port } = await asking(t, {}, { requestHeaders: ['x-forwarded-groups', 'x-original-url'] })
  const lines = [
    'X-Forwarded-Uri: /public',
    'X-Forwarded-Method: GET',
    'X-Forwarded-Host: admin.test',
    'X-Forwarded-For: 10.0.0.1',
    'X-Forwarded-Groups: admins',
    'Forwarded: for=10.0.0.1;host=admin.test'
  ]
  const head = ['DELETE /secret HTTP/1.1', 'Host: a.test', ...lines, '', '']
  assert.equal((await rawRequest(port, head.join('\r\n'))).status, 200)
  const [seen] = service.requests
  assert.deepEqual(
    ['uri', 'method', 'host', 'for', 'groups'].map((name) => seen?.headerAll(`x-forwarded-${name}`)),
    [['/secret'], ['DELETE'], ['a.test'], ['127.0.0.1'], []]
  )
  assert.equal(seen?.header('forwarded'), undefined)
})

test('a chunked body that is read for the service reaches the upstream whole', async (t) => {
  const { port, service, upstream } = await asking(t, {}, { body: '1KiB' })
  const head = 'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n'
  assert.equal((await rawRequest(port, `${head}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`)).status, 200)
  assert.equal(service.requests[0]?.body.toString(), 'hello!')
  assert.equal(upstream.requests[0]?.body.toString(), 'hello!')
})

test('a decision is known for a while, by all that the service gets, or by what is declared', async (t) => {
  const answer = (request: SeenRequest, respond: Respond) =>
    respond.answer(
      request.header('authorization') === 'Bearer good' ? { headers: { 'x-user': 'ada' } } : { status: 401 }
    )
  const { ask, service, upstream } = await asking(t, answer, {
    responseHeaders: ['x-user'],
    cache: { ttl: '1m', denied: '1m' }
  })
  const status = async (token: string, path = '/', method = 'GET') =>
    (await ask(path, { method, headers: { authorization: `Bearer ${token}` } })).status
  for (let n = 0; n < 3; n++) assert.deepEqual([await status('good'), await status('bad')], [200, 401])
  assert.equal(service.requests.length, 2)
  assert.deepEqual(
    upstream.requests.map((request) => request.header('x-user')),
    ['ada', 'ada', 'ada']
  )
  await status('good', '/other')
  await status('good', '/', 'DELETE')
  await status('good', '/?x=1')
  assert.equal(service.requests.length, 5)
  const byToken = await asking(t, answer, { cache: { ttl: '1m', by: ['authorization'] } })
  for (const path of ['/a', '/b']) await byToken.ask(path, { headers: { authorization: 'Bearer good' } })
  for (const path of ['/a', '/b']) await byToken.ask(path, { headers: { authorization: 'Bearer bad' } })
  assert.equal(byToken.service.requests.length, 3)
})

test('a service can say that its decision is not to be kept', async (t) => {
  for (const [control, asked] of [
    ['no-store', 2],
    ['private, no-cache', 2],
    ['max-age=0', 2],
    ['max-age=60', 1]
  ] as const) {
    const { ask, service } = await asking(
      t,
      { headers: { 'cache-control': control } },
      { cache: { ttl: '1m' } }
    )
    await ask()
    await ask()
    assert.equal(service.requests.length, asked, control)
  }
})

test('a client that leaves ends the request to the service', async (t) => {
  const { port, service } = await asking(t, () => {})
  const client = await rawClient(port)
  await client.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
  const asked = await service.request(1)
  client.reset()
  assert.equal(await asked.aborted, 'waiting')
})

test('with observe, what the service refuses is let through and told', async (t) => {
  const { ask, lines } = await asking(t, { status: 403 }, {}, { auth: { any: ['gate'], mode: 'observe' } })
  assert.equal((await ask()).status, 200)
  assert.deepEqual(lines[0]?.observed, ['unauthenticated'])
})

test('beside another scheme, the service is asked only where that does not know the request', async (t) => {
  const service = await fakeUpstream(t, { status: 302, headers: { location: '/login' } })
  const { ask } = await guarded(
    t,
    {
      schemes: {
        gate: { type: 'forward', pool: 'auth' },
        mine: {
          type: 'custom',
          authenticate: ({ headers }) => (headers['x-a'] === 'al' ? { subject: 'al' } : null)
        }
      }
    },
    { auth: { any: ['mine', 'gate'] } },
    {
      pools: { auth: { endpoints: [service.url] }, api: { endpoints: [service.url] } },
      routes: [{ path: '/*', respond: { status: 204 }, auth: { any: ['mine', 'gate'] } }]
    }
  )
  assert.equal((await ask('/', { 'x-a': 'al' })).status, 204)
  assert.equal(service.requests.length, 0)
  assert.deepEqual([(await ask()).status, (await ask()).headers.get('location')], [302, '/login'])
})

test('what could not work is refused by path', async () => {
  for (const [scheme, problem] of [
    [{ pool: 'atuh' }, /schemes\.gate\.pool: there is no pool 'atuh'; did you mean 'auth'\?/],
    [{}, /schemes\.gate: 'pool' is missing/],
    [{ pool: 'auth', requestHeaders: ['Host'] }, /requestHeaders\[0\]: 'Host' is the gateway's own business/],
    [
      { pool: 'auth', responseHeaders: ['set-cookie'] },
      /responseHeaders\[0\]: 'set-cookie' has a meaning of its own/
    ],
    [
      { pool: 'auth', responseHeaders: ['x_user'] },
      /responseHeaders\[0\]: 'x_user' must be a header name of letters/
    ],
    [
      { pool: 'auth', refusalHeaders: ['content-length'] },
      /refusalHeaders\[0\]: 'content-length' is written by the gateway/
    ],
    [
      { pool: 'auth', body: '1KiB', cache: { ttl: '1s' } },
      /cache: a decision that depends on the body is not remembered/
    ],
    [{ pool: 'auth', body: '1KiB', method: 'GET' }, /method: a GET has no body/],
    [
      { pool: 'auth', cache: { ttl: '1s', by: ['x-tenant'] } },
      /cache\.by: the service does not get 'x-tenant'/
    ],
    [{ pool: 'auth', path: 'verify' }, /path: 'verify' must be a path/]
  ] as const) {
    const gateway = createGateway({
      logger: false,
      pools: { auth: { endpoints: ['http://a.test'] } },
      authentication: { schemes: { gate: { type: 'forward', ...scheme } as never } },
      routes: [{ path: '/', respond: {}, auth: 'gate' }]
    })
    await assert.rejects(
      gateway.ready(),
      { code: 'GW_CONFIG_INVALID', message: problem },
      JSON.stringify(scheme)
    )
  }
})

test('a header such as X-Forwarded-User may tell who it is, and is dropped of trusted proxies too', async (t) => {
  const { port, upstream } = await asking(
    t,
    { headers: { 'x-forwarded-user': 'ada' } },
    { responseHeaders: ['X-Forwarded-User'] },
    {},
    { trustedProxies: ['127.0.0.1'] }
  )
  const head = ['GET / HTTP/1.1', 'Host: a.test', 'X-Forwarded-User: root', '', '']
  assert.equal((await rawRequest(port, head.join('\r\n'))).status, 200)
  assert.deepEqual(upstream.requests[0]?.headerAll('x-forwarded-user'), ['ada'])
})
