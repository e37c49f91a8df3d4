import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { serveFilters } from '@gatewright/filters/server'
import type { FiltersConfig, GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, testCertificates } from '@gatewright/testing'
import { type Handler, type Loose, serveFilterProto, struct } from '../support/grpc-js.js'
import { startGateway } from '../support/start-gateway.js'

type Filter = Exclude<FiltersConfig, false>[number]

async function filtered(t: TestContext, filters: readonly unknown[], more: GatewayServerConfig = {}) {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['x-from', 'upstream'],
      ['x-many', '1'],
      ['x-many', '2'],
      ['set-cookie', 'own=1']
    ],
    body: 'body'
  })
  const { url, gateway } = await startGateway(t, {
    ...more,
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ id: 'api', path: '/*', pool: 'api', filters: filters as Filter[] }]
  })
  const get = (path = '/', init: RequestInit = {}) => fetch(url + path, { redirect: 'manual', ...init })
  return { upstream, gateway, get }
}

/** A gateway that asks a service by grpc-js and the published `.proto`. */
async function asked(
  t: TestContext,
  handlers: Record<string, Handler>,
  options: object = {},
  before: readonly unknown[] = []
) {
  const target = await serveFilterProto(t, handlers)
  return filtered(t, [
    ...before,
    {
      type: 'service',
      name: 'own',
      target,
      phases: 'both',
      timeout: '10s',
      context: { env: 'test' },
      ...options
    }
  ])
}

const change = (name: string, value: string, how = 0): Loose => ({ name, value, how })

test('the published .proto says what is sent: each field of both phases is there', async (t) => {
  const told: Loose[] = []
  const { get } = await asked(
    t,
    {
      OnRequest: (request) => {
        told.push(request)
        return { metadata: struct({ tier: 'gold' }) }
      },
      OnResponse: (response) => {
        told.push(response)
        return {}
      }
    },
    {
      body: { maxBytes: '4B', partial: true },
      allowedHeaders: ['x-*', 'cookie'],
      disallowedHeaders: ['x-no']
    },
    [{ type: 'function', name: 'first', request: () => ({ metadata: { n: 1 }, query: { q: null, r: 'é' } }) }]
  )
  await get('/a%20b?q=1&s=2', {
    method: 'POST',
    body: 'hello',
    headers: { 'X-Yes': '1', 'x-no': '2', cookie: 'a=b', accept: 'text/plain' }
  })
  const [request, response] = told
  const { host, headers, request_id, metadata, ...rest } = request
  assert.deepEqual(
    { ...rest, body: String(rest.body) },
    {
      route: 'api',
      filter: 'own',
      method: 'POST',
      scheme: 'http',
      path: '/a%20b',
      query: '?s=2&r=%C3%A9',
      client: '127.0.0.1',
      body: 'hell',
      _body: 'body',
      body_partial: true,
      identity: null,
      context: { env: 'test' }
    }
  )
  assert.match(host, /^127\.0\.0\.1:\d+$/)
  assert.deepEqual(
    Object.keys(headers)
      .filter((name) => !name.startsWith('x-forwarded'))
      .sort(),
    ['cookie', 'x-request-id', 'x-yes']
  )
  assert.equal(headers['x-request-id'], request_id)
  assert.equal(metadata.fields.first.structValue.fields.n.numberValue, 1)
  assert.equal(response.request_id, request_id)
  assert.deepEqual(
    [response.route, response.filter, response.status, response.context],
    ['api', 'own', 200, { env: 'test' }]
  )
  assert.deepEqual([response.headers['x-from'], response.headers['x-many']], ['upstream', '1, 2'])
  assert.equal(response.metadata.fields.tier.stringValue, 'gold')
})

test('the published .proto says what is understood: changes of every kind, in both phases', async (t) => {
  const { get, upstream } = await asked(t, {
    OnRequest: () => ({
      headers: [
        change('x-set', 'new'),
        change('x-append', 'new', 1),
        change('x-absent', 'new', 2),
        change('x-there', 'new', 2),
        change('x-there', 'newer', 3),
        change('x-nowhere', 'new', 3),
        change('x-remove', '', 4)
      ],
      response_headers: [change('x-many', '3', 1), change('set-cookie', 'a=1', 1)],
      query: [
        { name: 'a', value: 'b c', _value: 'value' },
        { name: 'gone' },
        { name: 'empty', value: '', _value: 'value' }
      ]
    }),
    OnResponse: () => ({
      headers: [
        change('x-from', '', 4),
        change('x-seen', 'yes'),
        change('set-cookie', 'b=2', 2),
        change('set-cookie', 'c=3', 0)
      ]
    })
  })
  const headers = { 'x-set': 'old', 'x-append': 'old', 'x-there': 'old', 'x-remove': 'old' }
  const response = await get('/?gone=1&keep=2', { headers })
  const [seen] = upstream.requests
  assert.equal(seen?.target, '/?keep=2&a=b%20c&empty=')
  assert.deepEqual(
    ['x-set', 'x-append', 'x-absent', 'x-there', 'x-nowhere', 'x-remove'].map((name) => seen?.header(name)),
    ['new', 'old, new', 'new', 'newer', undefined, undefined]
  )
  assert.deepEqual(
    ['x-many', 'x-from', 'x-seen'].map((name) => response.headers.get(name)),
    ['1, 2, 3', null, 'yes']
  )
  assert.deepEqual(response.headers.getSetCookie().sort(), ['a=1', 'c=3', 'own=1'])
})

test('an answer in either phase takes the place of the response, and nothing of it is left', async (t) => {
  for (const phase of ['OnRequest', 'OnResponse']) {
    let responses = 0
    const { get, upstream } = await asked(t, {
      OnRequest: () =>
        phase === 'OnRequest'
          ? { answer: { status: 451, headers: [change('x-law', '1')], body: Buffer.from([0xff, 0]) } }
          : {},
      OnResponse: () => {
        responses++
        return { answer: { status: 451, headers: [change('x-law', '1')], body: Buffer.from([0xff, 0]) } }
      }
    })
    const response = await get()
    assert.equal(response.status, 451)
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from([0xff, 0]))
    assert.deepEqual(
      ['x-law', 'x-from', 'x-many'].map((name) => response.headers.get(name)),
      ['1', null, null]
    )
    assert.deepEqual(response.headers.getSetCookie(), [])
    assert.equal(upstream.requests.length, phase === 'OnRequest' ? 0 : 1)
    assert.equal(responses, phase === 'OnRequest' ? 0 : 1, 'it is not asked about its own answer')
  }
})

test('a kind of change that nobody knows is no decision', async (t) => {
  const { get, upstream } = await asked(
    t,
    { OnRequest: () => ({ headers: [change('x-a', '1', 5)] }), OnResponse: () => ({}) },
    { failMode: 'open' }
  )
  assert.equal((await get()).status, 503)
  assert.equal(upstream.requests.length, 0)
})

test('what the gateway itself answers is not asked about', async (t) => {
  let asks = 0
  const response = () => {
    asks++
    return {}
  }
  const { get, upstream } = await filtered(t, [
    { type: 'function', name: 'first', response },
    { type: 'function', name: 'second', request: () => ({ answer: { status: 403 } }) }
  ])
  assert.equal((await get()).status, 403)
  assert.equal(asks, 0)
  const down = await filtered(t, [{ type: 'function', name: 'first', request: () => ({}), response }])
  await down.upstream.close()
  assert.equal((await down.get()).status, 502)
  assert.equal(asks, 0)
  assert.equal(upstream.requests.length, 0)
})

test('a filter behind one that got the beginning of a body gets the whole, where it is short', async (t) => {
  const bodies: unknown[] = []
  const request = ({ body, isPartial }: { body: Buffer; isPartial: boolean }) => {
    bodies.push([String(body), isPartial])
    return {}
  }
  const { get, upstream } = await filtered(t, [
    { type: 'function', name: 'a', body: { maxBytes: '10B', partial: true }, request },
    { type: 'function', name: 'b', body: { maxBytes: '5B', partial: true }, request },
    { type: 'function', name: 'c', body: { maxBytes: '20B' }, request }
  ])
  assert.equal((await get('/', { method: 'POST', body: 'hello you' })).status, 200)
  assert.deepEqual(bodies, [
    ['hello you', false],
    ['hello', true],
    ['hello you', false]
  ])
  assert.equal(String(upstream.requests[0]?.body), 'hello you')
  assert.equal((await get('/', { method: 'POST', body: 'x'.repeat(21) })).status, 413)
})

function allow(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('error', () => {}).once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.alloc(5))
}

test('a service is reached by a socket of the file system, with a space in its name', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright filter é '))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'a.sock')
  const server = createServer().on('stream', allow)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.after(() => server.close())
  const { get } = await filtered(t, [{ type: 'ext_authz', target: `unix:${path}`, timeout: '10s' }])
  assert.equal((await get()).status, 200)
})

test('a service is reached by TLS that is verified; one that speaks no HTTP/2, or is somebody else, is not', async (t) => {
  const { ca, server: certificate } = testCertificates
  const secure = createSecureServer({ ...certificate }).on('stream', allow)
  secure.on('sessionError', () => {}).on('tlsClientError', () => {})
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
  t.after(() => secure.close())
  const target = `https://localhost:${(secure.address() as AddressInfo).port}`
  for (const [tls, status] of [
    [{ ca, servername: 'localhost' }, 200],
    [undefined, 503],
    [{ ca, servername: 'other.example' }, 503]
  ] as const) {
    const { get, upstream } = await filtered(t, [
      { type: 'ext_authz', target, timeout: '10s', ...(tls === undefined ? {} : { tls }) }
    ])
    assert.equal((await get()).status, status)
    assert.equal(upstream.requests.length, status === 200 ? 1 : 0)
  }
  const old = createHttps({ ...certificate }, (_request, response) => response.end('fine'))
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve))
  t.after(() => old.close().closeAllConnections())
  const { get } = await filtered(t, [
    {
      type: 'ext_authz',
      target: `https://localhost:${(old.address() as AddressInfo).port}`,
      timeout: '2s',
      tls: { ca }
    }
  ])
  assert.equal((await get()).status, 503)
})

test('a method that a service does not have fails at once, by name', async (t) => {
  const server = await serveFilters({ onRequest: () => ({}) })
  t.after(() => server.close())
  const lines: string[] = []
  const { get } = await filtered(
    t,
    [{ type: 'ext_authz', name: 'authz', target: server.url, timeout: '60s' }],
    { accessLog: { destination: { write: (line: string) => void lines.push(line) } } } as GatewayServerConfig
  )
  assert.equal((await get()).status, 503)
  while (lines.length === 0) await new Promise(setImmediate)
  assert.match(String(lines), /UNIMPLEMENTED: there is no such method/)
})
