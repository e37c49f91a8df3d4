import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { allRoutes, type Snapshot } from '@gatewright/core'
import { GatewayError, transformJson } from '@gatewright/gateway'
import { CODINGS, changing, fieldIn, json } from '../support/json-gateway.js'

type Given = Awaited<ReturnType<typeof changing>>

/** What is told of JSON that is only observed: `response changed: 1 of 1 would have been changed`. */
function tellingOf({ gateway }: Pick<Given, 'gateway'>) {
  const told: string[] = []
  const { events } = gateway.app.gateway
  events.on('json_observed', ({ message, outcome, because }) =>
    told.push(`${message} ${outcome}${outcome === 'unchanged' ? '' : `: ${because}`}`)
  )
  events.on('observed', ({ reason }) => told.push(`observed ${reason}`))
  return told
}

const SECRET = '{ "secret": 1, "a": 1.10 }'
const REMOVE = [{ remove: ['/secret'] }]
const observed = { operations: REMOVE, mode: 'observe' } as const
const CHANGED = 'changed: 1 of 1 would have been changed'

for (const framing of ['sized', 'chunked'] as const)
  test(`a ${framing} response that would be changed passes byte for byte with its fields, as its request does`, async (t) => {
    const fields = {
      etag: '"a"',
      digest: 'sha-256=x',
      'content-md5': 'x',
      'accept-ranges': 'bytes',
      'last-modified': 'Thu, 26 Nov 2026 10:00:00 GMT'
    }
    const given = await changing(t, { response: { json: observed } }, { ...json(SECRET, fields), framing })
    const told = tellingOf(given)
    const asked = { 'accept-encoding': 'dcb, gzip', range: 'bytes=0-100', 'if-range': '"a"', te: 'trailers' }
    const { body, headers, status } = await given.get(asked)
    assert.deepEqual([status, String(body)], [200, SECRET])
    for (const [name, value] of Object.entries(fields)) assert.equal(headers[name], value, name)
    if (framing === 'sized') assert.equal(headers['content-length'], String(SECRET.length))
    const { headers: seen } = await given.seen(1)
    for (const name of ['accept-encoding', 'range', 'if-range'] as const)
      assert.equal(fieldIn(seen, name), asked[name], name)
    assert.deepEqual(told, [`response ${CHANGED}`, 'observed null'])
  })

for (const [coding, pack] of CODINGS)
  test(`a response in ${coding} is looked at and passes byte for byte, and so do lines`, async (t) => {
    const packed = pack?.(Buffer.from(SECRET)) as Buffer
    const fields = { 'content-encoding': coding }
    const given = await changing(t, { response: { json: observed } }, json(packed, fields))
    const told = tellingOf(given)
    assert.deepEqual((await given.get()).body, packed)
    const lines = pack?.(Buffer.from(`${SECRET}\n{}\n`)) as Buffer
    given.upstream.answers(() => json(lines, { ...fields, 'content-type': 'application/x-ndjson' }))
    assert.deepEqual((await given.get()).body, lines)
    while (told.length < 4) await new Promise(setImmediate)
    assert.deepEqual(told, [
      `response ${CHANGED}`,
      'observed null',
      'response changed: 1 of 2 would have been changed',
      'observed null'
    ])
  })

const FAILING: readonly (readonly [string, Parameters<typeof json>, string])[] = [
  ['is no JSON', ['{"secret":'], 'the body cannot be changed: it is not JSON'],
  ['is not UTF-8', [Buffer.from([0x22, 0xff, 0x22])], 'the body cannot be changed: it is not UTF-8'],
  [
    'is of another charset',
    ['{}', { 'content-type': 'application/json;charset=latin1' }],
    "JSON in the charset 'latin1'"
  ],
  [
    'is said to be gzip',
    ['{}', { 'content-encoding': 'gzip' }],
    'the body cannot be decoded: not gzip: incorrect header check'
  ],
  ['is too large', [`"${'x'.repeat(2_000)}"`], 'more than 1000 bytes to change'],
  [
    'has a line that is no JSON',
    ['{}\n{]\n{}\n', { 'content-type': 'application/x-ndjson' }],
    'the body cannot be changed: it is not JSON'
  ],
  [
    'has an event without end',
    [`data: {}\n\ndata: ${'x'.repeat(2_000)}`, { 'content-type': 'text/event-stream' }],
    'more than 1000 bytes to change'
  ]
]

for (const [what, answer, because] of FAILING)
  test(`a body that ${what} passes both ways, and what it would have failed with is told`, async (t) => {
    const small = { ...observed, maxBytes: '1000B' } as const
    const given = await changing(t, { request: { json: small }, response: { json: small } }, json(...answer))
    const told = tellingOf(given)
    const sent = json(...answer)
    const body = Buffer.from(sent.body as string)
    const { status, body: got } = await given.post(body, sent.headers as Record<string, string>)
    assert.deepEqual([status, got], [200, body])
    assert.deepEqual((await given.seen(1)).body, body)
    const exchange = await given.exchanges.nth(1)
    while (told.length < 4) await new Promise(setImmediate)
    const reasons = exchange.observed
    const ofRequest = because.startsWith('more') ? 'body_too_large' : 'request_transform_failed'
    assert.deepEqual(
      told.toSorted(),
      [
        `request failed: ${because}`,
        `observed ${ofRequest}`,
        `response failed: ${because}`,
        'observed response_transform_failed'
      ].toSorted()
    )
    assert.deepEqual([...(reasons ?? [])].sort(), [ofRequest, 'response_transform_failed'].sort())
  })

test('a part of a body and a coding that would not have been asked for are not looked at', async (t) => {
  const given = await changing(t, { response: { json: observed } }, { ...json('{"a'), status: 206 })
  const told = tellingOf(given)
  assert.equal((await given.get()).status, 206)
  given.upstream.answers(() => json('xyz', { 'content-encoding': 'dcb' }))
  assert.equal(String((await given.get()).body), 'xyz')
  assert.deepEqual(told, [
    'response unchecked: a part of a body, which would not have been asked for',
    "response unchecked: content coding 'dcb'"
  ])
})

test('HEAD, 304, no-transform, other media types and what the gateway answers itself are not looked at', async (t) => {
  const given = await changing(t, { response: { json: observed } }, json(SECRET))
  const told = tellingOf(given)
  await given.get({}, 'HEAD')
  given.upstream.answers(() => ({ status: 304, headers: { etag: '"a"' } }))
  assert.equal((await given.get({ 'if-none-match': '"a"' })).headers.etag, '"a"')
  given.upstream.answers(() => json(SECRET, { 'cache-control': 'no-transform' }))
  await given.get()
  given.upstream.answers(() => json(SECRET, { 'content-type': 'text/plain' }))
  await given.get()
  given.upstream.answers(() => ({ cut: 'before-head', end: 'reset' }))
  await given.get()
  assert.deepEqual(told, [])
})

for (const sized of [true, false])
  test(`a request ${sized ? 'with' : 'without'} a length goes on as it comes, while it is looked at`, async (t) => {
    const given = await changing(t, { request: { json: observed } })
    const told = tellingOf(given)
    const held = given.upstream.hold()
    const sent = httpRequest({
      port: given.port,
      path: '/things/1',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(sized ? { 'content-length': String(SECRET.length) } : {}),
        digest: 'x'
      },
      agent: false
    })
    sent.write(SECRET.slice(0, 5))
    const { request, respond } = (await held) as Awaited<typeof held> & {
      request: { received(bytes: number): Promise<unknown> }
    }
    await request.received(5)
    assert.deepEqual(told, [])
    sent.end(SECRET.slice(5))
    await respond.answer({ status: 200 })
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.resume()
    const { body, framing, headers } = await given.seen(1)
    assert.deepEqual(
      [String(body), framing, fieldIn(headers, 'digest')],
      [SECRET, sized ? 'sized' : 'chunked', 'x']
    )
    assert.deepEqual(told, [`request ${CHANGED}`, 'observed null'])
  })

test('the head of a response, and each event, come as soon as without', async (t) => {
  const given = await changing(t, { response: { json: observed } })
  const told = tellingOf(given)
  for (const type of ['text/event-stream', 'application/json']) {
    const held = given.upstream.hold()
    const sent = httpRequest({ port: given.port, path: '/things/1', agent: false })
    sent.end()
    const stream = (await held).respond.stream({ framing: 'chunked', headers: { 'content-type': type } })
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const text = type === 'application/json' ? SECRET : `data: ${SECRET}\n\n`
    const data = once(response, 'data')
    await stream.write(text.slice(0, 9))
    assert.equal(String((await data)[0]), text.slice(0, 9))
    await stream.write(text.slice(9))
    await stream.end()
    await once(response.resume(), 'end')
  }
  assert.deepEqual(told, [`response ${CHANGED}`, 'observed null', `response ${CHANGED}`, 'observed null'])
})

test('of a body that breaks off, or whose client leaves, nothing is told', async (t) => {
  const both = { request: { json: observed }, response: { json: observed } }
  const given = await changing(t, both, { ...json(SECRET.repeat(9_000)), cut: 'mid-body', end: 'reset' })
  const told = tellingOf(given)
  await assert.rejects(given.get())
  const held = given.upstream.hold()
  const sent = httpRequest({
    port: given.port,
    path: '/things/1',
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    agent: false
  })
  sent.on('error', () => {})
  sent.write('{"secret":1}\n{"b')
  const { request } = (await held) as Awaited<typeof held> & { request: { aborted: Promise<unknown> } }
  sent.destroy()
  await request.aborted
  assert.equal((await given.exchanges.nth(2)).reason, 'client_closed')
  assert.deepEqual(told, [])
})

test('a request that is looked at can be sent again, and is told of once', async (t) => {
  const given = await changing(t, { request: { json: observed } }, {}, {
    routes: [
      {
        path: '/*',
        pool: 'things',
        retry: { attempts: 2, methods: ['POST'], on: ['reset'] },
        transform: { request: { json: observed } }
      }
    ]
  } as never)
  const told = tellingOf(given)
  given.upstream.next({ cut: 'before-head', end: 'reset' })
  assert.equal((await given.post(SECRET)).status, 200)
  assert.deepEqual([String((await given.seen(1)).body), String((await given.seen(2)).body)], [SECRET, SECRET])
  assert.deepEqual(told, [`request ${CHANGED}`, 'observed null'])
})

test('a response to a request whose body is still coming is relayed, and its connection ends or goes on', async (t) => {
  const given = await changing(t, { request: { json: observed } })
  given.upstream.next({ status: 403, early: true })
  const sent = httpRequest({
    port: given.port,
    path: '/things/1',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': String(8 * 1024 ** 2) },
    agent: false
  })
  sent.on('error', () => {})
  sent.write(Buffer.alloc(1024 ** 2, ' '))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 403)
  sent.end(Buffer.alloc(7 * 1024 ** 2, ' '))
  await once(response.resume(), 'close')
  await given.exchanges.nth(1)
  assert.equal(given.gateway.app.gateway.inFlight, 0)
})

test('a client that waits for 100 (Continue) is told to send its body', async (t) => {
  const given = await changing(t, { request: { json: observed } })
  const sent = httpRequest({
    port: given.port,
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
  assert.equal(String((await given.seen(1)).body), '{}')
})

test('functions are called on a value of their own, and what they throw is told', async (t) => {
  const calls: unknown[] = []
  const operations = [
    transformJson(async (body) => {
      calls.push(body)
      await Promise.resolve()
      body.secret = 2
    }),
    transformJson((body) => {
      if (body.a === 1) throw new GatewayError('request_rejected', { detail: 'a is 1' })
      if (body.a === 2) throw new TypeError('no')
    })
  ]
  const json = { operations, mode: 'observe' } as const
  const given = await changing(t, { request: { json } })
  const told = tellingOf(given)
  for (const body of ['{"secret":1,"a":1}', '{"a":2}', '{"a":3}']) {
    const { status } = await given.post(body)
    assert.equal(status, 200)
    assert.equal(String((await given.seen(given.upstream.requests.length)).body), body)
  }
  while (told.length < 6) await new Promise(setImmediate)
  assert.equal(calls.length, 3)
  assert.deepEqual(told, [
    'request failed: a is 1',
    'observed request_rejected',
    "request failed: the JSON transform of route 'things' threw TypeError: no",
    'observed internal_error',
    `request ${CHANGED}`,
    'observed null'
  ])
})

test('lines that come faster than a function looks at them are not held for it', async (t) => {
  const json = {
    operations: transformJson(() => new Promise(() => {})),
    mode: 'observe',
    maxBytes: '64KiB'
  }
  const lines = '{"a":1}\n'.repeat(100_000)
  const given = await changing(
    t,
    { response: { json: { ...json, operations: [json.operations] } as never } },
    { body: lines, headers: { 'content-type': 'application/x-ndjson' } }
  )
  const told = tellingOf(given)
  assert.equal((await given.get()).body.length, lines.length)
  assert.deepEqual(told, ['response unchecked: it comes faster than it can be looked at'])
})

test('operations of the whole configuration may be observed before those of a route are done, and the other way round', async (t) => {
  const rename = (mode: 'observe' | 'enforce', from: string, to: string) => ({
    response: { json: { operations: [{ rename: { [`/${from}`]: to } }], mode } }
  })
  for (const [top, own, body, told] of [
    ['observe', 'enforce', '{"b":1}', ['response unchanged']],
    ['enforce', 'observe', '{"a":1}', ['response changed: 1 of 1 would have been changed', 'observed null']]
  ] as const) {
    const given = await changing(t, rename(own, 'a', 'b'), json('{"x":1}'), {
      transform: rename(top, top === 'observe' ? 'y' : 'x', 'a')
    })
    if (top === 'observe') given.upstream.answers(() => json('{"a":1}'))
    const heard = tellingOf(given)
    assert.equal(String((await given.get()).body), body)
    assert.deepEqual(heard, told)
    const { steps } = given.gateway.app.gateway.explain({ method: 'GET', url: 'http://x/things/1' })
    assert.equal(steps.filter((step) => step.includes('transform JSON')).length, 2)
    assert.ok(steps.includes('onSend: transform JSON (observe)'))
  }
})

test('the counters of what is observed begin at zero', async (t) => {
  const given = await changing(t, { response: { json: observed } })
  const snapshot = given.gateway.app.gateway.current as Snapshot
  const counted = given.gateway.app.gateway.events.zeros.flatMap(({ counter, zerosOf }) => {
    const list: string[] = []
    for (const route of allRoutes(snapshot))
      zerosOf?.(route, snapshot, (...labels) => list.push([counter, ...labels].join(' ')))
    return list
  })
  assert.deepEqual(
    counted.filter((one) => one.includes('things')).filter((one) => /json|transform/.test(one)),
    [
      'proxy_json_observed_total things response changed',
      'proxy_json_observed_total things response failed',
      'proxy_observed_total things response_transform_failed'
    ]
  )
})

test('bodies are changed for the statuses that `when` names, those that clients get', async (t) => {
  const transform = {
    response: { status: { 418: 200 }, json: { operations: REMOVE, when: ['success', 404] } }
  } as const
  const given = await changing(t, transform)
  const bodyOf = async (status: number): Promise<string> => {
    given.upstream.answers(() => ({ ...json(SECRET), status }))
    return String((await given.get()).body)
  }
  for (const status of [200, 201, 404, 418]) assert.equal(await bodyOf(status), '{"a":1.10}', String(status))
  for (const status of [400, 403, 500, 503]) assert.equal(await bodyOf(status), SECRET, String(status))
})

test('of operations at the top and of a route, those that are for the status are done in one pass', async (t) => {
  const given = await changing(
    t,
    { response: { json: { operations: [{ rename: { '/a': 'b' } }], when: '2xx' } } },
    {},
    { transform: { response: { json: { operations: [{ rename: { '/x': 'a' } }], when: [200, 500] } } } }
  )
  const bodyOf = async (status: number): Promise<string> => {
    given.upstream.answers(() => ({ ...json('{"x":1,"a":2}'), status }))
    return String((await given.get()).body)
  }
  assert.deepEqual(
    [await bodyOf(200), await bodyOf(201), await bodyOf(500), await bodyOf(404)],
    ['{"b":1}', '{"x":1,"b":2}', '{"a":1}', '{"x":1,"a":2}']
  )
})

test('a `when` that means no status stops the start', async (t) => {
  await assert.rejects(
    changing(t, { response: { json: { operations: REMOVE, when: ['sucess'] } } }),
    /response\.json\.when: 'sucess' must be .*; did you mean 'success'\?/
  )
})

test('zlib is not asked for more than a body is worth: a bomb that is looked at is told of', async (t) => {
  for (const type of ['application/json', 'application/x-ndjson']) {
    const bomb = zlib.gzipSync(Buffer.alloc(30 * 1024 ** 2, ' '))
    const given = await changing(
      t,
      { response: { json: observed } },
      json(bomb, { 'content-type': type, 'content-encoding': 'gzip' })
    )
    const told = tellingOf(given)
    assert.deepEqual((await given.get()).body, bomb)
    while (told.length < 2) await new Promise(setImmediate)
    assert.match(String(told), /response failed: .*more than \d+ bytes.*observed response_transform_failed/)
  }
})
