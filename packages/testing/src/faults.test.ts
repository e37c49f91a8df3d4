import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CutPoint } from './fake-response.js'
import { fakeUpstream } from './fake-upstream.js'
import { rawClient, rawRequest } from './raw-client.js'
import { otherEndReads } from './turns.js'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

const CUTS: readonly [cut: CutPoint, received: RegExp][] = [
  ['before-head', /^$/],
  ['mid-head', /^HTTP\/1\.1 200 OK\r\nco$/],
  ['after-head', /\r\n\r\n$/],
  ['mid-body', /\r\n\r\nhello $/],
  ['before-end', /\r\n\r\nhello worl$/]
]

for (const end of ['close', 'reset'] as const)
  for (const [cut, received] of CUTS)
    test(`an answer can be cut ${cut} by a ${end}`, async (t) => {
      const upstream = await fakeUpstream(t, { body: 'hello world', cut, end })
      const client = await rawClient(upstream.port, { t })
      await client.write(GET)
      assert.equal(await client.closed, end === 'close' ? 'end' : 'reset')
      assert.match(client.received.toString(), received)
      assert.equal(upstream.requests[0]?.abortedAt, null)
    })

test('an answer cut off in its body is known to be incomplete', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'hello', framing: 'chunked', cut: 'before-end' })
  const { complete, text } = await rawRequest(upstream.port, GET)
  assert.equal(complete, false)
  assert.equal(text, 'hello')
})

test('a black hole takes the request and says nothing until the client leaves', async (t) => {
  const upstream = await fakeUpstream(t, { cut: 'before-head', end: 'silence' })
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  const seen = await upstream.request(1)
  await seen.finished
  client.close()
  assert.equal(await seen.aborted, 'waiting')
  assert.equal(client.received.length, 0)
})

test('silence after half a body leaves the connection open', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'abcd', cut: 'mid-body', end: 'silence' })
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  await client.until('\r\n\r\nab')
  await client.write(GET)
  client.close()
  assert.equal(await (await upstream.request(1)).aborted, 'response')
  assert.equal(upstream.requests.length, 1)
})

test('a client that leaves in the middle of its body is noticed', async (t) => {
  const upstream = await fakeUpstream(t)
  const client = await rawClient(upstream.port, { t })
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc')
  const seen = await upstream.request(1)
  await seen.received(3)
  client.reset()
  assert.equal(await seen.aborted, 'request')
  assert.equal(seen.complete, false)
  await assert.rejects(seen.finished, /after 3 bytes/)
  await upstream.connectionClosed(1)
})

test('a client that leaves in the middle of its answer is noticed', async (t) => {
  const upstream = await fakeUpstream(t, (_request, respond) => {
    void respond.stream().write('first')
  })
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  await client.until('first')
  client.close()
  const seen = await upstream.request(1)
  assert.equal(await seen.aborted, 'response')
  assert.equal(seen.abortedAt, 'response')
})

test('an answered request was not aborted when its connection closes', async (t) => {
  const upstream = await fakeUpstream(t)
  await rawRequest(upstream.port, GET)
  await upstream.connectionClosed(1)
  assert.equal(upstream.requests[0]?.abortedAt, null)
})

for (const welcome of ['close', 'reset'] as const)
  test(`a connection is met with a ${welcome}`, async (t) => {
    const upstream = await fakeUpstream(t)
    upstream.welcome = welcome
    const client = await rawClient(upstream.port, { t })
    assert.equal(await client.closed, welcome === 'close' ? 'end' : 'reset')
    assert.equal(upstream.connections.length, 1)
    assert.equal(upstream.requests.length, 0)
  })

test('a connection met with silence gets no answer, and those after it are served again', async (t) => {
  const upstream = await fakeUpstream(t)
  upstream.welcome = 'silence'
  const silent = await rawClient(upstream.port, { t })
  await silent.write(GET)
  await upstream.connection(1)
  upstream.welcome = 'serve'
  assert.equal((await rawRequest(upstream.port, GET)).status, 200)
  assert.equal(upstream.requests.length, 1)
  assert.equal(silent.received.length, 0)
})

for (const by of ['close', 'reset'] as const)
  test(`a reused connection is broken by a ${by} as often as asked, and a fresh one is not`, async (t) => {
    const upstream = await fakeUpstream(t)
    upstream.breakReused(1, by)
    const first = await rawClient(upstream.port, { t })
    await first.write(GET)
    assert.equal((await first.response()).status, 200)
    await first.write(GET)
    assert.equal(await first.closed, by === 'close' ? 'end' : 'reset')
    assert.equal(upstream.requests.length, 1)
    assert.equal(upstream.breaksLeft, 0)

    const second = await rawClient(upstream.port, { t })
    for (let n = 0; n < 2; n++) {
      await second.write(GET)
      assert.equal((await second.response()).status, 200)
    }
  })

test('a raw answer goes out verbatim and keeps the connection', async (t) => {
  const raw = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'
  const upstream = await fakeUpstream(t, { raw })
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  await client.until(raw)
  await client.write(GET)
  await client.until(raw + raw)
})

test('a raw answer without a head ends like any other when told so', async (t) => {
  const upstream = await fakeUpstream(t, { raw: 'just a body', end: 'close' })
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  assert.equal(await client.closed, 'end')
  assert.equal(client.received.toString(), 'just a body')
})

test('while a request is paused its body stays with the client', async (t) => {
  const upstream = await fakeUpstream(t, (request) => request.pause())
  const client = await rawClient(upstream.port, { t })
  const size = 16 * 1024 * 1024
  await client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
  const seen = await upstream.request(1)
  const sent = client.write(Buffer.alloc(size)).then(() => 'sent')
  assert.equal(await Promise.race([sent, manyTurns()]), 'still there')
  seen.resume()
  await sent
  await seen.finished
  assert.equal(seen.bodyBytes, size)
})

// More than enough for the whole body, were it read.
async function manyTurns(): Promise<string> {
  for (let i = 0; i < 1_000; i++) await otherEndReads()
  return 'still there'
}
