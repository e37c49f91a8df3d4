import assert from 'node:assert/strict'
import { type Readable, Transform } from 'node:stream'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { transformJson } from '@gatewright/gateway'
import { rawClient, rawRequest } from '@gatewright/testing'
import { CODINGS, changing, fieldIn, json, reasonOf } from '../support/json-gateway.js'

const LINES = { 'content-type': 'application/x-ndjson' }
const EVENTS = { 'content-type': 'text/event-stream' }
const REMOVE = { json: [{ remove: ['/secret'] }] } as const
const GET = 'GET /things/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** How a response ended for a client: whole, or not. */
async function ending(port: number, request = GET): Promise<string> {
  try {
    const { complete, status } = await rawRequest(port, request)
    return complete ? `whole ${status}` : 'cut'
  } catch (error) {
    return (error as { code?: string }).code === 'ECONNRESET' ? 'reset' : 'cut'
  }
}

/** One chunk of a body for each byte. */
const byBytes = (body: Buffer | string): Buffer[] =>
  Array.from(Buffer.from(body), (byte) => Buffer.from([byte]))

test('a stream that is cut off is a reset for a client of HTTP/1.0, to whom the end of the connection is the end of the body', async (t) => {
  const { port, upstream } = await changing(t, { response: REMOVE })
  for (const broken of ['{]\n', `"${'x'.repeat(2 * 1024 ** 2)}"`]) {
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    await client.write('GET /things/1 HTTP/1.0\r\nHost: a\r\n\r\n')
    const stream = (await held).respond.stream({ framing: 'chunked', headers: LINES })
    await stream.write('{"a":1}\n')
    await client.until('{"a":1}\n')
    await stream.write(broken)
    assert.equal(await client.closed, 'reset')
  }
})

test('what a hook makes of a body is a reset for a client of HTTP/1.0 where it fails, and an end where it does not', async (t) => {
  let fails = true
  const { port, upstream } = await changing(t, false, {}, {}, (gateway) => {
    gateway.app.addHook('onSend', async (_request, _reply, payload) =>
      (payload as Readable).pipe(
        new Transform({
          transform(chunk, _encoding, done) {
            if (fails && String(chunk) === 'two') done(new Error('no two'))
            else done(null, chunk)
          }
        })
      )
    )
  })
  for (fails of [true, false]) {
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    await client.write('GET /things/1 HTTP/1.0\r\nHost: a\r\n\r\n')
    const stream = (await held).respond.stream({
      framing: 'chunked',
      headers: { 'content-type': 'text/plain' }
    })
    await stream.write('one')
    await client.until('one')
    await stream.write('two')
    if (!fails) await stream.end()
    assert.equal(await client.closed, fails ? 'reset' : 'end')
  }
})

test('lines that a preParsing hook cannot decode are refused, and nothing hangs', async (t) => {
  const given = await changing(t, { request: REMOVE }, {}, {}, (gateway) => {
    gateway.app.addHook('preParsing', async (request, _reply, payload) => {
      if (request.headers['content-encoding'] !== 'gzip') return payload
      return payload.pipe(zlib.createGunzip())
    })
  })
  const packed = zlib.gzipSync('{"secret":1}\n{"a":2}\n')
  for (const body of [Buffer.from('no gzip'), packed.subarray(0, -9)]) {
    const refused = await given.post(body, { ...LINES, 'content-encoding': 'gzip' })
    assert.equal(refused.status, 400)
  }
})

test('lines and events in deflate without its wrapper are changed like those with it', async (t) => {
  const { get, post, upstream, seen } = await changing(t, { request: REMOVE, response: REMOVE })
  for (const body of [zlib.deflateSync('{"secret":1}\n'), zlib.deflateRawSync('{"secret":1}\n')]) {
    upstream.answers(() => ({ body: byBytes(body), headers: { ...LINES, 'content-encoding': 'deflate' } }))
    assert.equal(String(zlib.inflateSync((await get()).body)), '{}\n')
    await post(body, { ...LINES, 'content-encoding': 'deflate' })
    assert.equal(String((await seen(upstream.requests.length)).body), '{}\n')
  }
})

for (const [coding, pack] of CODINGS)
  test(`bytes behind the end of a body in ${coding} are broken, in both directions, and nothing waits for them`, async (t) => {
    const { get, post, port, upstream } = await changing(t, { request: REMOVE, response: REMOVE })
    for (const [type, text] of [
      ['application/json', '{"secret":1}'],
      [LINES['content-type'], '{"secret":1}\n'],
      [EVENTS['content-type'], 'data: {"secret":1}\n\n']
    ] as const) {
      const packed = pack?.(Buffer.from(text)) as Buffer
      const body = Buffer.concat([packed, Buffer.alloc(1), packed])
      const fields = { 'content-type': type, 'content-encoding': coding }
      const refused = await post(body, fields)
      assert.deepEqual([refused.status, reasonOf(refused)], [400, 'request_transform_failed'], type)
      for (const framing of ['sized', 'chunked'] as const) {
        upstream.next({ body: [packed, body.subarray(packed.length)], headers: fields, framing })
        assert.match(await ending(port), /^(?:whole 502|cut|reset)$/, `${type} ${framing}`)
      }
    }
    upstream.next(json(pack?.(Buffer.from('{"secret":1}')) as Buffer, { 'content-encoding': coding }))
    assert.equal((await get()).status, 200)
  })

test('a body of no bytes that tells no length passes in both directions', async (t) => {
  const { port, get, upstream, seen } = await changing(t, {
    request: { json: [{ set: { '/a': 1 } }] },
    response: REMOVE
  })
  for (const coding of ['', 'gzip'])
    for (const type of ['application/json', LINES['content-type'], EVENTS['content-type']]) {
      const fields = { 'content-type': type, ...(coding === '' ? {} : { 'content-encoding': coding }) }
      const held = upstream.hold()
      const asked = get()
      const stream = (await held).respond.stream({ framing: 'chunked', headers: fields })
      // So that the gateway has begun to stream.
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      await stream.end()
      const { status, body } = await asked
      const plain = coding === '' || body.length === 0 ? body : zlib.gunzipSync(body)
      assert.deepEqual([status, plain.length], [200, 0], type)
      const given = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
      const head = `POST /things/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n${given.join('')}\r\n`
      assert.equal((await rawRequest(port, `${head}0\r\n\r\n`)).status, 200, type)
      assert.equal((await seen(upstream.requests.length)).bodyBytes, 0)
    }
})

test('a 304 and a part of a body are treated as the whole that they stand for, whatever `when` says', async (t) => {
  const fields = { etag: '"a"', 'content-type': 'application/json' }
  const operations = [{ remove: ['/secret'] }]
  const { get, upstream } = await changing(t, { response: { json: { operations, when: 200 } } })
  upstream.answers(() => ({ status: 304, headers: fields }))
  assert.equal((await get({ 'if-none-match': 'W/"a"' })).headers.etag, 'W/"a"')
  upstream.answers(() => ({ ...json('{"secret":1', fields), status: 206 }))
  assert.equal((await get()).status, 502)
  const errors = await changing(t, { response: { json: { operations, when: 'error' } } })
  errors.upstream.answers(() => ({ status: 304, headers: fields }))
  assert.equal((await errors.get({ 'if-none-match': '"a"' })).headers.etag, '"a"')
})

const PAIRS = CODINGS.flatMap((outer) => CODINGS.map((inner) => [inner, outer] as const))

test('two codings over each other are taken off and put on again, whole bodies, lines and events', async (t) => {
  const { get, upstream } = await changing(t, { response: REMOVE })
  for (const [[one, packOne, unpackOne], [two, packTwo, unpackTwo]] of PAIRS)
    for (const [type, given, expected] of [
      ['application/json', '{"secret":1,"a":2}', '{"a":2}'],
      [LINES['content-type'], '{"secret":1,"a":2}\n', '{"a":2}\n'],
      [EVENTS['content-type'], 'data: {"secret":1,"a":2}\n\n', 'data: {"a":2}\n\n']
    ] as const) {
      const body = packTwo?.(packOne?.(Buffer.from(given)) as Buffer) as Buffer
      upstream.answers(() => json(body, { 'content-type': type, 'content-encoding': `${one}, ${two}` }))
      const answer = await get()
      assert.equal(answer.headers['content-encoding'], `${one}, ${two}`)
      assert.equal(
        String(unpackOne?.(unpackTwo?.(answer.body) as Buffer)),
        expected,
        `${one}, ${two} ${type}`
      )
    }
})

// A header of gzip may have a name of any length, which decodes to nothing.
const gzipWithName = (bytes: number): Buffer =>
  Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]),
    Buffer.alloc(bytes, 'x'),
    Buffer.from([0]),
    zlib.gzipSync('{}\n').subarray(10)
  ])

test('a bomb between two codings is noticed, though little comes out of the second', async (t) => {
  const { get, post, upstream, exchanges } = await changing(t, { request: REMOVE, response: REMOVE })
  const bomb = zlib.gzipSync(gzipWithName(64 * 1024 ** 2))
  const fields = { ...LINES, 'content-encoding': 'gzip, gzip' }
  upstream.answers(() => json(bomb, fields))
  const bad = await get()
  assert.deepEqual([bad.status, reasonOf(bad)], [502, 'response_transform_failed'])
  assert.match((await exchanges.nth(1)).detail, /more than/)
  const refused = await post(bomb, fields)
  assert.deepEqual([refused.status, reasonOf(refused)], [413, 'body_too_large'])
})

for (const [coding, pack] of CODINGS)
  test(`lines and events in ${coding} that are cut short or corrupt never look whole`, async (t) => {
    const { port, upstream } = await changing(t, { response: REMOVE })
    const text = Array.from({ length: 2_000 }, (_, n) => `{"secret":${n},"a":${n * n}}\n`).join('')
    for (const [fields, body] of [
      [LINES, text],
      [EVENTS, text.replaceAll(/^(.*)$/gm, 'data: $1\n')]
    ] as const) {
      const packed = pack?.(Buffer.from(body)) as Buffer
      const flipped = Buffer.from(packed)
      flipped.writeUInt8(flipped.readUInt8(packed.length - 3) ^ 0x55, packed.length - 3)
      const headers = { ...fields, 'content-encoding': coding }
      for (const broken of [
        packed.subarray(0, -1),
        packed.subarray(0, packed.length >> 1),
        packed.subarray(0, 3)
      ]) {
        upstream.answers(() => ({ body: broken, headers, framing: 'chunked' }))
        assert.match(await ending(port), /^(?:whole 502|cut|reset)$/, `${broken.length} of ${packed.length}`)
      }
      upstream.answers(() => ({ body: packed, headers, framing: 'chunked', cut: 'mid-body', end: 'reset' }))
      assert.match(await ending(port), /^(?:whole 502|cut|reset)$/)
    }
  })

test('wherever chunks begin and end, bodies, lines and events are the same', async (t) => {
  const { get, upstream } = await changing(t, { response: REMOVE })
  const value = '{"secret":"ü€😀\\"}","a":"ü€😀\\u0000"}'
  const kept = '{"a":"ü€😀\\u0000"}'
  for (const [type, given, expected] of [
    ['application/json', `\ufeff ${value} `, kept],
    [LINES['content-type'], `${value}\r\n\n${value}\n ${value}`, `${kept}\r\n\n${kept}\n${kept}`],
    [
      EVENTS['content-type'],
      `\ufeffdata:${value}\r\n\r\n: c\rid: 1\rdata: ${value.slice(0, 9)}\rdata: ${value.slice(9)}\r\rdata\n\ndata: ${value}\n\n`,
      `data: ${kept}\n\n: c\nid: 1\ndata: {"secret":\ndata: "ü€😀\\"}","a":"ü€😀\\u0000"}\n\ndata\n\ndata: ${kept}\n\n`
    ]
  ] as const)
    for (const [coding, pack, unpack] of [['', (b: Buffer) => b, (b: Buffer) => b] as const, ...CODINGS]) {
      const body = byBytes(pack?.(Buffer.from(given)) as Buffer)
      const fields = { 'content-type': type, ...(coding === '' ? {} : { 'content-encoding': coding }) }
      upstream.answers(() => ({ body, headers: fields, framing: 'chunked' }))
      const got = String(unpack?.((await get()).body))
      if (type === EVENTS['content-type'])
        assert.deepEqual(
          dataOf(got),
          dataOf(expected).map((one) => one.replace(/"secret":.*?\}",/, '')),
          coding
        )
      else assert.equal(got, expected, `${type} ${coding}`)
    }
})

/** The data of each event, as a browser reads them: its lines joined by nothing, for JSON. */
const dataOf = (stream: string): string[] =>
  stream
    .replace(/^\ufeff/, '')
    .split('\n\n')
    .flatMap((event) => {
      const lines = event.split('\n').filter((line) => line.startsWith('data: '))
      return lines.length === 0 ? [] : [lines.map((line) => line.slice(6)).join('')]
    })

test('trailers of a request of lines, which may hold a digest of it, are not sent with what is changed', async (t) => {
  const { port, upstream, seen } = await changing(t, { request: REMOVE })
  const head =
    'POST /things/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: Digest\r\nContent-Type: application/x-ndjson\r\n\r\n'
  await rawRequest(port, `${head}d\r\n{"secret":1}\n\r\n0\r\nDigest: sha-256=x\r\n\r\n`)
  const { body, trailers, headers } = await seen(upstream.requests.length)
  assert.deepEqual([String(body), trailers, fieldIn(headers, 'trailer')], ['{}\n', [], undefined])
})

const TEXTS: readonly (readonly [string, string, string])[] = [
  ['a name that stands twice', '{"secret":1,"a":1,"secret":2,"a":2}', '{"a":1,"a":2}'],
  ['a name with escapes', '{"\\u0073ecret":1,"\\ud800":"\\udc00"}', '{"\\ud800":"\\udc00"}'],
  [
    'numbers as they are written',
    '{"secret":1,"n":[-0,-0.0,1E400,1e-400,0.10,12345678901234567890123]}',
    '{"n":[-0,-0.0,1E400,1e-400,0.10,12345678901234567890123]}'
  ],
  [
    'a prototype',
    '{"secret":1,"__proto__":{"secret":2},"constructor":{"prototype":1}}',
    '{"__proto__":{"secret":2},"constructor":{"prototype":1}}'
  ],
  [
    'nesting of 100,000',
    `{"secret":1,"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  ],
  ['nesting of 100,000 in what goes', `{"secret":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`, '{}'],
  ['a list', '[{"secret":1}]', '[{"secret":1}]'],
  ['a text', '"secret"', '"secret"']
]

for (const [what, given, expected] of TEXTS)
  test(`a response and a request that hold ${what} are changed alike`, async (t) => {
    const { get, post, seen, upstream } = await changing(
      t,
      { request: REMOVE, response: REMOVE },
      json(given)
    )
    assert.equal(String((await get()).body), expected)
    await post(given)
    assert.equal(String((await seen(upstream.requests.length)).body), expected)
  })

test('pointers lead through escaped names, indexes and the end of lists, and to nothing else', async (t) => {
  const { get } = await changing(
    t,
    {
      response: {
        json: [
          { remove: ['/a~1b', '/m~0n', '/list/01', '/list/1', '/~01'] },
          { set: { '/list/-': 4, '/list/9': 9, '/o/-': 'name', '/list/-1': 1 } },
          { add: { '/list/0': 0 } }
        ]
      }
    },
    json('{"a/b":1,"m~n":2,"~1":3,"list":[1,2,3],"o":{},"a":{"b":1}}')
  )
  assert.equal(String((await get()).body), '{"list":[0,1,3,4],"o":{"-":"name"},"a":{"b":1}}')
})

test('an event of 10 MB is cut off before it is held', async (t) => {
  const { port, upstream, exchanges } = await changing(t, { response: REMOVE })
  upstream.answers(() => ({
    body: `data: "${'x'.repeat(10 * 1024 ** 2)}"\n\n`,
    headers: EVENTS,
    framing: 'chunked'
  }))
  assert.match(await ending(port), /^(?:whole 502|cut|reset)$/)
  assert.match((await exchanges.nth(1)).detail, /more than 1048576 bytes/)
})

test('a function that fails in the middle of a stream cuts it off', async (t) => {
  const failing = transformJson(async (body) => {
    await Promise.resolve()
    if (body === 500) throw new TypeError('no')
  })
  const { port, upstream, exchanges } = await changing(t, { response: { json: failing } })
  const body = Array.from({ length: 1_000 }, (_, n) => `${n}\n`).join('')
  upstream.answers(() => ({ body: byBytes(body), headers: LINES, framing: 'chunked' }))
  assert.match(await ending(port), /^(?:whole 500|cut|reset)$/)
  assert.equal((await exchanges.nth(1)).reason, 'internal_error')
})
