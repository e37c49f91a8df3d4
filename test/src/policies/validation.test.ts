import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { type TestContext, test } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type FakeResponse, fakeUpstream, rawClient, rawRequest, type SeenRequest } from '@gatewright/testing'
import { Type } from 'typebox'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

type Validation = NonNullable<NonNullable<GatewayServerConfig['routes']>[number]['validation']>

const USER = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 1 }, age: { type: 'integer', minimum: 0 } },
  required: ['name'],
  additionalProperties: false
} as const

/** A gateway before one upstream, with what is checked on its route. */
async function validated(t: TestContext, validation: Validation, answer: FakeResponse = {}) {
  const upstream = await fakeUpstream(t, () => answer)
  const { url, gateway, port } = await startGateway(t, {
    pools: { users: { endpoints: [upstream.url] } },
    routes: [{ id: 'users', path: '/users/:id', pool: 'users', validation }]
  })
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${url}/users/1`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers }
    })
  return { upstream, url, port, gateway, post, exchanges: watchExchanges({ gateway }) }
}

const errorsOf = async (response: Response): Promise<unknown> => {
  const { reason, status, errors } = (await response.json()) as Record<string, unknown>
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  assert.deepEqual([reason, status], ['request_invalid', response.status])
  return errors
}

test('a body that is what its schema says is forwarded byte for byte', async (t) => {
  const { upstream, post } = await validated(t, { body: USER })
  const body = '{ "name" : "\\u00fc",  "age": 1.0 }'
  assert.equal((await post(body)).status, 200)
  const seen = await (await upstream.request(1)).finished
  assert.deepEqual([String(seen.body), seen.framing], [body, 'sized'])
})

test('a body that is not gets 400 with a pointer and a message for each problem, and reaches no upstream', async (t) => {
  const { upstream, post } = await validated(t, { body: USER })
  const refused = await post('{"age":-1,"role":"admin","a/b~c":1}')
  assert.equal(refused.status, 400)
  assert.deepEqual(await errorsOf(refused), [
    { in: 'body', pointer: '/name', detail: 'is required' },
    { in: 'body', pointer: '/role', detail: 'is not allowed' },
    { in: 'body', pointer: '/a~1b~0c', detail: 'is not allowed' },
    { in: 'body', pointer: '/age', detail: 'must be >= 0' }
  ])
  assert.equal(upstream.requests.length, 0)
})

test('the list of problems has its bound, and of a large body only the first is looked for', async (t) => {
  const { post } = await validated(t, {
    body: { type: 'array', items: { type: 'string' } },
    maxErrors: 3
  })
  const few = (await errorsOf(await post(JSON.stringify(Array(50).fill(0))))) as unknown[]
  const one = (await errorsOf(await post(JSON.stringify(Array(50_000).fill(0))))) as unknown[]
  assert.deepEqual([few.length, one.length], [3, 1])
})

const BROKEN: readonly (readonly [string, string | Buffer, Record<string, string>, string])[] = [
  ['no JSON', '{"name":', {}, 'is not JSON'],
  ['nothing but space', '  ', {}, 'is empty'],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 'is not UTF-8'],
  ['of another charset', '{}', { 'content-type': 'application/json; charset=utf-16' }, 'must be UTF-8'],
  [
    'of another media type',
    '{"name":"a"}',
    { 'content-type': 'text/plain' },
    'must have the media type application/json'
  ],
  [
    'of two media types',
    '{"name":"a"}',
    { 'content-type': 'application/json, text/plain' },
    'must have the media type application/json'
  ],
  [
    'in a coding nobody knows',
    '{"name":"a"}',
    { 'content-encoding': 'compress' },
    'has a content coding that is not known'
  ],
  ['said to be gzip', '{"name":"a"}', { 'content-encoding': 'gzip' }, 'is not in its content coding'],
  [
    'of an object in which a name stands twice',
    '{"name":"a","n\\u0061me":"b"}',
    {},
    'has an object in which a name stands twice'
  ],
  [
    'nested deeper than a schema that refers to itself can follow',
    `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    {},
    'is nested too deeply'
  ]
]

for (const [what, body, headers, detail] of BROKEN)
  test(`a body that is ${what} is refused`, async (t) => {
    const schema = { type: 'object', properties: { a: { $ref: '#' }, name: {} } }
    const { upstream, post } = await validated(t, { body: schema })
    assert.deepEqual(await errorsOf(await post(body, headers)), [{ in: 'body', pointer: '', detail }])
    assert.equal(upstream.requests.length, 0)
  })

test('another media type passes where the route says so, but not under the name of JSON', async (t) => {
  const { post, upstream } = await validated(t, { body: USER, otherMediaTypes: 'pass' })
  assert.equal((await post('x', { 'content-type': 'text/plain' })).status, 200)
  assert.equal((await post('x', { 'content-type': 'application/vnd.api+json' })).status, 400)
  assert.equal((await post('x', { 'content-type': 'application/json;charset=latin1' })).status, 400)
  assert.equal((await post('x', { 'content-type': 'text/plain, application/json' })).status, 400)
  assert.equal(upstream.requests.length, 1)
})

test('methods with a body must have one, unless the route says otherwise; GET needs none', async (t) => {
  const { url } = await validated(t, { body: USER })
  const without = await fetch(`${url}/users/1`, { method: 'POST' })
  assert.deepEqual(await errorsOf(without), [{ in: 'body', pointer: '', detail: 'is required' }])
  assert.equal((await fetch(`${url}/users/1`)).status, 200)
  const optional = await validated(t, { body: USER, bodyRequired: false })
  assert.equal((await fetch(`${optional.url}/users/1`, { method: 'POST' })).status, 200)
})

for (const [coding, pack] of [
  ['gzip', gzipSync],
  ['br', brotliCompressSync]
] as const) {
  test(`a body in ${coding} is checked decoded, and forwarded as it came`, async (t) => {
    const { upstream, post } = await validated(t, { body: USER })
    const packed = pack(Buffer.from('{"name":"a"}'))
    assert.equal((await post(packed, { 'content-encoding': coding })).status, 200)
    const { body } = await (await upstream.request(1)).finished
    assert.deepEqual(body, packed)
    assert.equal((await post(pack(Buffer.from('{}')), { 'content-encoding': coding })).status, 400)
  })

  test(`a decompression bomb in ${coding} gets 413`, async (t) => {
    const { upstream, post } = await validated(t, { body: {}, maxBytes: '64MiB' })
    const bomb = pack(Buffer.alloc(20 * 1024 ** 2, ' '))
    const refused = await post(bomb, { 'content-encoding': coding })
    assert.equal(refused.status, 413)
    assert.equal(((await refused.json()) as { reason: string }).reason, 'body_too_large')
    assert.equal(upstream.requests.length, 0)
  })
}

test('a body beyond its limit gets 413, whether its length is declared or not', async (t) => {
  const { upstream, post, url } = await validated(t, { body: {}, maxBytes: '100B' })
  const large = JSON.stringify('x'.repeat(200))
  assert.equal((await post(large)).status, 413)
  const chunked = await fetch(`${url}/users/1`, {
    method: 'POST',
    body: new Blob([large]).stream(),
    headers: { 'content-type': 'application/json' },
    duplex: 'half'
  } as RequestInit)
  assert.equal(chunked.status, 413)
  assert.equal(upstream.requests.length, 0)
})

test('query, headers and path parameters are read as what their schemas ask for, and forwarded as they came', async (t) => {
  const { upstream, url } = await validated(t, {
    params: Type.Object({ id: Type.Integer({ maximum: 10 }) }),
    query: Type.Object(
      { page: Type.Integer(), tag: Type.Optional(Type.Array(Type.String(), { maxItems: 2 })) },
      { additionalProperties: false }
    ),
    headers: Type.Object({ 'x-tenant': Type.String({ pattern: '^[a-z]+$' }) })
  })
  const ask = (path: string, tenant = 'acme') => fetch(`${url}${path}`, { headers: { 'x-tenant': tenant } })
  assert.equal((await ask('/users/7?page=%32&tag=a')).status, 200)
  assert.equal((await upstream.request(1)).target, '/users/7?page=%32&tag=a')
  assert.equal((await ask('/users/7?page=1&tag=a&tag=b')).status, 200)
  const cases: [string, string, unknown][] = [
    ['/users/x?page=1', 'acme', { in: 'params', pointer: '/id', detail: 'must be integer' }],
    ['/users/1', 'acme', { in: 'query', pointer: '/page', detail: 'is required' }],
    ['/users/1?page=1&page=2', 'acme', { in: 'query', pointer: '/page', detail: 'must be integer' }],
    ['/users/1?page=1&__proto__=2', 'acme', { in: 'query', pointer: '/__proto__', detail: 'is not allowed' }],
    [
      '/users/1?page=1&tag=1&tag=2&tag=3',
      'acme',
      { in: 'query', pointer: '/tag', detail: 'must NOT have more than 2 items' }
    ],
    [
      '/users/1?page=1',
      'ACME',
      { in: 'headers', pointer: '/x-tenant', detail: 'must match pattern "^[a-z]+$"' }
    ]
  ]
  for (const [path, tenant, problem] of cases)
    assert.deepEqual(await errorsOf(await ask(path, tenant)), [problem])
  assert.equal(upstream.requests.length, 2)
})

test('a number that JSON could not hold is none: Infinity passes no maximum, and 0x10 is not 16', async (t) => {
  const size = { type: 'object', properties: { size: { type: 'integer', maximum: 20 } } }
  const id = { type: 'object', properties: { id: { type: 'number' } } }
  const { upstream, url } = await validated(t, {
    params: id,
    query: {
      ...size,
      properties: { ...size.properties, list: { type: 'array', items: { type: 'number' } } }
    },
    headers: { type: 'object', properties: { 'x-size': { type: 'integer', maximum: 20 } } }
  })
  const ask = (path: string, headers = {}) => fetch(`${url}/users/${path}`, { headers })
  for (const path of ['1?size=20', '1?size=-3', '1?size=007', '1?size=1e1', '1.5?list=1&list=2.5'])
    assert.equal((await ask(path, { 'x-size': '7' })).status, 200, path)
  const passed = upstream.requests.length
  const detail = 'must be a number as JSON writes it'
  for (const [path, size, found] of [
    ['1?size=Infinity', '7', { in: 'query', pointer: '/size' }],
    ['1?size=-Infinity', '7', { in: 'query', pointer: '/size' }],
    ['1?size=0x10', '7', { in: 'query', pointer: '/size' }],
    ['1?size=%207', '7', { in: 'query', pointer: '/size' }],
    ['1?list=1&list=1e999', '7', { in: 'query', pointer: '/list' }],
    ['1?list=0b11', '7', { in: 'query', pointer: '/list' }],
    ['Infinity', '7', { in: 'params', pointer: '/id' }],
    ['1', '0x10', { in: 'headers', pointer: '/x-size' }]
  ] as const)
    assert.deepEqual(await errorsOf(await ask(path, { 'x-size': size })), [{ ...found, detail }], path)
  assert.equal(upstream.requests.length, passed)
})

test('a body with something behind the end of its coding is refused: some readers go on there', async (t) => {
  const { upstream, post } = await validated(t, { body: USER })
  const checked = Buffer.from('{"name":"ada"}')
  const unchecked = gzipSync('{"name":"eve","admin":true}')
  for (const [coding, body] of [
    ['gzip', [gzipSync(checked), Buffer.alloc(1), unchecked]],
    ['deflate', [deflateSync(checked), unchecked]],
    ['deflate', [deflateRawSync(checked), unchecked]],
    ['br', [brotliCompressSync(checked), unchecked]],
    ['gzip, br', [brotliCompressSync(Buffer.concat([gzipSync(checked), Buffer.alloc(1), unchecked]))]]
  ] as const) {
    const refused = await post(Buffer.concat(body), { 'content-encoding': coding })
    assert.deepEqual(await errorsOf(refused), [
      { in: 'body', pointer: '', detail: 'is not in its content coding' }
    ])
  }
  // Members of gzip are one text.
  const members = Buffer.concat([gzipSync('{"name":'), gzipSync('"ada"}')])
  assert.equal((await post(members, { 'content-encoding': 'gzip' })).status, 200)
  assert.equal(upstream.requests.length, 1)
})

test('a body that names two charsets is refused, as readers differ in which they take', async (t) => {
  const { post } = await validated(t, { body: USER })
  const refused = await post('{"name":"ada"}', {
    'content-type': 'application/json; charset=utf-8; charset=utf-7'
  })
  assert.deepEqual(await errorsOf(refused), [{ in: 'body', pointer: '', detail: 'must be UTF-8' }])
})

test('of a header that is sent twice all that the upstream gets is checked', async (t) => {
  const { port, upstream } = await validated(t, {
    headers: { type: 'object', properties: { 'user-agent': { type: 'string', pattern: '^[a-z]+$' } } }
  })
  const ask = (...agents: string[]) =>
    rawRequest(
      port,
      `GET /users/1 HTTP/1.1\r\nHost: a\r\n${agents.map((one) => `User-Agent: ${one}\r\n`).join('')}\r\n`
    )
  assert.equal((await ask('a')).status, 200)
  assert.equal((await ask('a', 'B!')).status, 400)
  assert.equal(upstream.requests.length, 1)
})

test('a media type with parameters is checked as without', async (t) => {
  const { post } = await validated(t, { body: USER })
  for (const type of ['application/json; charset=UTF-8', 'application/json;v=1', 'APPLICATION/JSON'])
    assert.deepEqual(
      [
        (await post('{}', { 'content-type': type })).status,
        (await post('{"name":"a"}', { 'content-type': type })).status
      ],
      [400, 200],
      type
    )
})

test('bodies are never coerced, and the query only where it is asked for', async (t) => {
  const { post } = await validated(t, { body: USER })
  assert.equal((await post('{"name":"a","age":"1"}')).status, 400)
  const strict = await validated(t, {
    query: { type: 'object', properties: { page: { type: 'integer' } } },
    coerce: false
  })
  assert.equal((await fetch(`${strict.url}/users/1?page=1`)).status, 400)
})

test('what an object inherits is no property that was sent', async (t) => {
  const { post } = await validated(t, { body: { type: 'object', required: ['constructor'] } })
  assert.equal((await post('{}')).status, 400)
  assert.equal((await post('{"constructor":1}')).status, 200)
})

test('a body that names __proto__ is checked as any other, and changes no prototype', async (t) => {
  const { post } = await validated(t, { body: USER })
  assert.deepEqual(await errorsOf(await post('{"name":"a","__proto__":{"admin":true}}')), [
    { in: 'body', pointer: '/__proto__', detail: 'is not allowed' }
  ])
  assert.equal(({} as { admin?: unknown }).admin, undefined)
})

test("mode: 'observe' lets everything pass, and tells what it would have refused", async (t) => {
  const { post, upstream, gateway, exchanges } = await validated(t, {
    mode: 'observe',
    body: USER,
    maxBytes: '100B'
  })
  const told: unknown[] = []
  gateway.app.gateway.events.on('observed', ({ reason, because }) => told.push([reason, because]))
  gateway.app.gateway.events.on('validation', ({ outcome, because }) => told.push([outcome, because]))
  const large = JSON.stringify({ name: 'x'.repeat(200) })
  for (const body of ['{"age":1}', 'no JSON', large, gzipSync(Buffer.alloc(5_000))]) {
    const headers = Buffer.isBuffer(body) ? { 'content-encoding': 'gzip' } : {}
    assert.equal((await post(body, headers)).status, 200)
    const { body: seen } = await (await upstream.request(upstream.requests.length)).finished
    assert.deepEqual(seen, Buffer.from(body))
  }
  // What has to be decoded may be told of after the response.
  while (told.length < 6) await new Promise(setImmediate)
  assert.deepEqual(told, [
    ['invalid', 'body /name: is required'],
    ['request_invalid', 'body /name: is required'],
    ['invalid', 'body: is not JSON'],
    ['request_invalid', 'body: is not JSON'],
    ['unchecked', 'it is too large'],
    ['unchecked', 'it is too large']
  ])
  assert.deepEqual((await exchanges.nth(1)).observed, ['request_invalid'])
  assert.equal((await exchanges.nth(3)).observed, null)
})

for (const framing of ['sized', 'chunked'] as const)
  test(`mode: 'observe': a ${framing} request goes on as it comes, and is checked at its end`, async (t) => {
    const { port, upstream, gateway, exchanges } = await validated(t, { mode: 'observe', body: USER })
    const told: string[] = []
    gateway.app.gateway.events.on('validation', ({ outcome, because }) => told.push(`${outcome} ${because}`))
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    const length = framing === 'sized' ? 'Content-Length: 9' : 'Transfer-Encoding: chunked'
    const type = 'Content-Type: application/json'
    await client.write(`POST /users/1 HTTP/1.1\r\nHost: a\r\n${type}\r\n${length}\r\n\r\n`)
    await client.write(framing === 'sized' ? '{"age' : '5\r\n{"age\r\n')
    const { request, respond } = await held
    await (request as SeenRequest).received(5)
    assert.deepEqual(told, [])
    await client.write(framing === 'sized' ? '":1}' : '4\r\n":1}\r\n0\r\n\r\n')
    await (request as SeenRequest).finished
    await respond.answer({ status: 201 })
    assert.equal((await client.response()).status, 201)
    const { body, framing: seen } = request as SeenRequest
    assert.deepEqual([String(body), seen], ['{"age":1}', framing])
    assert.deepEqual(told, ['invalid body /name: is required'])
    const { observed, bodyKept } = await exchanges.nth(1)
    assert.deepEqual([observed, bodyKept], [['request_invalid'], false])
  })

test("mode: 'observe': a request beyond the limit that tells no length is unchecked, and one that breaks off is not told of", async (t) => {
  const { port, upstream, gateway, exchanges } = await validated(t, {
    mode: 'observe',
    body: USER,
    maxBytes: '100B'
  })
  const told: string[] = []
  gateway.app.gateway.events.on('validation', ({ outcome, because }) => told.push(`${outcome} ${because}`))
  const head =
    'POST /users/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
  const client = await rawClient(port, { t })
  await client.write(`${head}c8\r\n${' '.repeat(200)}\r\n0\r\n\r\n`)
  assert.equal((await client.response()).status, 200)
  assert.deepEqual(
    [told, (await (await upstream.request(1)).finished).bodyBytes],
    [['unchecked it is too large'], 200]
  )
  const held = upstream.hold()
  await client.write(`${head}5\r\n{"age\r\n`)
  const { request } = await held
  client.close()
  await (request as SeenRequest).aborted
  assert.equal((await exchanges.nth(2)).reason, 'client_closed')
  assert.equal(told.length, 1)
})

test("mode: 'observe': a response to a request that is still coming is relayed at once", async (t) => {
  const { port, upstream } = await validated(t, { mode: 'observe', body: USER })
  upstream.next({ status: 403, early: true })
  const client = await rawClient(port, { t })
  const type = 'Content-Type: application/json'
  await client.write(`POST /users/1 HTTP/1.1\r\nHost: a\r\n${type}\r\nContent-Length: 200\r\n\r\n{`)
  assert.equal((await client.response()).status, 403)
})

test('what is only observed of a response holds back neither its head nor a piece of it', async (t) => {
  const { url, upstream } = await validated(t, { response: { bodies: NUMBERS } })
  const held = upstream.hold()
  const asked = fetch(`${url}/users/1`)
  const body = (await held).respond.stream({ framing: 'chunked', headers: Object.entries(LIST.headers) })
  const response = await asked
  const reader = response.body?.getReader()
  await body.write('[1,')
  const first = await reader?.read()
  assert.equal(String(Buffer.from(first?.value as Uint8Array)), '[1,')
  await body.write('2]')
  await body.end()
})

test('a body of no bytes that tells no length is none', async (t) => {
  for (const [validation, status] of [
    [{ body: USER }, 400],
    [{ body: USER, bodyRequired: false }, 200]
  ] as const) {
    const { port } = await validated(t, validation)
    const head =
      'POST /users/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
    const answer = await rawRequest(port, `${head}0\r\n\r\n`)
    assert.equal(answer.status, status)
    if (status === 400) assert.match(answer.text, /"detail":"is required"/)
  }
})

const LIST = { body: '[1,"2"]', headers: { 'content-type': 'application/json' } } as const
const NUMBERS = { '2xx': { type: 'array', items: { type: 'number' } } }

for (const framing of ['sized', 'chunked'] as const)
  test(`a ${framing} response that is not valid is told of, and passes byte for byte with its framing`, async (t) => {
    const { url, upstream, gateway } = await validated(t, { response: { bodies: NUMBERS } })
    const told: string[] = []
    gateway.app.gateway.events.on('validation', ({ part, because }) => told.push(`${part} ${because}`))
    const held = upstream.hold()
    const asked = fetch(`${url}/users/1`)
    const body = (await held).respond.stream({
      framing,
      headers: [
        ...Object.entries(LIST.headers),
        ...(framing === 'sized' ? [['content-length', '7'] as const] : [])
      ]
    })
    await body.write('[1,')
    const response = await asked
    await body.write('"2"]')
    await body.end()
    assert.equal(await response.text(), '[1,"2"]')
    assert.equal(response.headers.get('content-length'), framing === 'sized' ? '7' : null)
    assert.deepEqual(told, ['response response /1: must be number'])
  })

test("a response that is not valid gets 502 where mode is 'enforce', and a valid one passes", async (t) => {
  const { url, upstream } = await validated(t, { response: { mode: 'enforce', bodies: NUMBERS } }, LIST)
  const refused = await fetch(`${url}/users/1`)
  const { reason, errors } = (await refused.json()) as Record<string, unknown>
  assert.deepEqual([refused.status, reason, errors], [502, 'response_invalid', undefined])
  upstream.answers(() => ({ ...LIST, body: '[1, 2]' }))
  assert.equal(await (await fetch(`${url}/users/1`)).text(), '[1, 2]')
  upstream.answers(() => ({ ...LIST, status: 404, body: '{}' }))
  assert.equal((await fetch(`${url}/users/1`)).status, 404)
  upstream.answers(() => ({ body: '<html>', headers: { 'content-type': 'text/html' } }))
  assert.equal((await fetch(`${url}/users/1`)).status, 502)
  assert.equal((await fetch(`${url}/users/1`, { method: 'HEAD' })).status, 200)
})

test("with 'enforce' a response that is too large to be checked, or breaks off, gets 502", async (t) => {
  const { url, upstream } = await validated(t, {
    response: { mode: 'enforce', bodies: NUMBERS, maxBytes: '1KiB' }
  })
  const large = Buffer.from(`[${'1,'.repeat(100_000)}1]`)
  upstream.answers(() => ({ ...LIST, body: large }))
  const refused = await fetch(`${url}/users/1`)
  assert.equal(((await refused.json()) as { reason: string }).reason, 'response_invalid')
  upstream.answers(() => ({ ...LIST, body: large, cut: 'mid-body', end: 'reset' }))
  assert.equal((await fetch(`${url}/users/1`)).status, 502)
})

test('only the share of responses that is asked for is checked', async (t) => {
  const upstream = await fakeUpstream(t, () => LIST)
  const chances: number[] = []
  const { url, gateway } = await startGateway(
    t,
    {
      pools: { users: { endpoints: [upstream.url], balancing: 'round-robin' } },
      routes: [
        {
          path: '/*',
          pool: 'users',
          validation: { response: { samplePercent: 10, bodies: { default: false } } }
        }
      ]
    },
    {},
    { chance: () => chances.shift() ?? 1 }
  )
  chances.push(0.09, 0.1, 0.5, 0)
  let told = 0
  gateway.app.gateway.events.on('validation', () => told++)
  const counts: number[] = []
  for (let n = 0; n < 4; n++) {
    await (await fetch(url)).text()
    counts.push(told)
  }
  assert.deepEqual(counts, [1, 1, 1, 2])
})

const problemsOf = async (validation: unknown): Promise<string> => {
  const gateway = createGateway({
    logger: false,
    routes: [{ path: '/a', respond: { status: 204 }, validation }]
  } as never)
  try {
    await gateway.ready()
    return ''
  } catch (error) {
    return (error as Error).message
  } finally {
    await gateway.close()
  }
}

const WRONG: readonly (readonly [unknown, RegExp])[] = [
  [{}, /routes\[0\]\.validation: checks nothing/],
  [{ body: 'user' }, /routes\[0\]\.validation\.body: must be a JSON Schema/],
  [{ body: { type: 'objct' } }, /validation\.body\/type: must be equal to one of the allowed values/],
  [
    { body: { properties: { a: { minimun: 1 } } } },
    /validation\.body\/properties\/a: unknown keyword 'minimun'; did you mean 'minimum'\?/
  ],
  [
    { body: { $ref: 'https://example.com/user.json' } },
    /can't resolve reference https:\/\/example\.com\/user\.json: it must lead to a part of this schema, as nothing is fetched/
  ],
  [
    { body: { properties: { a: { type: 'string', pattern: '^(a+)+$' } } } },
    /validation\.body\/properties\/a\/pattern: '\^\(a\+\)\+\$' could take more than linear time/
  ],
  [
    { body: { patternProperties: { '(x*)*': {} } } },
    /validation\.body\/patternProperties: .* could take more than linear time/
  ],
  [{ body: { type: 'string', format: 'mail' } }, /unknown format "mail"/],
  [{ body: { type: 'string', format: 'url' } }, /'url' could take more than linear time/],
  [
    { body: { type: 'array', uniqueItems: true } },
    /uniqueItems: compares each item with each; give 'maxItems'/
  ],
  [{ body: { $async: true } }, /\$async: is not supported/],
  [
    { body: true, query: { type: 'object' }, bodyRequierd: true },
    /unknown key 'bodyRequierd'; did you mean 'bodyRequired'\?/
  ],
  [{ query: { type: 'object' }, maxBytes: '1KiB' }, /validation\.maxBytes: does nothing without 'body'/],
  [{ headers: { properties: { 'X-Tenant': {} } } }, /validation\.headers: 'X-Tenant' must be in lower case/],
  [
    { response: { bodies: { ok: {} } } },
    /response\.bodies: 'ok' must be a status, '2xx' or the like, or 'default'/
  ]
]

for (const [validation, message] of WRONG)
  test(`the start is refused for ${JSON.stringify(validation).slice(0, 100)}`, async () => {
    assert.match(await problemsOf(validation), message)
  })

test('a schema that holds itself is refused', async () => {
  const schema: { properties: Record<string, unknown> } = { properties: {} }
  schema.properties.a = schema
  assert.match(
    await problemsOf({ body: schema }),
    /validation\.body: is more than 100 schemas deep, or holds itself/
  )
})

test('a change with another schema holds from the next request on; a wrong one changes nothing', async (t) => {
  const { gateway, post } = await validated(t, { body: USER })
  const { config } = gateway.app.gateway
  const changed = (body: object) => ({
    ...config,
    routes: config.routes?.map((route) => ({ ...route, validation: { body } }))
  })
  assert.equal((await post('{"name":"a"}')).status, 200)
  await assert.rejects(
    gateway.app.gateway.apply(changed({ type: 'wrong' }) as typeof config),
    /validation\.body\/type/
  )
  assert.equal((await post('{"name":"a"}')).status, 200)
  await gateway.app.gateway.apply(changed({ type: 'object', required: ['mail'] }) as typeof config)
  assert.deepEqual(await errorsOf(await post('{"name":"a"}')), [
    { in: 'body', pointer: '/mail', detail: 'is required' }
  ])
})

test('Ajv is loaded where something is to be checked, and nowhere else', () => {
  const program = (validation: string): string => `
    import { createRequire } from 'node:module'
    import { createGateway } from '@gatewright/gateway'
    const gateway = createGateway({ logger: false, routes: [{ path: '/a', respond: {}, ${validation} }] })
    await gateway.ready()
    const { cache } = createRequire(import.meta.url)
    console.log(Object.keys(cache).some((file) => file.includes('/ajv/dist/2020')))
    await gateway.close()`
  const loads = (validation: string): string =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program(validation)], {
      cwd: import.meta.dirname,
      encoding: 'utf8'
    }).trim()
  assert.deepEqual([loads(''), loads('validation: { query: true }')], ['false', 'true'])
})

test('native routes are checked as well, bodies that go to a handler too', async (t) => {
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    pools: { a: { endpoints: ['http://127.0.0.1:1'] } }
  })
  t.after(() => gateway.close())
  gateway.register(async (app) => {
    const validation: Validation = {
      params: { type: 'object', properties: { id: { type: 'integer' } } },
      body: USER
    }
    app.post('/native/:id', { config: { gateway: { pool: 'a', validation } } }, async ({ exchange }) => ({
      got: await exchange?.json()
    }))
  })
  await gateway.ready()
  const post = (url: string, payload: object) => gateway.inject({ method: 'POST', url, payload })
  assert.deepEqual((await post('/native/1', { name: 'a' })).json(), { got: { name: 'a' } })
  assert.deepEqual((await post('/native/x', { name: 'a' })).json().errors, [
    { in: 'params', pointer: '/id', detail: 'must be integer' }
  ])
  assert.equal((await post('/native/1', {})).statusCode, 400)
})

test('explain() names what a route checks; false switches off what a policy says', async (t) => {
  const gateway = createGateway({
    logger: false,
    policies: {
      strict: { validation: { body: USER, query: true, response: { bodies: { default: true } } } }
    },
    routes: [
      { path: '/a', respond: {}, use: ['strict'] },
      { path: '/b', respond: {}, use: ['strict'], validation: false }
    ]
  })
  t.after(() => gateway.close())
  await gateway.ready()
  const { steps } = gateway.app.gateway.explain({ method: 'POST', url: 'http://x/a' })
  assert.deepEqual(
    steps.filter((step) => step.includes('validation')),
    [
      'onRequest: validation of query',
      'preHandler: validation of body',
      'onSend: validation of response (observe)'
    ]
  )
  assert.deepEqual(gateway.app.gateway.explain({ method: 'POST', url: 'http://x/b' }).steps, [])
})
