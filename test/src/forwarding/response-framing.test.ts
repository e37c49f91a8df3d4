import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`
const bounded = { timeout: 20_000 }

test('an HTTP/1.0 answer that ends with the connection is relayed chunked', bounded, async (t) => {
  const upstream = await fakeUpstream(t, {
    raw: crlf`HTTP/1.0 200 OK\nContent-Type: text/plain\n\nold but whole`,
    end: 'close'
  })
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (let n = 1; n <= 2; n++) {
    await client.write(GET)
    const response = await client.response()
    assert.equal(response.statusLine, 'HTTP/1.1 200 OK')
    assert.equal(response.text, 'old but whole')
    assert.notEqual(response.framing, 'close')
    assert.equal(response.complete, true)
  }
})

test('an HTTP/1.0 answer with a length is relayed, and its connection not used again', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { raw: crlf`HTTP/1.0 200 OK\nContent-Length: 2\n\nok` })
  const { port } = await startGateway(t, upstream.url)
  for (let n = 1; n <= 2; n++) {
    const response = await rawRequest(port, GET)
    assert.equal(response.text, 'ok')
    assert.equal(response.header('content-length'), '2')
  }
  assert.deepEqual(
    upstream.requests.map(({ connection }) => connection),
    [1, 2]
  )
})

test('an answer is HTTP/1 of any minor version, and of no other major one', bounded, async (t) => {
  for (const [version, status] of [
    ['1.0', 200],
    ['1.1', 200],
    ['1.2', 200],
    ['0.9', 502],
    ['2.0', 502],
    ['3.0', 502]
  ] as const) {
    const upstream = await fakeUpstream(t, { raw: `HTTP/${version} 200 OK\r\nContent-Length: 2\r\n\r\nok` })
    const { port } = await startGateway(t, upstream.url)
    const response = await rawRequest(port, GET)
    assert.equal(response.status, status, version)
    if (status === 200) assert.equal(response.text, 'ok')
    else assert.equal(JSON.parse(response.text).reason, 'upstream_protocol_error')
  }
})

test(
  'a chunked HTTP/1.0 answer that keeps its connection is relayed, and the connection used again',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, {
      raw: crlf`HTTP/1.0 200 OK\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n`
    })
    const { port } = await startGateway(t, upstream.url)
    for (let n = 1; n <= 3; n++) assert.equal((await rawRequest(port, GET)).text, 'ok')
    assert.deepEqual(
      upstream.requests.map(({ connection }) => connection),
      [1, 1, 1]
    )
  }
)

test('an answer without a length is relayed piece by piece until the connection ends', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  const body = (await held).respond.stream({ framing: 'close' })
  for (const piece of ['one', 'two', 'three']) {
    await body.write(piece)
    await client.until(piece)
  }
  await body.end()
  const response = await client.response()
  assert.equal(response.framing, 'chunked')
  assert.equal(response.text, 'onetwothree')
  assert.equal(response.complete, true)
})

test('an HTTP/1.0 client gets a body of unknown length until the connection ends', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { body: ['one', 'two'], framing: 'chunked' })
  const { port } = await startGateway(t, upstream.url)
  for (const connection of ['close', 'keep-alive']) {
    const client = await rawClient(port, { t })
    await client.write(crlf`GET / HTTP/1.0\nHost: example.test\nConnection: ${connection}\n\n`)
    const response = await client.response()
    assert.equal(response.text, 'onetwo')
    assert.equal(response.header('transfer-encoding'), undefined)
    if (response.framing === 'close') assert.equal(await client.closed, 'end')
  }
})

test('an answer with both a length and chunked coding is answered 502', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const framing of [
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nContent-Length: 5'
  ]) {
    upstream.answers({ raw: crlf`HTTP/1.1 200 OK\n${framing}\n\n5\nhello\n0\n\n` })
    const response = await rawRequest(port, GET)
    assert.equal(response.status, 502)
    assert.equal(JSON.parse(response.text).reason, 'upstream_protocol_error')
    await upstream.connectionClosed(upstream.connections.length)
  }
})

test('an answer with two lengths is answered 502', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const lengths of [
    'Content-Length: 2\r\nContent-Length: 3',
    'Content-Length: 2, 3',
    'Content-Length: -1',
    'Content-Length: 2x',
    'Content-Length: 99999999999999999999999'
  ]) {
    upstream.answers({ raw: crlf`HTTP/1.1 200 OK\n${lengths}\n\nabc` })
    const response = await rawRequest(port, GET)
    assert.equal(response.status, 502, lengths)
    assert.equal(JSON.parse(response.text).reason, 'upstream_protocol_error')
  }
})

test('a transfer coding that the gateway cannot decode is answered 502', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const coding of ['gzip', 'gzip, chunked', 'chunked, gzip', 'xchunked']) {
    upstream.answers({
      raw: crlf`HTTP/1.1 200 OK\nTransfer-Encoding: ${coding}\n\n5\nhello\n0\n\n`,
      end: 'close'
    })
    assert.equal((await rawRequest(port, GET)).status, 502, coding)
  }
})

test('bytes behind an answer are dropped, and their connection not used again', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  const smuggled = crlf`HTTP/1.1 200 OK\nContent-Length: 6\n\nforged`
  for (const answer of [
    crlf`HTTP/1.1 200 OK\nContent-Length: 2\n\nok`,
    crlf`HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n`,
    crlf`HTTP/1.1 204 No Content\n\n`,
    crlf`HTTP/1.1 304 Not Modified\n\n`
  ]) {
    upstream.next({ raw: answer + smuggled })
    await client.write(GET)
    assert.doesNotMatch((await client.response()).raw.toString(), /forged/)
    upstream.next({ body: 'the real one' })
    await client.write(GET)
    assert.equal((await client.response()).text, 'the real one')
    const [first, second] = upstream.requests.slice(-2)
    assert.notEqual(first?.connection, second?.connection)
  }
})

test('a body behind the answer to a HEAD is not taken for the next answer', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  upstream.next({ raw: crlf`HTTP/1.1 200 OK\nContent-Length: 6\n\nforged` }, { body: 'the real one' })
  await client.write(crlf`HEAD / HTTP/1.1\nHost: example.test\n\n`)
  assert.equal((await client.response({ to: 'HEAD' })).header('content-length'), '6')
  await client.write(GET)
  assert.equal((await client.response()).text, 'the real one')
})

for (const framing of ['Content-Length: 6', 'Transfer-Encoding: chunked'])
  test(`a 204 that declares a body (${framing}) is the last answer of its connection`, bounded, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    const client = await rawClient(port, { t })
    upstream.next({ raw: crlf`HTTP/1.1 204 No Content\n${framing}\n\n` }, { body: 'the real one' })
    await client.write(GET)
    const response = await client.response()
    assert.deepEqual([response.status, response.text], [204, ''])
    await client.write(GET)
    assert.equal((await client.response()).text, 'the real one')
    assert.deepEqual(
      upstream.requests.map(({ connection }) => connection),
      [1, 2]
    )
  })

test('a 204 of no length, or of length 0, keeps its connection', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (const raw of [
    crlf`HTTP/1.1 204 No Content\n\n`,
    crlf`HTTP/1.1 204 No Content\nContent-Length: 0\n\n`
  ]) {
    upstream.next({ raw })
    await client.write(GET)
    assert.equal((await client.response()).status, 204)
  }
  upstream.next({ body: 'next' })
  await client.write(GET)
  assert.equal((await client.response()).text, 'next')
  assert.deepEqual(
    upstream.requests.map(({ connection }) => connection),
    [1, 1, 1]
  )
})

test('chunk extensions are not relayed', bounded, async (t) => {
  const upstream = await fakeUpstream(t, {
    raw: crlf`HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5;secret=1\nhello\n0;last\n\n`
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.equal(response.text, 'hello')
  assert.doesNotMatch(response.raw.toString(), /secret|last/)
})

test('a malformed header line of an answer is answered 502', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const line of ['X-A: 1\rX-B: 2', 'X-A: 1\0', 'X-A : 1', ' X-A: 1', 'X A: 1', 'X-A: 1\r\n folded: 2']) {
    upstream.answers({ raw: crlf`HTTP/1.1 200 OK\nContent-Length: 2\n${line}\n\nok`, end: 'close' })
    const response = await rawRequest(port, GET)
    assert.equal(response.status, 502, JSON.stringify(line))
    assert.equal(JSON.parse(response.text).reason, 'upstream_protocol_error')
  }
})

test('line ends of a bare LF in an answer are not trusted', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { raw: 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', end: 'close' })
  const { port } = await startGateway(t, upstream.url)
  assert.equal((await rawRequest(port, GET)).status, 502)
})
