import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import zlib from 'node:zlib'
import { createGateway, GatewayError, transformJson } from '@gatewright/gateway'
import type { FakeResponse } from '@gatewright/testing'
import { ask, CODINGS, changing, type Fields, fieldIn, json, reasonOf } from '../support/json-gateway.js'
import { startGateway } from '../support/start-gateway.js'

const CARD = '{ "id": 12345678901234567890, "card": {"number": "4111111111111111", "cvc": 123}, "b": 1.10 }'
const MASKED = '{"id":12345678901234567890,"card":{"number":"***1111"},"b":1.10}'
const MASK = [{ mask: ['/card/number'], keepLast: 4 }, { remove: ['/card/cvc'] }]

test('a response is changed, and numbers of any size stay as they were', async (t) => {
  const { get } = await changing(t, { response: { json: MASK } }, json(CARD))
  const { status, body, headers } = await get()
  assert.deepEqual([status, String(body), headers['content-length']], [200, MASKED, String(MASKED.length)])
})

for (const type of ['application/problem+json; charset=utf-8', 'text/json', 'APPLICATION/JSON'])
  test(`a body of the type ${type} is changed, with a byte order mark too`, async (t) => {
    const { get } = await changing(
      t,
      { response: { json: MASK } },
      json(`\ufeff${CARD}`, { 'content-type': type })
    )
    assert.equal(String((await get()).body), MASKED)
  })

for (const type of [
  'text/plain',
  'application/json-seq',
  'application/octet-stream',
  'text/plain; title="a, application/json"'
])
  test(`a body of the type ${type} is left alone, with its fields`, async (t) => {
    const fields = { 'content-type': type, etag: '"a"', digest: 'x=y' }
    const { get } = await changing(t, { response: { json: MASK } }, json(CARD, fields))
    const { body, headers } = await get()
    assert.deepEqual([String(body), headers.etag, headers.digest], [CARD, '"a"', 'x=y'])
  })

for (const [coding, pack, unpack] of CODINGS) {
  test(`a response in ${coding} is changed and comes in ${coding}`, async (t) => {
    const { get } = await changing(
      t,
      { response: { json: MASK } },
      json(pack?.(Buffer.from(CARD)) as Buffer, { 'content-encoding': coding })
    )
    const { body, headers } = await get({ 'accept-encoding': coding })
    assert.equal(headers['content-encoding'], coding)
    assert.equal(headers['content-length'], String(body.length))
    assert.equal(String(unpack?.(body)), MASKED)
  })

  test(`a decompression bomb in ${coding} is 502 from an upstream and 413 from a client`, async (t) => {
    const bomb = pack?.(Buffer.alloc(30 * 1024 ** 2, ' ')) as Buffer
    const transform = {
      request: { json: { operations: MASK, maxBytes: '100MiB' } },
      response: { json: MASK }
    } as const
    const { get, post, upstream } = await changing(t, transform, json(bomb, { 'content-encoding': coding }))
    const bad = await get()
    assert.deepEqual(
      [bad.status, reasonOf(bad), bad.headers['content-encoding']],
      [502, 'response_transform_failed', undefined]
    )
    const refused = await post(bomb, { 'content-encoding': coding })
    assert.deepEqual([refused.status, reasonOf(refused)], [413, 'body_too_large'])
    assert.equal(upstream.requests.length, 1)
  })
}

test('fields that describe the bytes of a changed body are dropped, and its tag is weak', async (t) => {
  const fields = {
    etag: '"a"',
    digest: 'sha-256=x',
    'content-digest': 'sha-256=:x:',
    'repr-digest': 'sha-256=:x:',
    'content-md5': 'x',
    'accept-ranges': 'bytes',
    'last-modified': 'Thu, 26 Nov 2026 10:00:00 GMT'
  }
  const { get, upstream } = await changing(t, { response: { json: MASK } }, json(CARD, fields))
  const { headers } = await get()
  for (const name of ['digest', 'content-digest', 'repr-digest', 'content-md5', 'accept-ranges'])
    assert.equal(headers[name], undefined, name)
  assert.deepEqual([headers.etag, headers['last-modified']], ['W/"a"', fields['last-modified']])
  upstream.answers(() => json(CARD, { etag: 'W/"b"' }))
  assert.equal((await get()).headers.etag, 'W/"b"')
})

test("validators: 'drop' leaves out what would call a changed response the same, and asks for it anew", async (t) => {
  const answer = json(CARD, { etag: '"a"', 'last-modified': 'Thu, 26 Nov 2026 10:00:00 GMT' })
  const transform = { response: { json: { operations: MASK, validators: 'drop' } } } as const
  const { get, seen } = await changing(t, transform, answer)
  const { headers } = await get({
    'if-none-match': '"a"',
    'if-modified-since': 'Thu, 26 Nov 2026 10:00:00 GMT'
  })
  assert.deepEqual([headers.etag, headers['last-modified']], [undefined, undefined])
  const { headers: asked } = await seen(1)
  assert.deepEqual(
    [fieldIn(asked, 'if-none-match'), fieldIn(asked, 'if-modified-since')],
    [undefined, undefined]
  )
  const weak = await changing(t, { response: { json: MASK } }, answer)
  await weak.get({ 'if-none-match': 'W/"a"' })
  assert.equal(fieldIn((await weak.seen(1)).headers, 'if-none-match'), 'W/"a"')
})

test('a body in which nothing is to be changed comes byte for byte', async (t) => {
  const plain = '{ "a" : 1 }'
  const packed = zlib.gzipSync(plain, { level: 1 })
  const { get, upstream } = await changing(
    t,
    { response: { json: MASK } },
    json(plain, { 'content-digest': 'x' })
  )
  const first = await get()
  assert.deepEqual([String(first.body), first.headers['content-digest']], [plain, 'x'])
  upstream.answers(() => json(packed, { 'content-encoding': 'gzip' }))
  assert.deepEqual((await get()).body, packed)
})

test('a HEAD response has the fields of the changed one, and no length', async (t) => {
  const { get } = await changing(t, { response: { json: MASK } }, json(CARD, { etag: '"a"', digest: 'x' }))
  const { status, headers } = await get({}, 'HEAD')
  assert.deepEqual(
    [status, headers.etag, headers.digest, headers['content-length']],
    [200, 'W/"a"', undefined, undefined]
  )
})

test('304 has the tag of the changed response; 204 and an empty body pass', async (t) => {
  const { get, upstream } = await changing(
    t,
    { response: { json: MASK } },
    { status: 304, headers: { etag: '"a"' } }
  )
  const { status, headers } = await get({ 'if-none-match': 'W/"a"' })
  assert.deepEqual([status, headers.etag], [304, 'W/"a"'])
  upstream.answers(() => ({ status: 204, headers: { 'content-type': 'application/json' } }))
  assert.equal((await get()).status, 204)
  upstream.answers(() => json(''))
  assert.deepEqual([(await get()).status, (await get()).body.length], [200, 0])
})

test('the upstream is asked for all of the body, in codings that can be taken off', async (t) => {
  const { get, seen } = await changing(t, { response: { json: MASK } }, json(CARD))
  await get({ 'accept-encoding': 'dcb, gzip;q=0.5, compress', range: 'bytes=0-10', 'if-range': '"a"' })
  const { headers } = await seen(1)
  assert.equal(fieldIn(headers, 'accept-encoding'), 'gzip;q=0.5')
  assert.deepEqual([fieldIn(headers, 'range'), fieldIn(headers, 'if-range')], [undefined, undefined])
  await get()
  assert.equal(fieldIn((await seen(2)).headers, 'accept-encoding'), 'identity')
})

test('trailers, which may hold a digest, are not relayed with what is changed', async (t) => {
  const answer: FakeResponse = { ...json(CARD), framing: 'chunked', trailers: { digest: 'sha-256=x' } }
  const { get } = await changing(t, { response: { json: MASK } }, answer)
  const { body, headers } = await get({ te: 'trailers', connection: 'te' })
  assert.deepEqual([String(body), headers.trailer], [MASKED, undefined])
})

test('a part of a body that nobody has asked for is not passed on', async (t) => {
  const part = { ...json(CARD, { 'content-range': 'bytes 0-80/90' }), status: 206 }
  const { get } = await changing(t, { response: { json: MASK } }, part)
  assert.deepEqual([(await get()).status, reasonOf(await get())], [502, 'response_transform_failed'])
})

test('no-transform of a response is respected, unless the route says otherwise; that of a request is not', async (t) => {
  const answer = json(CARD, { 'cache-control': 'private, No-Transform', etag: '"a"' })
  const { get } = await changing(t, { response: { json: MASK } }, answer)
  const { body, headers } = await get()
  assert.deepEqual([String(body), headers.etag], [CARD, '"a"'])
  const other = await changing(
    t,
    { response: { json: { operations: MASK, noTransform: 'override' } } },
    answer
  )
  assert.equal(String((await other.get()).body), MASKED)
  const asked = await changing(t, { response: { json: MASK } }, json(CARD))
  assert.equal(String((await asked.get({ 'cache-control': 'no-transform' })).body), MASKED)
})

const BROKEN: readonly (readonly [string, FakeResponse])[] = [
  ['no JSON', json('{"card":')],
  ['cut within', { ...json(CARD.repeat(5_000)), cut: 'mid-body', end: 'reset' }],
  ['not UTF-8', json(Buffer.from([0x22, 0xff, 0x22]))],
  ['in another charset', json(CARD, { 'content-type': 'application/json; charset=iso-8859-1' })],
  ['of two media types', json(CARD, { 'content-type': 'text/plain, application/json' })],
  ['in a coding nobody knows', json(CARD, { 'content-encoding': 'aws-chunked' })],
  ['said to be gzip', json(CARD, { 'content-encoding': 'gzip' })],
  ['in gzip that is cut short', json(zlib.gzipSync(CARD).subarray(0, -4), { 'content-encoding': 'gzip' })],
  ['larger than the limit', json(`[${'1,'.repeat(600_000)}1]`)],
  ['larger than the limit, in chunks', { ...json(`[${'1,'.repeat(600_000)}1]`), framing: 'chunked' }]
]

for (const [what, answer] of BROKEN)
  test(`a response that is ${what} becomes 502, and never half a body`, async (t) => {
    const { get, exchanges } = await changing(t, { response: { json: MASK } }, answer)
    const { status, headers, body } = await get()
    assert.equal(status, 502)
    assert.equal(headers['content-type'], 'application/problem+json')
    assert.equal(headers['content-encoding'], undefined)
    assert.doesNotMatch(String(body), /4111/)
    const { reason } = await exchanges.nth(1)
    assert.equal(reason, what === 'cut within' ? 'upstream_reset' : 'response_transform_failed')
  })

test('what a change makes larger than the limit is not sent', async (t) => {
  const operations = [{ set: { '/*/x': 'y'.repeat(10_000) } }]
  const { get } = await changing(t, { response: { json: operations } }, json(`[${'{},'.repeat(10_000)}{}]`))
  assert.deepEqual([(await get()).status, reasonOf(await get())], [502, 'response_transform_failed'])
})

test('answers of the gateway itself are not changed', async (t) => {
  const { get, upstream } = await changing(t, { response: { json: [{ pick: ['/nothing'] }] } })
  upstream.answers(() => ({ cut: 'before-head', end: 'reset' }))
  assert.equal(reasonOf(await get()), 'upstream_reset')
})

test('a request is changed, framed anew, and its fields fit it', async (t) => {
  const transform = {
    request: { json: [{ set: { '/by': '{params.id}', '/deep/er': true } }, { remove: ['/admin'] }] }
  }
  const { post, seen } = await changing(t, transform)
  const fields = {
    digest: 'x',
    'content-digest': 'x',
    'repr-digest': 'x',
    'content-md5': 'x',
    'content-encoding': 'gzip'
  }
  await post(zlib.gzipSync('{"admin":true,"n":1e2}'), fields)
  const { headers, body, framing } = await seen(1)
  const expected = '{"n":1e2,"by":"7","deep":{"er":true}}'
  assert.deepEqual(
    [String(body), framing, fieldIn(headers, 'content-length')],
    [expected, 'sized', String(expected.length)]
  )
  for (const name of Object.keys(fields)) assert.equal(fieldIn(headers, name), undefined, name)
})

test('a request in which nothing changes goes byte for byte, with its fields', async (t) => {
  const { post, seen } = await changing(t, { request: { json: MASK } })
  const packed = zlib.gzipSync('{ "a": 1 }')
  await post(packed, { 'content-encoding': 'gzip', digest: 'x' })
  const { headers, body } = await seen(1)
  assert.deepEqual(
    [body, fieldIn(headers, 'content-encoding'), fieldIn(headers, 'digest')],
    [packed, 'gzip', 'x']
  )
})

test('a request without a length is changed, and requests without JSON go as they came', async (t) => {
  const { port, post, seen } = await changing(t, { request: { json: [{ set: { '/a': 1 } }] } })
  await ask(port, 'POST', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }, '{}')
  const first = await seen(1)
  assert.deepEqual([String(first.body), first.framing], ['{"a":1}', 'sized'])
  await post('a=1', { 'content-type': 'application/x-www-form-urlencoded' })
  assert.equal(String((await seen(2)).body), 'a=1')
  await ask(port, 'POST', { 'content-type': 'application/json', 'content-length': '0' })
  assert.equal((await seen(3)).bodyBytes, 0)
})

const REFUSED: readonly (readonly [string, string | Buffer, Fields, number, string])[] = [
  ['no JSON', '{"a":', {}, 400, 'request_transform_failed'],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'request_transform_failed'],
  [
    'in another charset',
    '{}',
    { 'content-type': 'application/json;charset=utf-16' },
    400,
    'request_transform_failed'
  ],
  [
    'of two media types',
    '{}',
    { 'content-type': 'application/x-ndjson, text/plain' },
    400,
    'request_transform_failed'
  ],
  ['in a coding nobody knows', '{}', { 'content-encoding': 'lzma' }, 400, 'request_transform_failed'],
  ['in three codings', '{}', { 'content-encoding': 'gzip, gzip, gzip' }, 400, 'request_transform_failed'],
  ['said to be gzip', '{}', { 'content-encoding': 'gzip' }, 400, 'request_transform_failed'],
  ['too large', `"${'x'.repeat(2_000)}"`, {}, 413, 'body_too_large'],
  [
    'too large once decoded',
    zlib.gzipSync(`"${'x'.repeat(2_000)}"`),
    { 'content-encoding': 'gzip' },
    413,
    'body_too_large'
  ]
]

for (const [what, body, fields, status, reason] of REFUSED)
  test(`a request whose body is ${what} gets ${status}, and the upstream sees nothing of it`, async (t) => {
    const transform = { request: { json: { operations: MASK, maxBytes: '1000B' } } } as const
    const { post, upstream } = await changing(t, transform)
    const answer = await post(body, fields)
    assert.deepEqual([answer.status, reasonOf(answer)], [status, reason])
    assert.equal(upstream.requests.length, 0)
  })

test('a changed request can be sent again', async (t) => {
  const { port, upstream, seen } = await changing(
    t,
    { request: { json: [{ set: { '/a': 1 } }] } },
    {},
    {
      policies: {}
    }
  )
  upstream.next({ cut: 'before-head', end: 'reset' })
  void port
  const retrying = await startGateway(t, {
    pools: { things: { endpoints: [upstream.url], retry: { attempts: 2, methods: ['PUT'], on: ['reset'] } } },
    routes: [{ path: '/*', pool: 'things', transform: { request: { json: [{ set: { '/a': 1 } }] } } }]
  })
  const { status } = await ask(
    retrying.port,
    'PUT',
    { 'content-type': 'application/json', 'content-length': '2' },
    '{}'
  )
  assert.equal(status, 200)
  assert.deepEqual([String((await seen(1)).body), String((await seen(2)).body)], ['{"a":1}', '{"a":1}'])
})

test('functions change bodies, and may wait; bigints keep their digits', async (t) => {
  const { get, post, seen } = await changing(
    t,
    {
      request: { json: transformJson((body) => ({ ...body, seen: true })) },
      response: {
        json: [
          { remove: ['/card'] },
          transformJson(async (body, exchange) => {
            await Promise.resolve()
            body.id += 1n
            body.route = exchange.route?.id
          })
        ]
      }
    },
    json(CARD)
  )
  assert.equal(String((await get()).body), '{"id":12345678901234567891,"b":1.1,"route":"things"}')
  await post('{"a":1}')
  assert.equal(String((await seen(2)).body), '{"a":1,"seen":true}')
})

test('a function that throws is the gateway’s fault, one that throws a GatewayError answers', async (t) => {
  const throwing = (error: Error) =>
    transformJson(() => {
      throw error
    })
  const { post } = await changing(t, { request: { json: throwing(new TypeError('secret')) } })
  const failed = await post('{}')
  assert.deepEqual([failed.status, reasonOf(failed)], [500, 'internal_error'])
  assert.doesNotMatch(String(failed.body), /secret/)
  const other = await changing(
    t,
    { response: { json: throwing(new GatewayError('route_not_found')) } },
    json('{}')
  )
  assert.equal((await other.get()).status, 404)
  const nothing = await changing(t, { response: { json: transformJson(() => () => 1) } }, json('{}'))
  assert.equal((await nothing.get()).status, 500)
})

test('a function is given no member that could become a prototype', async (t) => {
  const { post, upstream } = await changing(t, {
    request: { json: transformJson((body) => Object.assign({}, body)) }
  })
  for (const body of ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}'])
    assert.equal((await post(body)).status, 400)
  assert.equal(({} as { admin?: unknown }).admin, undefined)
  assert.equal(upstream.requests.length, 0)
})

test('operations take __proto__ for a name, and pollute nothing', async (t) => {
  const { post, seen } = await changing(t, {
    request: { json: [{ set: { '/__proto__/admin': true, '/constructor/prototype/admin': true } }] }
  })
  await post('{}')
  assert.equal(
    String((await seen(1)).body),
    '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'
  )
  assert.equal(({} as { admin?: unknown }).admin, undefined)
})

test('each line of NDJSON is changed when it is there, in both directions', async (t) => {
  const operations = [{ remove: ['/secret'] }]
  const { port, upstream, seen } = await changing(t, {
    request: { json: operations },
    response: { json: operations }
  })
  const held = upstream.hold()
  const sent = httpRequest({
    port,
    path: '/things/1',
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    agent: false
  })
  sent.write('{"secret":1,"a":1}\n{"secr')
  const { respond } = await held
  sent.end('et":2,"b":"ü"}\r\n\n[3]')
  const stream = respond.stream({
    framing: 'chunked',
    headers: { 'content-type': 'application/x-ndjson', etag: '"a"' }
  })
  await stream.write('{"secret":1}\n{"secret":2,')
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const [first] = (await once(response, 'data')) as [Buffer]
  assert.equal(String(first), '{}\n')
  await stream.write('"b":1}')
  await stream.end()
  const [second] = (await once(response, 'data')) as [Buffer]
  assert.equal(String(second), '{"b":1}')
  assert.equal(response.headers.etag, 'W/"a"')
  const { body, framing } = await seen(1)
  assert.deepEqual([String(body), framing], ['{"a":1}\n{"b":"ü"}\r\n\n[3]', 'chunked'])
})

test('the data of each event is changed; comments, other fields and what is no JSON pass at once', async (t) => {
  const { port, upstream } = await changing(t, { response: { json: [{ remove: ['/secret'] }] } })
  const held = upstream.hold()
  const sent = httpRequest({ port, path: '/things/1', agent: false })
  sent.end()
  const stream = (await held).respond.stream({
    framing: 'chunked',
    headers: { 'content-type': 'text/event-stream' }
  })
  // The head comes before the first event.
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const next = async (written: string): Promise<string> => {
    const data = once(response, 'data')
    await stream.write(written)
    return String((await data)[0])
  }
  assert.equal(await next(': ping\n'), ': ping\n')
  assert.equal(await next('id: 1\ndata: {"secret":1,\ndata: "a":2}\n\n'), 'id: 1\ndata: {"a":2}\n\n')
  assert.equal(await next('data: [DONE]\n\n'), 'data: [DONE]\n\n')
  await stream.end()
  await once(response.resume(), 'end')
})

for (const [coding, pack, unpack] of CODINGS.filter(([name]) => name !== 'deflate'))
  test(`events in ${coding} are decoded, changed and encoded as they come`, async (t) => {
    const { get } = await changing(
      t,
      { response: { json: [{ remove: ['/secret'] }] } },
      json(pack?.(Buffer.from('data: {"secret":1,"a":2}\n\n')) as Buffer, {
        'content-type': 'text/event-stream',
        'content-encoding': coding
      })
    )
    const { body, headers } = await get()
    assert.equal(headers['content-encoding'], coding)
    assert.equal(String(unpack?.(body)), 'data: {"a":2}\n\n')
  })

test('a stream that bursts when it is decoded, or has a line without end, is cut off', async (t) => {
  const types = { 'content-type': 'application/x-ndjson' }
  const bomb = zlib.gzipSync(Buffer.alloc(30 * 1024 ** 2, '{}\n'))
  const { get, upstream, exchanges } = await changing(
    t,
    { response: { json: MASK } },
    json(bomb, { ...types, 'content-encoding': 'gzip' })
  )
  const cut = async (): Promise<string> => {
    try {
      return String((await get()).status)
    } catch {
      return 'cut'
    }
  }
  assert.match(await cut(), /502|cut/)
  upstream.answers(() => json(`{}\n${'x'.repeat(2 * 1024 ** 2)}`, types))
  assert.match(await cut(), /502|cut/)
  upstream.answers(() => json(`{}\n{]\n${'{}\n'.repeat(100)}`, types))
  assert.match(await cut(), /502|cut/)
  upstream.answers(() => json('data: {"card":{"number":1234\n\n', { 'content-type': 'text/event-stream' }))
  assert.match(await cut(), /502|cut/)
  for (const n of [1, 2, 3, 4]) assert.equal((await exchanges.nth(n)).reason, 'response_transform_failed')
})

test('a broken line of a request ends it with 400, and one without end with 413', async (t) => {
  const { post } = await changing(t, { request: { json: { operations: MASK, maxBytes: '1KiB' } } })
  const types = { 'content-type': 'application/x-ndjson' }
  const broken = await post('{}\n{]\n', types)
  assert.deepEqual([broken.status, reasonOf(broken)], [400, 'request_transform_failed'])
  const long = await post(`{}\n${'x'.repeat(2_000)}`, types)
  assert.deepEqual([long.status, reasonOf(long)], [413, 'body_too_large'])
})

test('lines in a coding that is broken are 502 from an upstream, and 400 from a client', async (t) => {
  const types = { 'content-type': 'application/x-ndjson', 'content-encoding': 'br' }
  const cut = zlib.brotliCompressSync('{"a":1}\n{"b":2}\n').subarray(0, 8)
  const { get, post } = await changing(
    t,
    { request: { json: MASK }, response: { json: MASK } },
    json(cut, types)
  )
  const bad = await get()
  assert.deepEqual([bad.status, reasonOf(bad)], [502, 'response_transform_failed'])
  const refused = await post(cut, types)
  assert.deepEqual([refused.status, reasonOf(refused)], [400, 'request_transform_failed'])
})

test('a client that leaves while a body is waited for ends the request upstream, and so does silence of the upstream', async (t) => {
  const transform = { response: { json: MASK } }
  const { port, upstream, gateway, exchanges } = await changing(t, transform, {}, {
    routes: [{ path: '/*', pool: 'things', transform, timeouts: { idle: '200ms' } }]
  } as never)
  const held = upstream.hold()
  const sent = httpRequest({ port, path: '/things/1', agent: false })
  sent.on('error', () => {})
  sent.end()
  const { request, respond } = (await held) as Awaited<typeof held> & {
    request: { aborted: Promise<unknown> }
  }
  const body = respond.stream({ framing: 'chunked', headers: { 'content-type': 'application/json' } })
  await body.write(CARD.slice(0, 20))
  await setImmediate()
  sent.destroy()
  await request.aborted
  assert.equal((await exchanges.nth(1)).reason, 'client_closed')

  const silent = upstream.hold()
  const asked = ask(port)
  const { respond: second } = await silent
  await second
    .stream({ framing: 'chunked', headers: { 'content-type': 'application/json' } })
    .write(CARD.slice(0, 20))
  const answer = await asked
  assert.deepEqual([answer.status, reasonOf(answer)], [504, 'upstream_idle_timeout'])
  await exchanges.nth(2)
  assert.equal(gateway.app.gateway.inFlight, 0)
})

test('a client that leaves while its events are changed ends the request upstream', async (t) => {
  const { port, upstream } = await changing(t, { response: { json: MASK } })
  const held = upstream.hold()
  const sent = httpRequest({ port, path: '/things/1', agent: false })
  sent.on('error', () => {})
  sent.end()
  const { request, respond } = (await held) as Awaited<typeof held> & {
    request: { aborted: Promise<unknown> }
  }
  const stream = respond.stream({ framing: 'chunked', headers: { 'content-type': 'text/event-stream' } })
  await once(sent, 'response')
  await stream.write('data: {}\n\n')
  sent.destroy()
  await request.aborted
})

test('a client that leaves within a line ends the request upstream', async (t) => {
  const { port, upstream, exchanges } = await changing(t, { request: { json: MASK } })
  const held = upstream.hold()
  const sent = httpRequest({
    port,
    path: '/things/1',
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    agent: false
  })
  sent.on('error', () => {})
  sent.write('{"a":1}\n{"b')
  const { request } = (await held) as Awaited<typeof held> & { request: { aborted: Promise<unknown> } }
  sent.destroy()
  await request.aborted
  assert.equal((await exchanges.nth(1)).reason, 'client_closed')
})

test('a client that waits for 100 (Continue) is told to send its body, which is changed', async (t) => {
  const { port, seen } = await changing(t, { request: { json: [{ set: { '/a': 1 } }] } })
  const sent = httpRequest({
    port,
    path: '/things/1',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': '2', expect: '100-continue' },
    agent: false
  })
  sent.flushHeaders()
  await once(sent, 'continue')
  sent.end('{}')
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.resume()
  assert.equal(String((await seen(1)).body), '{"a":1}')
})

test('what a route answers itself, and what a native handler returns, is changed as well', async (t) => {
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    transform: { response: { json: [{ remove: ['/secret'] }] } },
    pools: { a: { endpoints: ['http://127.0.0.1:1'] } },
    routes: [
      {
        path: '/own',
        respond: { body: '{"secret":1,"a":2}', headers: { 'content-type': 'application/json' } }
      }
    ]
  })
  t.after(() => gateway.close())
  gateway.register(async (app) => {
    app.get('/native', { config: { gateway: { pool: 'a' } } }, async () => ({ secret: 1, b: 2 }))
  })
  await gateway.ready()
  assert.equal((await gateway.inject('/own')).body, '{"a":2}')
  assert.equal((await gateway.inject('/native')).body, '{"b":2}')
})

test('a change with other operations holds from the next request on', async (t) => {
  const { get, gateway } = await changing(
    t,
    { response: { json: [{ remove: ['/a'] }] } },
    json('{"a":1,"b":2}')
  )
  assert.equal(String((await get()).body), '{"b":2}')
  const { config } = gateway.app.gateway
  const changed = (operations: unknown) =>
    ({
      ...config,
      routes: config.routes?.map((route) => ({ ...route, transform: { response: { json: operations } } }))
    }) as typeof config
  await assert.rejects(gateway.app.gateway.apply(changed([{ remove: ['a'] }])), /must begin with/)
  assert.equal(String((await get()).body), '{"b":2}')
  await gateway.app.gateway.apply(changed([{ remove: ['/b'] }]))
  assert.equal(String((await get()).body), '{"a":1}')
})

test('operations of the whole configuration come before those of the route, in one pass', async (t) => {
  const { get, gateway } = await changing(
    t,
    { response: { json: [{ rename: { '/a': 'b' } }] } },
    json('{"x":1}'),
    { transform: { response: { json: [{ rename: { '/x': 'a' } }] } } }
  )
  assert.equal(String((await get()).body), '{"b":1}')
  const { steps } = gateway.app.gateway.explain({ method: 'GET', url: 'http://x/things/1' })
  assert.deepEqual(steps, ['onRequest: transform: ask for whole JSON', 'onSend: transform JSON'])
})

const problemsOf = async (transform: unknown): Promise<string> => {
  const gateway = createGateway({
    logger: false,
    routes: [{ path: '/a/:id', respond: { status: 204 }, transform }]
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
  [[{}], /response\.json\[0\]: must be one operation, .*, and is none/],
  [[{ remove: ['/a'], set: { '/b': 1 } }], /json\[0\]: must be one operation, .*, not remove and set/],
  [[{ remove: ['a'] }], /json\[0\]\.remove: 'a' must begin with '\/'/],
  [[{ remove: ['/a/-'] }], /json\[0\]\.remove: '\/a\/-' has a step '-', behind which there is nothing/],
  [[{ remvoe: ['/a'] }], /unknown key 'remvoe'; did you mean 'remove'\?/],
  [
    [{ rename: { '/*': 'a' } }],
    /json\[0\]\.rename: '\/\*' ends with '\*', and two members cannot have one name/
  ],
  [[{ rename: { '/a': '/b' } }], /json\[0\]\.rename: '\/b' must be a name, not a pointer/],
  [[{ set: { '/a': '{nobody}' } }], /json\[0\]\.set\.\/a: there is no variable '\{nobody\}'/],
  [[{ set: { '/a': { b: ['{'] } } }], /json\[0\]\.set\.\/a\.b\[0\]: '\{' has a '\{' without a '\}'/],
  [[{ set: { '/a': () => 1 } }], /json\[0\]\.set\.\/a: must be a JSON value/],
  [
    [{ set: { '/a': '{params.name}' } }],
    /uses '\{params\.name\}', which its path does not have; valid: 'id'/
  ],
  [[{ add: { '/*': 1 } }], /json\[0\]\.add: '\/\*' ends with '\*'/],
  [[{ remove: ['/a'], with: 'x' }], /json\[0\]\.with: does nothing without 'mask'/],
  [transformJson('no function' as never), /json\[0\]: transformJson must be given a function/],
  [transformJson(() => 1, { maxBytes: '1 MB' as never }), /json\[0\]: maxBytes must be a size/],
  [{ operations: [{ remove: ['/a'] }], maxBytes: 5 }, /json\.maxBytes/],
  [[], /json/]
]

for (const [given, message] of WRONG)
  test(`the start is refused for ${JSON.stringify(given)?.slice(0, 80)}`, async () => {
    assert.match(await problemsOf({ response: { json: given } }), message)
  })
