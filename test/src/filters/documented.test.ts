// What docs/filters.md and the README of the package say, where no other test sees it.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { serveFilters } from '@gatewright/filters/server'
import type { FiltersConfig, GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { configProblems } from '../support/config-problems.js'
import { startGateway } from '../support/start-gateway.js'

type Filter = Exclude<FiltersConfig, false>[number]
type Lines = Record<string, unknown>[]

async function filtered(
  t: TestContext,
  filters: readonly unknown[],
  more: GatewayServerConfig = {},
  route: object = {}
) {
  const lines: Lines = []
  const upstream = await fakeUpstream(t, { headers: { 'x-from': 'upstream' }, body: 'body' })
  const { url, gateway } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ id: 'api', path: '/*', pool: 'api', filters: filters as Filter[], ...route }],
    accessLog: { destination: { write: (line: string) => void lines.push(JSON.parse(line)) } },
    metrics: { listener: 'app' },
    flightRecorder: true,
    ...more
  } as GatewayServerConfig)
  const get = async (path = '/', init: RequestInit = {}) => {
    const response = await fetch(url + path, { redirect: 'manual', ...init })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
  const line = async (): Promise<Record<string, unknown>> => {
    while (lines.length === 0) await new Promise(setImmediate)
    return lines.at(-1) as Record<string, unknown>
  }
  return { upstream, gateway, get, line, lines }
}

test('observe asks, changes nothing, lets everything pass and tells what it would have done', async (t) => {
  const denies = () => ({ answer: { status: 401, body: 'no', headers: { 'x-denied': '1' } } })
  for (const [name, functions, reason] of [
    ['denies', { request: denies }, 'filter_denied'],
    ['denies the response', { response: denies }, 'filter_denied'],
    [
      'changes',
      { request: () => ({ headers: { 'x-a': '1' }, query: { q: '1' }, responseHeaders: { 'x-b': '1' } }) },
      null
    ],
    ['changes the response', { response: () => ({ headers: { 'x-b': '1' } }) }, null],
    ['throws', { request: () => Promise.reject(new Error('mine')) }, 'filter_unavailable'],
    ['is late', { request: () => new Promise(() => {}) }, 'filter_unavailable'],
    ['is late for the response', { response: () => new Promise(() => {}) }, 'filter_unavailable'],
    ['says what it may not', { request: () => ({ headers: { connection: 'x' } }) }, 'filter_unavailable']
  ] as const) {
    const { get, upstream, line, gateway } = await filtered(t, [
      { type: 'function', name: 'mine', mode: 'observe', timeout: '40ms', writes: ['x-a'], ...functions }
    ])
    const answer = await get('/p', { headers: { 'x-a': 'client' } })
    assert.deepEqual(
      [
        answer.status,
        answer.body,
        answer.headers.get('x-b'),
        answer.headers.get('x-denied'),
        answer.headers.get('x-from')
      ],
      [200, 'body', null, null, 'upstream'],
      name
    )
    const [seen] = upstream.requests
    assert.deepEqual([seen?.target, seen?.headerAll('x-a')], ['/p', ['client']], name)
    const { observed = null, filters, request_id } = await line()
    assert.deepEqual(observed, reason === null ? null : [reason], name)
    assert.match(String(filters), /^mine \w+ \(observed\)$/, name)
    assert.match(gateway.why(String(request_id)), /filter mine/, name)
    const { body } = await get('/metrics')
    for (const one of ['filter_denied', 'filter_unavailable'])
      assert.match(
        body,
        new RegExp(`proxy_observed_total\\{[^}]*${one}[^}]*\\} ${one === reason ? 1 : 0}\\n`),
        name
      )
  }
})

test('with failMode open the log says that a filter has failed', async (t) => {
  const { get, line } = await filtered(t, [
    { type: 'ext_authz', name: 'authz', target: 'http://127.0.0.1:1', failMode: 'open', timeout: '10s' }
  ])
  assert.equal((await get()).status, 200)
  assert.equal((await line()).filters, 'authz failed')
})

test('metadata is in the access log, and a filter that is not there leaves nothing in it', async (t) => {
  const { get, line } = await filtered(t, [
    { type: 'function', name: 'mine', request: () => ({ metadata: { tier: 'gold' } }) }
  ])
  await get()
  const { filters, filter_metadata } = await line()
  assert.deepEqual([filters, filter_metadata], ['mine allowed', '{"mine":{"tier":"gold"}}'])
})

test('filters are asked in their order, those of the whole configuration first, after limits', async (t) => {
  const order: string[] = []
  const one = (name: string, more: object = {}) => ({
    type: 'function',
    name,
    request: () => {
      order.push(name)
      return {}
    },
    ...more
  })
  const { get } = await filtered(
    t,
    [one('c', { body: { maxBytes: '1KiB' } }), one('d')],
    { filters: [one('a'), one('b')] as Filter[] },
    { rateLimit: { name: 'one', limit: 1, window: '1h' } }
  )
  assert.equal((await get('/', { method: 'POST', body: 'x' })).status, 200)
  assert.deepEqual(order, ['a', 'b', 'c', 'd'])
  assert.equal((await get()).status, 429)
  assert.equal(order.length, 4, 'nobody is asked about what a limit refuses')
})

test('false switches off all filters of a route, also those at the top', async (t) => {
  const denying = [{ type: 'function', name: 'a', request: () => ({ answer: { status: 403 } }) }] as Filter[]
  const { get } = await filtered(t, [], { filters: denying }, { filters: false })
  assert.equal((await get()).status, 200)
  const { body } = await get('/metrics')
  assert.doesNotMatch(body, /reason="filter_denied"/)
  const others = await filtered(t, [], { filters: denying })
  assert.equal((await others.get()).status, 403)
})

test('Host is set only where `writes` names it, and only to what is one', async (t) => {
  for (const [writes, host, status] of [
    [[], 'other.example', 503],
    [['host'], 'other.example:81', 200],
    [['host'], 'a b', 503],
    [['host'], 'a/b', 503],
    [['host'], '', 503]
  ] as const) {
    const { get, upstream } = await filtered(t, [
      { type: 'function', name: 'mine', writes, request: () => ({ headers: { host } }) }
    ])
    assert.equal((await get()).status, status, host)
    assert.deepEqual(upstream.requests[0]?.headerAll('host'), status === 200 ? [host] : undefined)
  }
})

test('a service is left alone after ten failures in a row, and functions never are', async (t) => {
  let calls = 0
  const server = await serveFilters({
    check: () => {
      calls++
      throw new Error('broken')
    }
  })
  t.after(() => server.close())
  const service = await filtered(t, [{ type: 'ext_authz', target: server.url, timeout: '10s' }])
  for (let i = 0; i < 12; i++) assert.equal((await service.get()).status, 503)
  assert.equal(calls, 10)
  const mine = await filtered(t, [
    {
      type: 'function',
      name: 'mine',
      request: () => {
        calls++
        throw new Error('broken')
      }
    }
  ])
  for (let i = 0; i < 12; i++) await mine.get()
  assert.equal(calls, 22)
})

test('what can never work stops the start, with its place', async () => {
  const service = { type: 'ext_authz', target: 'http://127.0.0.1:9191' }
  const mine = { type: 'function', name: 'mine', request: () => undefined }
  for (const [filters, problem] of [
    [[service, service], /filters\[1\]\.name: 'ext_authz' is taken/],
    [[{ ...service, target: '127.0.0.1:9191' }], /target/],
    [[{ ...service, target: 'http://127.0.0.1:9191/path' }], /target/],
    [[{ ...service, target: 'http://[::1' }], /target/],
    [[{ ...service, target: 'http://user@127.0.0.1' }], /target/],
    [[{ ...service, tls: {} }], /tls: does nothing for 'http:'/],
    [[{ ...service, target: 'https://a', tls: { ca: 'no certificate' } }], /tls\.ca/],
    [[{ ...service, target: 'https://a', tls: { cert: 'x' } }], /tls/],
    [[{ ...service, writes: ['content-length'] }], /writes\[0\]: 'content-length' is written by the gateway/],
    [[{ ...service, writes: ['X-User'] }], /writes/],
    [[{ ...service, metadata: { te: 'x' } }], /metadata: 'te' cannot be set/],
    [[{ ...service, metadata: { 'x-token': 'é' } }], /metadata: 'x-token' must be printable/],
    [[{ ...service, metadata: { 'x-bin': 'a' } }], /metadata: 'x-bin' cannot be set/],
    [[{ ...service, failMode: 'maybe' }], /failMode/],
    [[{ ...service, timeout: '0ms' }], /timeout/],
    [[{ ...service, keepAlive: '1s' }], /keepAlive/],
    [[{ ...service, body: {} }], /body/],
    [[{ ...service, type: 'ext_auth' }], /ext_authz/],
    [[{ type: 'ext_authz_http', pool: 'apo' }], /there is no pool 'apo'.*api/],
    [
      [{ type: 'ext_authz_http', pool: 'api', allowedUpstreamHeaders: ['host'] }],
      /allowedUpstreamHeaders\[0\]: 'host'/
    ],
    [[{ type: 'ext_authz_http', pool: 'api', pathPrefix: 'check' }], /pathPrefix/],
    [[{ ...service, type: 'service', phases: 'response', body: { maxBytes: '1KiB' } }], /body: does nothing/],
    [[{ type: 'function', name: 'mine' }], /does nothing; give 'request', 'response' or both/],
    [[{ ...mine, request: 'text' }], /request/],
    [[{ type: 'function', request: mine.request }], /name/],
    [[{ type: 'structured_logger', headers: ['cookie'] }], /headers\[0\]: 'cookie' may carry a secret/],
    [[{ type: 'structured_logger', headers: ['x-*'] }], /headers\[0\]: 'x-\*' must be a whole name/]
  ] as const) {
    const config = {
      pools: { api: { endpoints: ['http://127.0.0.1:1'] } },
      routes: [{ path: '/*', pool: 'api', filters }]
    }
    assert.match((await configProblems(config)).join('\n'), problem, JSON.stringify(filters))
  }
  const twice = {
    pools: { api: { endpoints: ['http://127.0.0.1:1'] } },
    filters: [mine],
    routes: [{ id: 'a', path: '/*', pool: 'api', filters: [mine] }]
  }
  assert.match(
    (await configProblems(twice)).join('\n'),
    /route 'a': filter 'mine' is one of the whole configuration/
  )
})

test('secrets of a filter are in no error and no explanation', async (t) => {
  const { gateway, get } = await filtered(t, [
    { type: 'ext_authz', target: 'http://127.0.0.1:1', metadata: { authorization: 'Bearer very-secret' } }
  ])
  const { body } = await get()
  assert.doesNotMatch(body + JSON.stringify(gateway.explain({ url: '/x' })), /very-secret/)
})
