import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type CheckedRequest, type FilterHandlers, serveFilters } from '@gatewright/filters/server'
import type { ExtAuthzFilter, GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

type Check = NonNullable<FilterHandlers['check']>

/** A gateway whose one route asks a filter service. */
async function guarded(
  t: TestContext,
  check: Check,
  options: Partial<ExtAuthzFilter> = {},
  more: GatewayServerConfig = {}
) {
  const server = await serveFilters({ check })
  t.after(() => server.close())
  const upstream = await fakeUpstream(t)
  const { url, gateway } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [
      {
        id: 'api',
        path: '/*',
        pool: 'api',
        filters: [{ type: 'ext_authz', target: server.url, timeout: '5s', ...options }]
      }
    ],
    ...more
  })
  return {
    server,
    upstream,
    gateway,
    url,
    get: (path = '/', init: RequestInit = {}) => fetch(url + path, init)
  }
}

test('a request that the service allows is forwarded, one that it denies is not', async (t) => {
  const { get, upstream } = await guarded(t, ({ attributes }) =>
    attributes.request.http.path.startsWith('/public') ? {} : { answer: { status: 403 } }
  )
  assert.equal((await get('/public/a?x=1')).status, 200)
  assert.equal(upstream.requests[0]?.target, '/public/a?x=1')
  const denied = await get('/secret')
  assert.equal(denied.status, 403)
  assert.equal(((await denied.json()) as { reason: string }).reason, 'filter_denied')
  assert.equal(upstream.requests.length, 1)
})

test('the service gets the attributes that Envoy fills', async (t) => {
  const seen: CheckedRequest[] = []
  const { get, url } = await guarded(
    t,
    (request) => {
      seen.push(request)
      return {}
    },
    { contextExtensions: { virtual_host: 'api' } }
  )
  await get('/a/b?q=%20x', {
    method: 'PUT',
    headers: { 'X-Tenant': 'acme', accept: 'text/plain' },
    body: 'hello'
  })
  const [{ attributes } = assert.fail('it was not asked')] = seen
  const { http, time } = attributes.request
  const { host } = new URL(url)
  assert.equal(http.method, 'PUT')
  assert.equal(http.path, '/a/b?q=%20x')
  assert.equal(http.host, host)
  assert.equal(http.scheme, 'http')
  assert.equal(http.protocol, 'HTTP/1.1')
  assert.equal(http.size, 5)
  assert.equal(http.body, '')
  assert.equal(http.headers[':method'], 'PUT')
  assert.equal(http.headers[':path'], '/a/b?q=%20x')
  assert.equal(http.headers[':authority'], host)
  assert.equal(http.headers['x-tenant'], 'acme')
  assert.equal(http.headers['x-request-id'], http.id)
  assert.equal(http.headers.host, undefined)
  assert.ok(Math.abs(time.seconds - Date.now() / 1_000) < 60)
  assert.equal(attributes.source.address.socketAddress?.address, '127.0.0.1')
  assert.equal(attributes.destination.address.socketAddress?.portValue, Number(new URL(url).port))
  assert.deepEqual({ ...attributes.contextExtensions }, { virtual_host: 'api' })
})
