import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { type FilterHandlers, serveFilters } from '@gatewright/filters/server'
import { createApiKey, type FiltersConfig, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { serveEnvoyAuthz } from '../support/grpc-js.js'
import { startGateway } from '../support/start-gateway.js'

type Filter = Exclude<FiltersConfig, false>[number]

async function filtered(t: TestContext, filters: readonly unknown[], more: GatewayServerConfig = {}) {
  const upstream = await fakeUpstream(t, { headers: { 'x-from': 'upstream' }, body: 'body' })
  const { url, gateway } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ id: 'api', path: '/*', pool: 'api', filters: filters as Filter[] }],
    ...more
  })
  const get = async (path = '/', init: RequestInit = {}) => {
    const response = await fetch(url + path, { redirect: 'manual', ...init })
    const body = await response.text()
    const reason = body.startsWith('{') ? (JSON.parse(body) as { reason: string }).reason : ''
    return { status: response.status, body, reason, headers: response.headers }
  }
  return { upstream, gateway, get }
}

async function service(t: TestContext, handlers: FilterHandlers): Promise<string> {
  const server = await serveFilters(handlers)
  t.after(() => server.close())
  return server.url
}

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

const UNUSABLE: readonly unknown[] = [
  { answer: { status: 99 } },
  { answer: { status: 600 } },
  { answer: { status: 200.5 } },
  { answer: { status: '403' } },
  { answer: { status: 403, body: 5 } },
  { answer: { status: 403, headers: { connection: 'close' } } },
  { answer: { status: 403, headers: { 'transfer-encoding': 'chunked' } } },
  { answer: { status: 302, headers: { location: '/login\r\nx-admin: 1' } } },
  { answer: { status: 403, headers: { 'bad name': '1' } } },
  {
    answer: {
      status: 403,
      headers: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`x-${n}`, '1']))
    }
  },
  { headers: { 'content-length': '0' } },
  { headers: { 'Transfer-Encoding': 'chunked' } },
  { headers: { host: 'evil.example' } },
  { headers: { ':path': '/admin' } },
  { headers: { 'x-forwarded-for': '10.0.0.1' } },
  { headers: { 'x-a': 'b\nx-admin: 1' } },
  { headers: { 'x-a': 'b\u0000' } },
  { headers: { 'x-a': '\u007f' } },
  { headers: { '': 'x' } },
  { responseHeaders: { 'content-length': '1' } },
  { responseHeaders: { 'x-a': 'b\rc' } },
  { responseHeaders: { 'x-request-id': 'mine' } },
  { query: { long: 'x'.repeat(100_000) } },
  { metadata: cyclic },
  { metadata: { big: 1n } },
  { metadata: 'text' },
  { metadata: [1] },
  { answr: { status: 403 } },
  { status: 403 },
  [{ answer: { status: 403 } }],
  [],
  new Map([['answer', { status: 403 }]]),
  new Response('no', { status: 403 }),
  new Error('no'),
  'allow',
  true,
  () => ({ answer: { status: 403 } })
]

test('a decision that cannot be carried out never lets a request pass, and opens no breaker', async (t) => {
  let decision: unknown
  const { get, upstream, gateway } = await filtered(t, [
    { type: 'function', name: 'mine', failMode: 'open', timeout: '10s', request: () => decision }
  ])
  for (const one of UNUSABLE) {
    decision = one
    const { status, reason } = await get()
    const told = typeof one === 'object' ? Object.keys(one as object).join() : String(one)
    assert.deepEqual([status, reason], [503, 'filter_unavailable'], told)
  }
  assert.equal(upstream.requests.length, 0)
  decision = { metadata: { fine: Number.NaN } }
  assert.equal((await get()).status, 200)
  assert.equal(
    gateway.app.filters.breakers().some(({ open }) => open),
    false
  )
})

test('a denial of a service that cannot be given as it is does not let the request pass either', async (t) => {
  for (const denied of [
    { status: { code: 700 } },
    { headers: [{ header: { key: 'connection', value: 'close' } }] },
    { headers: [{ header: { key: 'x-a', value: 'a\r\nb' } }] },
    { headers: [{ header: { key: 'x-a', value: 'a' }, append_action: 9 }] },
    { headers: [{ header: { key: 'x-a', raw_value: Buffer.of(0xff) } }] },
    { headers: [{}] }
  ]) {
    let answer: object = { status: { code: 7 }, denied_response: denied }
    const target = await serveEnvoyAuthz(t, () => answer)
    const { get, upstream } = await filtered(t, [
      { type: 'ext_authz', target, timeout: '10s', failMode: 'open', breaker: { failures: 1 } }
    ])
    assert.deepEqual((await get()).reason, 'filter_unavailable', JSON.stringify(denied))
    assert.equal(upstream.requests.length, 0)
    answer = { status: { code: 0 } }
    assert.equal((await get()).status, 200, 'its breaker is not open')
  }
})

test('an unusable answer about a response does not give the response', async (t) => {
  for (const decision of [
    { answer: { status: 99 } },
    { answer: { status: 403, headers: { connection: 'x' } } },
    { headers: { 'content-length': '3' } },
    { metadata: cyclic },
    'fine'
  ]) {
    const { get } = await filtered(t, [
      { type: 'function', name: 'mine', failMode: 'open', timeout: '10s', response: () => decision }
    ])
    const { status, reason, headers } = await get()
    assert.deepEqual([status, reason], [503, 'filter_unavailable'])
    assert.equal(headers.get('x-from'), null)
  }
})

test('a client that leaves the filter no time gets by it neither way, and opens no breaker', async (t) => {
  let hangs = true
  const hang = () => (hangs ? new Promise<undefined>(() => {}) : {})
  const target = await service(t, { onRequest: hang, onResponse: hang })
  for (const phases of ['request', 'response'] as const) {
    hangs = true
    const { get, upstream, gateway } = await filtered(
      t,
      [
        {
          type: 'service',
          name: 'own',
          target,
          phases,
          failMode: 'open',
          timeout: '20s',
          breaker: { failures: 1 }
        }
      ],
      { deadlineHeader: 'x-timeout', trustedProxies: ['127.0.0.0/8'] }
    )
    for (let i = 0; i < 3; i++) {
      const { status, reason, body } = await get('/', { headers: { 'x-timeout': '60' } })
      assert.deepEqual([status, reason], [504, 'deadline_exceeded'], phases)
      assert.doesNotMatch(body, /upstream/)
    }
    assert.equal(upstream.requests.length, phases === 'request' ? 0 : 3)
    assert.deepEqual(gateway.app.filters.breakers(), [{ filter: 'own', open: false }])
    hangs = false
    assert.equal((await get()).status, 200)
  }
})

test('the breaker opens for failures in a row, and closes when one trial is answered', async (t) => {
  let fails = true
  let calls = 0
  const target = await serveEnvoyAuthz(t, () => {
    calls++
    if (fails) throw Object.assign(new Error('down'), { code: 14 })
    return { status: { code: 0 } }
  })
  const { get, gateway } = await filtered(t, [
    { type: 'ext_authz', target, timeout: '10s', breaker: { failures: 3, openDuration: '300ms' } }
  ])
  const isOpen = () => gateway.app.filters.breakers()[0]?.open
  for (let i = 0; i < 3; i++) assert.equal((await get()).status, 503)
  assert.equal(isOpen(), true)
  assert.equal((await get()).status, 503)
  assert.equal(calls, 3, 'it is not asked')
  fails = false
  while ((await get()).status !== 200) assert.ok(calls <= 4)
  assert.equal(calls, 4)
  assert.equal(isOpen(), false)
})

test('metadata that a function goes on changing stays what it said, in logs and for filters behind', async (t) => {
  const kept: Record<string, unknown> = { tier: 'gold' }
  const seen: unknown[] = []
  const { get, gateway } = await filtered(t, [
    { type: 'function', name: 'first', request: () => ({ metadata: kept }) },
    {
      type: 'function',
      name: 'second',
      request: ({ exchange }: { exchange: never }) => {
        kept.tier = cyclic
        seen.push(structuredClone({ ...gateway.app.filters.metadataOf(exchange).first }))
        return {}
      }
    }
  ])
  assert.equal((await get()).status, 200)
  assert.deepEqual(seen, [{ tier: 'gold' }])
})

test('what a client sends forges nothing that a filter writes, in any spelling', async (t) => {
  const { get, upstream } = await filtered(
    t,
    [
      {
        type: 'function',
        name: 'mine',
        writes: ['x-user', 'x-user-role'],
        request: ({ headers }: { headers: Record<string, string> }) => ({
          headers: headers['x-known'] === undefined ? {} : { 'x-user': 'ada' }
        })
      }
    ],
    { underscores: 'keep' }
  )
  const forged = {
    'X-User': 'eve',
    x_user: 'eve',
    'x.user': 'eve',
    'x-user_role': 'admin',
    'x!user!role': 'admin'
  }
  await get('/', { headers: forged })
  await get('/', { headers: { ...forged, 'x-known': '1' } })
  const names = upstream.requests.map(({ rawHead }) => rawHead.match(/^x.user[^:]*(?=:)/gim) ?? [])
  assert.deepEqual(names, [[], ['x-user']])
  assert.equal(upstream.requests[1]?.header('x-user'), 'ada')
})

test('an identity header of the gateway is written by a filter only where `writes` names it', async (t) => {
  for (const [writes, status] of [
    [undefined, 503],
    [['x-user'], 200]
  ] as const) {
    const { get, upstream } = await filtered(
      t,
      [
        {
          type: 'function',
          name: 'mine',
          failMode: 'open',
          request: () => ({ headers: { 'x-user': 'root' } }),
          ...(writes === undefined ? {} : { writes })
        }
      ],
      {
        authentication: {
          schemes: { keys: { type: 'apiKey', keys: [{ hash: createApiKey().hash, consumer: 'ada' }] } },
          consumers: { ada: {} },
          headers: { 'x-user': 'consumer' }
        }
      }
    )
    assert.equal((await get()).status, status)
    assert.equal(upstream.requests.length, status === 200 ? 1 : 0)
  }
})

test('a promise of another kind is waited for, whatever its class', async (t) => {
  const promises = [
    // biome-ignore lint/suspicious/noThenProperty: it is what such promises are.
    (value: object) => ({ then: (done: (value: object) => void) => void setImmediate(done, value) }),
    (value: object) => runInNewContext('Promise.resolve(value)', { value }) as PromiseLike<object>
  ]
  for (const promised of promises) {
    const { get, upstream } = await filtered(t, [
      {
        type: 'function',
        name: 'mine',
        timeout: '10s',
        request: () => promised({ answer: { status: 403 } })
      }
    ])
    assert.equal((await get()).status, 403)
    assert.equal(upstream.requests.length, 0)
  }
})
