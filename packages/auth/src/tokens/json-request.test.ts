import assert from 'node:assert/strict'
import { Agent, request as http } from 'node:http'
import { request as https } from 'node:https'
import { test } from 'node:test'
import { processTimers } from '@gatewright/core'
import { type FakeResponse, fakeUpstream, testCertificates, virtualTime } from '@gatewright/testing'
import { type JsonRequest, requestJson } from './json-request.js'

const transports = { http, https }

function asking(url: string, more: Partial<JsonRequest> = {}): JsonRequest {
  return { url: new URL(url), method: 'GET', headers: {}, timeoutMs: 5_000, maxBytes: 1_000, ...more }
}

const ask = (url: string, more?: Partial<JsonRequest>): Promise<unknown> =>
  requestJson(transports, processTimers, asking(url, more)).response

test('sends a request and reads the JSON of its answer', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: { 'cache-control': 'max-age=60' },
    body: ['{"a":', '1}'],
    framing: 'chunked'
  })
  const answer = (await ask(`${upstream.url}/x?y=1`, {
    method: 'POST',
    headers: { 'x-a': 'b' },
    body: 'é'
  })) as object
  assert.deepEqual(JSON.stringify(answer), '{"value":{"a":1},"cacheControl":"max-age=60"}')
  const [seen] = upstream.requests
  assert.equal(seen?.method, 'POST')
  assert.equal(seen?.target, '/x?y=1')
  assert.equal(seen?.header('x-a'), 'b')
  assert.equal(seen?.header('accept'), 'application/json')
  assert.equal(seen?.header('content-length'), '2')
  assert.equal(seen?.body.toString(), 'é')
})

const HOSTILE: readonly (readonly [what: string, answer: FakeResponse, error: RegExp])[] = [
  ['status 500', { status: 500, body: '{}' }, /^it answered 500$/],
  ['status 204', { status: 204 }, /^it answered 204$/],
  ['status 201', { status: 201, body: '{}' }, /^it answered 201$/],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /redirects are not followed/],
  ['a permanent redirect', { status: 308, headers: { location: '/other' } }, /redirects are not followed/],
  ['not modified', { status: 304 }, /^it answered 304/],
  ['no JSON', { body: '<html>' }, /is no JSON$/],
  ['nothing', { body: '' }, /is no JSON$/],
  ['a name that stands twice', { body: '{"keys":[],"keys":[]}' }, /is no JSON$/],
  ['too much', { body: 'x'.repeat(1_001) }, /longer than 1000 bytes/],
  [
    'too much, by and by',
    { body: Array.from({ length: 50 }, () => 'x'.repeat(100)), framing: 'chunked' },
    /longer than 1000 bytes/
  ],
  ['compressed', { headers: { 'content-encoding': 'gzip' }, body: '{}' }, /compressed/],
  ['no HTTP', { raw: 'SSH-2.0-OpenSSH\r\n', end: 'close' }, /^HPE_/],
  [
    'an endless header',
    { raw: `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, end: 'close' },
    /^HPE_HEADER_OVERFLOW|ECONNRESET/
  ],
  ['cut off in its head', { body: '{}', cut: 'mid-head', end: 'close' }, /hang up|ECONNRESET|HPE/],
  ['cut off in its body', { body: '{"a":1}', cut: 'mid-body', end: 'close' }, /broke off|ECONNRESET/],
  ['reset', { cut: 'before-head', end: 'reset' }, /ECONNRESET|hang up/]
]

for (const [what, answer, error] of HOSTILE)
  test(`an answer that is ${what} is none`, async (t) => {
    const upstream = await fakeUpstream(t, answer)
    await assert.rejects(ask(upstream.url), { name: 'JsonRequestError', message: error })
    assert.equal(upstream.requests.length, 1)
  })

test('nobody listening is no answer', async (t) => {
  const upstream = await fakeUpstream(t)
  await upstream.close()
  await assert.rejects(ask(upstream.url), { message: 'ECONNREFUSED' })
})

test('the time is for the whole answer, however it drips', async (t) => {
  const upstream = await fakeUpstream(t, (_, respond) => {
    void respond.stream().write('{')
  })
  const time = virtualTime()
  const { response } = requestJson(transports, time.timers, asking(upstream.url, { timeoutMs: 700 }))
  await upstream.request(1)
  const rejected = assert.rejects(response, { message: 'no answer within 700 ms' })
  time.advance(700)
  await rejected
  await upstream.connectionClosed(1)
})

test('a request that is given up ends its connection', async (t) => {
  const upstream = await fakeUpstream(t, (_, respond) => {
    respond.stream()
  })
  const { response, abort } = requestJson(transports, processTimers, asking(upstream.url))
  await upstream.request(1)
  abort()
  abort()
  await assert.rejects(response, { message: 'the request was given up' })
  await upstream.connectionClosed(1)
})

test('certificates must be of an authority that is trusted', async (t) => {
  const upstream = await fakeUpstream(t, { body: '{"a":1}' }, { tls: testCertificates.server })
  await assert.rejects(ask(upstream.url), { message: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/ })
  assert.equal(
    JSON.stringify(await ask(upstream.url, { ca: testCertificates.ca })),
    '{"value":{"a":1},"cacheControl":""}'
  )
  const wrong = await fakeUpstream(t, { body: '{}' }, { tls: testCertificates.wrongName })
  await assert.rejects(ask(wrong.url, { ca: testCertificates.ca }), { message: /ALTNAME/ })
})

test('an agent keeps the connection', async (t) => {
  const upstream = await fakeUpstream(t, { body: '{}' })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  await ask(upstream.url, { agent })
  await ask(upstream.url, { agent })
  assert.equal(upstream.connections.length, 1)
})

test('a kept connection that ends just as it is used again: the request is sent once more, over another one', async (t) => {
  for (const by of ['close', 'reset'] as const) {
    const upstream = await fakeUpstream(t, { body: '{"a":1}' })
    const agent = new Agent({ keepAlive: true })
    t.after(() => agent.destroy())
    await ask(upstream.url, { agent })
    upstream.breakReused(1, by)
    const answer = await ask(upstream.url, { agent, method: 'POST', body: 'token=abc' })
    assert.equal(JSON.stringify((answer as { value: unknown }).value), '{"a":1}')
    assert.equal(upstream.breaksLeft, 0)
    assert.equal(upstream.requests.at(-1)?.body.toString(), 'token=abc')
    assert.equal(upstream.connections.length, 2)
  }
})

test('and so are requests that have waited for a connection to be free', async (t) => {
  const upstream = await fakeUpstream(t, { body: '{}' })
  const agent = new Agent({ keepAlive: true, maxSockets: 2, maxFreeSockets: 1 })
  t.after(() => agent.destroy())
  upstream.breakReused(3)
  await Promise.all(Array.from({ length: 12 }, () => ask(upstream.url, { agent })))
  assert.equal(upstream.breaksLeft, 0)
  assert.equal(upstream.requests.length, 12)
})

test('once, and not where the connection is new', async (t) => {
  const upstream = await fakeUpstream(t, { body: '{}' })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  upstream.answers({ cut: 'before-head', end: 'reset' })
  await assert.rejects(ask(upstream.url, { agent }), { message: /ECONNRESET/ })
  assert.equal(upstream.requests.length, 1)
  upstream.next({ body: '{}' })
  await ask(upstream.url, { agent })
  await assert.rejects(ask(upstream.url, { agent }), { message: /ECONNRESET/ })
  assert.equal(upstream.requests.length, 4)
})

test('a response that has begun is not asked for again', async (t) => {
  const upstream = await fakeUpstream(t, { body: '{}' })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  await ask(upstream.url, { agent })
  upstream.next({ body: '{"a":1}', cut: 'mid-body', end: 'reset' })
  await assert.rejects(ask(upstream.url, { agent }), { message: /broke off|ECONNRESET/ })
  assert.equal(upstream.requests.length, 2)
})

test('what was given up, or took too long, on a kept connection is not sent again', async (t) => {
  const upstream = await fakeUpstream(t, { body: '{}' })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const time = virtualTime()
  for (const [n, end] of ['given up', 'too late'].entries()) {
    await ask(upstream.url, { agent })
    const held = upstream.hold()
    const { response, abort } = requestJson(transports, time.timers, asking(upstream.url, { agent }))
    await held
    const rejected = assert.rejects(response, { name: 'JsonRequestError' })
    if (end === 'given up') abort()
    else time.advance(5_000)
    await rejected
    await upstream.connectionClosed(n + 1)
    await ask(upstream.url)
    assert.equal(upstream.requests.length, 3 * (n + 1), end)
  }
})
