import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type FilterHandlers, serveFilters } from '@gatewright/filters/server'
import type { FiltersConfig, GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

type Kind = Extract<NonNullable<FiltersConfig>, readonly unknown[]>[number]

/** A gateway whose one route has these filters. */
async function filtered(t: TestContext, filters: readonly unknown[], more: GatewayServerConfig = {}) {
  const upstream = await fakeUpstream(t, { headers: { 'x-from': 'upstream' }, body: 'body' })
  const { url, gateway } = await startGateway(t, {
    ...more,
    pools: { api: { endpoints: [upstream.url] }, ...more.pools },
    routes: [{ id: 'api', path: '/*', pool: 'api', filters: filters as Kind[] }]
  } as GatewayServerConfig)
  return { upstream, gateway, get: (path = '/', init: RequestInit = {}) => fetch(url + path, init) }
}

async function service(t: TestContext, handlers: FilterHandlers) {
  const server = await serveFilters(handlers)
  t.after(() => server.close())
  return server
}

const reasonOf = async (response: Response) => ((await response.json()) as { reason: string }).reason

test('functions change requests and responses, answer, and hand metadata on', async (t) => {
  const { get, upstream } = await filtered(t, [
    {
      type: 'function',
      name: 'mine',
      request: ({ headers }: { headers: Record<string, string> }) =>
        headers['x-stop'] === undefined
          ? { headers: { 'x-by': 'mine' }, query: { a: null, b: '2' }, metadata: { tier: 'gold' } }
          : { answer: { status: 418, body: 'tea', headers: { 'x-pot': 'yes' } } },
      response: ({ status, metadata }: { status: number; metadata: unknown }) => ({
        headers: { 'x-seen': `${status} ${JSON.stringify(metadata)}`, 'x-from': null }
      })
    }
  ])
  const passed = await get('/x?a=1&c=3', { headers: { 'x-by': 'forged' } })
  assert.deepEqual([passed.status, await passed.text()], [200, 'body'])
  assert.match(String(passed.headers.get('x-seen')), /^200 .*gold/)
  assert.equal(passed.headers.get('x-from'), null)
  const [seen] = upstream.requests
  assert.deepEqual([seen?.headerAll('x-by'), seen?.target], [['mine'], '/x?c=3&b=2'])
  const stopped = await get('/', { headers: { 'x-stop': '1' } })
  assert.deepEqual([stopped.status, await stopped.text(), stopped.headers.get('x-pot')], [418, 'tea', 'yes'])
  assert.equal(upstream.requests.length, 1)
})

test('a function that throws, or is late, is unavailable; with failMode open the request passes', async (t) => {
  for (const request of [
    () => {
      throw new Error('mine')
    },
    () => new Promise(() => {})
  ])
    for (const [failMode, status] of [
      ['closed', 503],
      ['open', 200]
    ] as const) {
      const { get } = await filtered(t, [
        { type: 'function', name: 'mine', request, failMode, timeout: '20ms' }
      ])
      const response = await get()
      assert.equal(response.status, status)
      if (status === 503) assert.equal(await reasonOf(response), 'filter_unavailable')
    }
})

test('a service of gatewright.filter.v1 is asked about requests and responses', async (t) => {
  const server = await service(t, {
    onRequest: (request) =>
      JSON.stringify(request).includes('/stop')
        ? { answer: { status: 403, body: 'no' } }
        : { headers: { 'x-by': 'service' } },
    onResponse: () => ({ headers: { 'x-seen': 'service' } })
  })
  const { get, upstream } = await filtered(t, [
    { type: 'service', name: 'own', target: server.url, phases: 'both', timeout: '5s' }
  ])
  const passed = await get('/go')
  assert.deepEqual(
    [passed.status, passed.headers.get('x-seen'), await passed.text()],
    [200, 'service', 'body']
  )
  assert.equal(upstream.requests[0]?.header('x-by'), 'service')
  const stopped = await get('/stop')
  assert.equal(stopped.status, 403)
  assert.equal(upstream.requests.length, 1)
})

test('a service that dies is unavailable, and asked again when it is back', async (t) => {
  const server = await serveFilters({ check: () => ({}) })
  const { get } = await filtered(t, [
    { type: 'ext_authz', target: server.url, timeout: '1s', breaker: false }
  ])
  assert.equal((await get()).status, 200)
  await server.close()
  const gone = await get()
  assert.deepEqual([gone.status, await reasonOf(gone)], [503, 'filter_unavailable'])
})

test('ext_authz over HTTP: 200 allows, other statuses deny, a failing service is unavailable', async (t) => {
  const authz = await fakeUpstream(t)
  const { get, upstream } = await filtered(
    t,
    [
      {
        type: 'ext_authz_http',
        name: 'http',
        pool: 'authz',
        pathPrefix: '/check',
        allowedHeaders: ['x-key'],
        allowedUpstreamHeaders: ['x-user'],
        timeout: '2s'
      }
    ],
    { pools: { authz: { endpoints: [authz.url] } } }
  )
  authz.answers({ headers: { 'x-user': 'ada', 'x-other': 'no' } })
  assert.equal((await get('/a?b=c', { headers: { 'x-key': 'k', 'x-user': 'eve' } })).status, 200)
  const [asked] = authz.requests
  assert.deepEqual(
    [asked?.target, asked?.header('x-key'), asked?.header('x-user')],
    ['/check/a?b=c', 'k', undefined]
  )
  assert.deepEqual(upstream.requests[0]?.headerAll('x-user'), ['ada'])
  authz.answers({ status: 401, headers: { 'www-authenticate': 'Key' }, body: 'who?' })
  const denied = await get('/')
  assert.deepEqual([denied.status, denied.headers.get('www-authenticate')], [401, 'Key'])
  authz.answers({ status: 500 })
  assert.equal((await get('/')).status, 503)
  assert.equal(upstream.requests.length, 1)
})

test('what a filter may not write is refused, and the request is not forwarded', async (t) => {
  for (const headers of [
    { 'content-length': '1' },
    { connection: 'close' },
    { ':authority': 'evil' },
    { 'x-a': 'b\r\nx-admin: 1' },
    { host: 'evil.example' }
  ]) {
    const { get, upstream } = await filtered(t, [
      { type: 'function', name: 'mine', request: () => ({ headers }) }
    ])
    assert.equal((await get()).status, 503, JSON.stringify(headers))
    assert.equal(upstream.requests.length, 0)
  }
})

test('the structured logger writes a line for each request', async (t) => {
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const { get } = await filtered(t, [{ type: 'structured_logger', name: 'audit', headers: ['x-tenant'] }], {
    logger: { level: 'info', stream } as never
  })
  await get('/a', { headers: { 'x-tenant': 'acme' } })
  const line = lines.find(({ filter }) => filter === 'audit')
  assert.deepEqual(
    [line?.method, line?.path, line?.status, line?.headers],
    ['GET', '/a', 200, { 'x-tenant': 'acme' }]
  )
})
