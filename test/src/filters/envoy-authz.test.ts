import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { FiltersConfig, GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawRequest } from '@gatewright/testing'
import { type Handler, type Loose, serveEnvoyAuthz, struct } from '../support/grpc-js.js'
import { startGateway } from '../support/start-gateway.js'

type Filter = Exclude<FiltersConfig, false>[number]

/** A gateway that asks a service of `ext_authz` which shares no code with it. */
async function guarded(
  t: TestContext,
  check: Handler,
  options: object = {},
  before: readonly Filter[] = [],
  more: GatewayServerConfig = {}
) {
  const target = await serveEnvoyAuthz(t, check)
  const upstream = await fakeUpstream(t, { headers: { 'x-from': 'upstream' }, body: 'body' })
  const filters = [...before, { type: 'ext_authz', name: 'authz', target, timeout: '10s', ...options }]
  const { url, port, gateway } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ id: 'api', path: '/*', pool: 'api', filters: filters as Filter[] }],
    ...more
  })
  return {
    upstream,
    url,
    port,
    gateway,
    get: (path = '/', init: RequestInit = {}) => fetch(url + path, { redirect: 'manual', ...init })
  }
}

const ok = (okResponse: Loose = {}): Loose => ({ status: { code: 0 }, ok_response: okResponse })
const denied = (response?: Loose): Loose => ({
  status: { code: 7 },
  ...(response === undefined ? {} : { denied_response: response })
})
const option = (key: string, value: string, more: Loose = {}): Loose => ({ header: { key, value }, ...more })
const append = { append: { value: true } }
const overwrite = { append: { value: false } }

test('every field of a CheckRequest is what Envoy documents', async (t) => {
  const asked: Loose[] = []
  const { port, url } = await guarded(
    t,
    (request) => {
      asked.push(request.attributes)
      return ok()
    },
    {
      contextExtensions: { virtual_host: 'api', __proto__x: '1' },
      disallowedHeaders: ['x-secret', 'x-no-*']
    },
    [
      {
        type: 'function',
        name: 'first',
        request: () => ({
          headers: { 'x-first': 'yes' },
          query: { added: '1', gone: null },
          metadata: { tier: 'gold', nested: { deep: [1, true, null, 'x'] } }
        })
      }
    ]
  )
  const sent = [
    'POST /a/b%20c?q=1&gone=2 HTTP/1.1',
    `Host: ${new URL(url).host}`,
    'X-Many: a',
    'x-many: b',
    'Cookie: a=1',
    'Cookie: b=2',
    'X-Latin: caf\xe9',
    'X-Utf: caf\xc3\xa9',
    'X-Secret: s',
    'x-no-1: n',
    'x-envoy-auth-partial-body: true',
    'Transfer-Encoding: chunked',
    'Connection: close',
    '',
    '5',
    'hello',
    '0',
    '',
    ''
  ]
  await rawRequest(port, Buffer.from(sent.join('\r\n'), 'latin1'))
  const [{ source, destination, request, ...rest } = assert.fail('it was not asked')] = asked
  const { time, http } = request
  assert.equal(source.address.socket_address.address, '127.0.0.1')
  assert.ok(source.address.socket_address.port_value > 0)
  assert.equal(destination.address.socket_address.port_value, port)
  assert.ok(Math.abs(time.seconds + time.nanos / 1e9 - Date.now() / 1_000) < 60)
  assert.equal(http.method, 'POST')
  assert.equal(http.path, '/a/b%20c?q=1&added=1', 'with what filters before have changed')
  assert.equal(http.host, new URL(url).host)
  assert.equal(http.scheme, 'http')
  assert.equal(http.protocol, 'HTTP/1.1')
  assert.deepEqual([http.query, http.fragment, http.body, http.raw_body.length], ['', '', '', 0])
  assert.equal(http.size, -1, 'not known')
  const { headers } = http
  assert.equal(headers[':path'], http.path)
  assert.deepEqual(
    [headers[':method'], headers[':authority'], headers[':scheme']],
    ['POST', http.host, 'http']
  )
  assert.deepEqual([headers['x-many'], headers.cookie], ['a, b', 'a=1; b=2'])
  assert.deepEqual([headers['x-latin'], headers['x-utf']], ['caf!', 'café'])
  assert.equal(headers['x-first'], 'yes')
  assert.equal(headers['x-request-id'], http.id)
  for (const name of [
    'x-secret',
    'x-no-1',
    'host',
    'connection',
    'transfer-encoding',
    'content-length',
    'x-envoy-auth-partial-body'
  ])
    assert.equal(headers[name], undefined, name)
  assert.deepEqual(rest.context_extensions, { virtual_host: 'api', __proto__x: '1' })
  const { first } = rest.metadata_context.filter_metadata
  assert.equal(first.fields.tier.stringValue, 'gold')
  const deep = first.fields.nested.structValue.fields.deep.listValue.values
  assert.deepEqual(
    deep.map(({ kind }: Loose) => kind),
    ['numberValue', 'boolValue', 'nullValue', 'stringValue']
  )
  assert.equal(rest.route_metadata_context.filter_metadata.gatewright.fields.route.stringValue, 'api')
})

test('the body is told as text or bytes, whole or its beginning, and goes to the upstream whole', async (t) => {
  const body = Buffer.from('0123456789é')
  for (const [options, told] of [
    [{ maxBytes: '1KiB' }, { body: '0123456789é', raw: '', partial: 'false' }],
    [
      { maxBytes: '1KiB', raw: true },
      { body: '', raw: body.toString('hex'), partial: 'false' }
    ],
    [
      { maxBytes: '4B', partial: true },
      { body: '0123', raw: '', partial: 'true' }
    ],
    [
      { maxBytes: '11B', partial: true, raw: true },
      { body: '', raw: body.subarray(0, 11).toString('hex'), partial: 'true' }
    ]
  ] as const) {
    let http: Loose
    const { get, upstream } = await guarded(
      t,
      (request) => {
        http = request.attributes.request.http
        return ok()
      },
      { body: options }
    )
    const response = await get('/', {
      method: 'POST',
      body,
      headers: { 'x-envoy-auth-partial-body': 'forged', 'content-type': 'text/plain' }
    })
    assert.equal(response.status, 200)
    assert.deepEqual(
      {
        body: http.body,
        raw: http.raw_body.toString('hex'),
        partial: http.headers['x-envoy-auth-partial-body']
      },
      told
    )
    assert.equal(http.size, 12)
    assert.deepEqual(upstream.requests[0]?.body, body)
  }
})

test('headers of a service that allows are set, appended, added and removed as Envoy documents it', async (t) => {
  for (const [answer, name, upstreamGets] of [
    [{ headers: [option('x-a', 'new')] }, 'x-a', ['new']],
    [{ headers: [option('X-A', 'new', overwrite)] }, 'x-a', ['new']],
    [{ headers: [option('x-a', 'new', append)] }, 'x-a', ['old, new']],
    [{ headers: [option('x-b', 'new', append)] }, 'x-b', ['new']],
    [{ headers: [option('x-a', 'new', { append_action: 1 })] }, 'x-a', ['old']],
    [{ headers: [option('x-b', 'new', { append_action: 1 })] }, 'x-b', ['new']],
    [{ headers: [option('x-a', 'new', { append_action: 2 })] }, 'x-a', ['new']],
    [{ headers: [option('x-a', 'new', { append_action: 3 })] }, 'x-a', ['new']],
    [{ headers: [option('x-b', 'new', { append_action: 3 })] }, 'x-b', []],
    [{ headers: [option('x-a', 'new', { append: { value: true }, append_action: 2 })] }, 'x-a', ['old, new']],
    [{ headers: [option('x-a', '')] }, 'x-a', ['']],
    [{ headers: [{ header: { key: 'x-a', raw_value: Buffer.from('é') } }] }, 'x-a', ['Ã©']],
    [{ headers: [option('x-a', '1'), option('x-a', '2', append)] }, 'x-a', ['1, 2']],
    [{ headers: [option('x-a', '1'), option('x-a', '2')] }, 'x-a', ['2']],
    [{ headers_to_remove: ['X-A'] }, 'x-a', []],
    [{ headers: [option('x-a', 'new')], headers_to_remove: ['x-a'] }, 'x-a', []],
    [{ headers_to_remove: [':path', 'Host', ':authority'] }, 'x-a', ['old']],
    [{ headers_to_remove: ['authorization'] }, 'authorization', []]
  ] as const) {
    const { get, upstream } = await guarded(t, () => ok(answer))
    const response = await get('/', { headers: { 'x-a': 'old', authorization: 'Bearer x' } })
    assert.equal(response.status, 200, JSON.stringify(answer))
    assert.deepEqual(upstream.requests[0]?.headerAll(name), upstreamGets, JSON.stringify(answer))
  }
})

test('headers for the client are added to what the upstream says, whoever answers in the end', async (t) => {
  for (const [options, name, clientGets] of [
    [[option('x-new', '1')], 'x-new', '1'],
    [[option('x-from', 'authz')], 'x-from', 'upstream, authz'],
    [[option('x-from', 'authz', overwrite)], 'x-from', 'authz'],
    [[option('x-from', 'authz', { append_action: 1 })], 'x-from', 'upstream'],
    [[option('x-from', 'authz', { append_action: 2 })], 'x-from', 'authz'],
    [[option('x-new', 'authz', { append_action: 3 })], 'x-new', null],
    [[option('x-new', '1'), option('x-new', '2')], 'x-new', '1, 2']
  ] as const) {
    const { get } = await guarded(t, () => ok({ response_headers_to_add: options }))
    assert.equal((await get()).headers.get(name), clientGets, JSON.stringify(options))
  }
  const { get } = await guarded(t, () =>
    ok({ response_headers_to_add: [option('set-cookie', 'a=1'), option('set-cookie', 'b=2')] })
  )
  assert.deepEqual((await get()).headers.getSetCookie(), ['a=1', 'b=2'])
})

test('query parameters are set and removed, encoded once', async (t) => {
  for (const [answer, target] of [
    [{ query_parameters_to_set: [{ key: 'a', value: 'new' }] }, '/p?b=2&a=new'],
    [{ query_parameters_to_set: [{ key: 'c', value: 'a%20b%26d' }] }, '/p?a=1&b=2&c=a%20b%26d'],
    [{ query_parameters_to_set: [{ key: 'c', value: 'a+b' }] }, '/p?a=1&b=2&c=a%20b'],
    [{ query_parameters_to_set: [{ key: 'c', value: 'a b&d=1#x' }] }, '/p?a=1&b=2&c=a%20b%26d%3D1%23x'],
    [{ query_parameters_to_set: [{ key: 'c', value: '100%' }] }, '/p?a=1&b=2&c=100%25'],
    [{ query_parameters_to_set: [{ key: 'c', value: 'é' }] }, '/p?a=1&b=2&c=%C3%A9'],
    [{ query_parameters_to_set: [{ key: 'c', value: '' }] }, '/p?a=1&b=2&c='],
    [{ query_parameters_to_remove: ['a'] }, '/p?b=2'],
    [{ query_parameters_to_remove: ['A'] }, '/p?a=1&b=2'],
    [
      {
        query_parameters_to_set: [{ key: 'a', value: 'x' }],
        query_parameters_to_remove: ['a', 'b']
      },
      '/p'
    ]
  ] as const) {
    const { get, upstream } = await guarded(t, () => ok(answer))
    await get('/p?a=1&b=2')
    assert.equal(upstream.requests[0]?.target, target, JSON.stringify(answer))
  }
})

test('a denial is given with its status, headers and body; without any it is 403', async (t) => {
  for (const [answer, status, body] of [
    [denied(), 403, /filter_denied/],
    [denied({}), 403, /filter_denied/],
    [denied({ status: { code: 0 } }), 403, /filter_denied/],
    [denied({ status: { code: 401 }, body: 'who?' }), 401, /^who\?$/],
    [denied({ status: { code: 200 }, body: 'fine' }), 200, /^fine$/],
    [denied({ status: { code: 302 }, headers: [option('location', '/login')] }), 302, /^$/],
    [denied({ status: { code: 503 }, body: 'later' }), 503, /^later$/],
    [{ status: { code: 16 } }, 403, /filter_denied/],
    [{ status: { code: 7 }, ok_response: {} }, 403, /filter_denied/],
    [{ status: { code: -1 } }, 403, /filter_denied/]
  ] as const) {
    const { get, upstream } = await guarded(t, () => answer)
    const response = await get()
    assert.equal(response.status, status, JSON.stringify(answer))
    assert.match(await response.text(), body, JSON.stringify(answer))
    assert.equal(upstream.requests.length, 0, JSON.stringify(answer))
  }
})

test('a name that a denial has several times is sent several times, cookies and challenges in lines', async (t) => {
  const { port, url } = await guarded(t, () =>
    denied({
      status: { code: 401 },
      headers: [
        option('WWW-Authenticate', 'Negotiate'),
        option('www-authenticate', 'Basic realm="a, b"'),
        option('set-cookie', 'a=1'),
        option('set-cookie', 'b=2', append),
        option('x-many', '1'),
        option('x-many', '2', overwrite),
        option('x-once', '1'),
        option('x-once', '2', { append_action: 1 })
      ]
    })
  )
  const response = await rawRequest(port, `GET / HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`)
  const of = (name: string) => response.headerAll(name)
  assert.deepEqual(of('www-authenticate'), ['Negotiate', 'Basic realm="a, b"'])
  assert.deepEqual(of('set-cookie'), ['a=1', 'b=2'])
  assert.equal(of('x-many').join(', '), '1, 2')
  assert.deepEqual(of('x-once'), ['1'])
})

test('metadata is handed on, and the older place of it goes before the newer', async (t) => {
  const second: Loose[] = []
  const other = await serveEnvoyAuthz(t, (request) => {
    second.push(request.attributes.metadata_context.filter_metadata)
    return ok()
  })
  for (const [answer, tier] of [
    [{ ...ok(), dynamic_metadata: struct({ tier: 'new' }) }, 'new'],
    [
      { ...ok({ dynamic_metadata: struct({ tier: 'old' }) }), dynamic_metadata: struct({ tier: 'new' }) },
      'old'
    ],
    [{ status: { code: 0 }, dynamic_metadata: struct({ tier: 'alone' }) }, 'alone']
  ] as const) {
    const target = await serveEnvoyAuthz(t, () => answer)
    const upstream = await fakeUpstream(t)
    const { url } = await startGateway(t, {
      pools: { api: { endpoints: [upstream.url] } },
      routes: [
        {
          path: '/*',
          pool: 'api',
          filters: [
            { type: 'ext_authz', name: 'first', target, timeout: '10s' },
            { type: 'ext_authz', name: 'second', target: other, timeout: '10s' }
          ]
        }
      ]
    })
    assert.equal((await fetch(url)).status, 200)
    assert.equal(second.at(-1)?.first.fields.tier.stringValue, tier)
  }
})

test('a service that says it has failed, or fails by the status of gRPC, has not denied', async (t) => {
  for (const [name, check] of [
    [
      'error_response',
      () => ({ status: { code: 13 }, error_response: { status: { code: 500 }, body: 'mine' } })
    ],
    ['PERMISSION_DENIED of the call', () => Promise.reject(Object.assign(new Error('no'), { code: 7 }))],
    ['INTERNAL', () => Promise.reject(Object.assign(new Error('boom'), { code: 13 }))],
    ['a status out of range', () => Promise.reject(Object.assign(new Error('boom'), { code: 99 }))]
  ] as const)
    for (const [failMode, status] of [
      ['closed', 503],
      ['open', 200]
    ] as const) {
      const { get, upstream } = await guarded(t, check, { failMode })
      assert.equal((await get()).status, status, `${name}, ${failMode}`)
      assert.equal(upstream.requests.length, failMode === 'open' ? 1 : 0)
    }
})
