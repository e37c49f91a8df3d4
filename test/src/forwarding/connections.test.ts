import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, gate, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`
const bounded = { timeout: 20_000 }

test('pipelined requests are answered in order, whatever the upstream does first', bounded, async (t) => {
  const first = gate()
  const upstream = await fakeUpstream(t, ({ target }) => ({
    body: `answer to ${target}`,
    ...(target === '/1' ? { after: first } : {})
  }))
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(
    crlf`GET /1 HTTP/1.1
Host: a

POST /2 HTTP/1.1
Host: a
Content-Length: 4

bodyGET /3 HTTP/1.1
Host: a

`
  )
  await upstream.request(1)
  first.open()
  for (const target of ['/1', '/2', '/3']) assert.equal((await client.response()).text, `answer to ${target}`)
  assert.deepEqual(
    upstream.requests.map(({ method, target, bodyBytes }) => [method, target, bodyBytes]),
    [
      ['GET', '/1', 0],
      ['POST', '/2', 4],
      ['GET', '/3', 0]
    ]
  )
})

test('pipelined requests with large answers do not mix', bounded, async (t) => {
  const upstream = await fakeUpstream(t, ({ target }) => ({ body: target.slice(1).repeat(200_000) }))
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  const letters = ['a', 'b', 'c', 'd']
  await client.write(letters.map((letter) => crlf`GET /${letter} HTTP/1.1\nHost: a\n\n`).join(''))
  for (const letter of letters) assert.equal((await client.response()).text, letter.repeat(200_000))
})

test('a client that has closed its sending side still gets its answer', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const request of [GET, crlf`POST / HTTP/1.1\nHost: a\nContent-Length: 4\n\nbody`]) {
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    await client.write(request)
    client.end()
    const { respond } = await held
    await respond.answer({ body: 'late but whole' })
    const response = await client.response()
    assert.equal(response.text, 'late but whole')
    assert.equal(await client.closed, 'end')
  }
})

test('a client that has closed its sending side is waited for as long as it is there', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { server: { halfClosedTimeout: '50ms' } })
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  client.end()
  const { respond } = await held
  await client.until(
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'
  )
  await respond.answer({ body: 'late but whole' })
  const response = await client.response()
  assert.equal(response.text, 'late but whole')
  assert.ok(response.interim.length >= 3)
  assert.equal(await client.closed, 'end')
})

test(
  'a client of HTTP/1.0 that has closed its sending side is waited for within the limit',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    for (const [halfClosedTimeout, answered] of [
      ['10s', true],
      ['100ms', false]
    ] as const) {
      const { port } = await startGateway(t, upstream.url, { server: { halfClosedTimeout } })
      const held = upstream.hold()
      const client = await rawClient(port, { t })
      await client.write('GET / HTTP/1.0\r\n\r\n')
      client.end()
      const { respond, request } = await held
      if (answered) {
        // As long as two clients of HTTP/1.1 would have been asked twice.
        const other = await rawClient(port, { t })
        upstream.hold()
        await other.write(GET)
        other.end()
        await other.until('100 Continue\r\n\r\nHTTP/1.1 100 Continue')
        await respond.answer({ body: 'late but whole' })
        assert.equal((await client.response()).text, 'late but whole')
      } else {
        assert.equal(await request.aborted, 'waiting')
        await client.closed
        assert.equal(client.received.length, 0)
      }
    }
  }
)

test('with halfClosedTimeout 0ms a client that has closed its sending side has left', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { server: { halfClosedTimeout: '0ms' } })
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  client.end()
  assert.equal(await (await held).request.aborted, 'waiting')
  await client.closed
  assert.equal(client.received.length, 0)
})

test('a client that has closed its sending side gets a long answer whole', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { body: Buffer.alloc(1_000_000, 'x') })
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  await client.write(GET)
  client.end()
  const response = await client.response()
  assert.equal(response.complete, true)
  assert.equal(response.body.length, 1_000_000)
})

test(
  'Connection: close of the client is honoured, and does not close connections upstream',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    for (let n = 1; n <= 3; n++) {
      const client = await rawClient(port, { t })
      await client.write(crlf`GET / HTTP/1.1\nHost: a\nConnection: close\n\n`)
      const response = await client.response()
      assert.equal(response.header('connection'), 'close')
      assert.equal(await client.closed, 'end')
    }
    assert.equal(upstream.connections.length, 1)
  }
)

test('an HTTP/1.0 client keeps its connection only when it asks to', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const plain = await rawClient(port, { t })
  await plain.write(crlf`GET / HTTP/1.0\n\n`)
  assert.equal((await plain.response()).text, 'ok')
  assert.equal(await plain.closed, 'end')
  const kept = await rawClient(port, { t })
  for (let n = 1; n <= 2; n++) {
    await kept.write(crlf`GET / HTTP/1.0\nConnection: keep-alive\n\n`)
    assert.equal((await kept.response()).text, 'ok')
  }
})

test('connections upstream are reused by requests of different clients', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (let n = 1; n <= 5; n++) await rawRequest(port, GET)
  assert.equal(upstream.connections.length, 1)
  assert.equal(upstream.connections[0]?.requests, 5)
})

test('HEAD keeps its connection', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'ok' })
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (let n = 0; n < 10; n++)
    for (const method of ['HEAD', 'GET']) {
      await client.write(crlf`${method} / HTTP/1.1\nHost: example.test\n\n`)
      assert.equal((await client.response({ to: method })).header('content-length'), '2')
    }
  assert.equal(upstream.connections.length, 1)
  assert.equal(upstream.requests[0]?.header('connection'), 'keep-alive')
})

test(
  'an endpoint that sends a body behind a HEAD gets every later one on a connection of its own',
  bounded,
  async (t) => {
    for (const body of ['forged', 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged']) {
      const upstream = await fakeUpstream(t, { body: 'the real one' })
      const { port } = await startGateway(t, upstream.url)
      const client = await rawClient(port, { t })
      const ask = async (method: string) => {
        await client.write(crlf`${method} / HTTP/1.1\nHost: example.test\n\n`)
        return await client.response({ to: method })
      }
      upstream.next({ raw: crlf`HTTP/1.1 200 OK\nContent-Length: ${body.length}\n\n${body}` })
      await ask('HEAD')
      assert.equal((await ask('GET')).text, 'the real one')
      for (let n = 0; n < 3; n++) {
        await ask('HEAD')
        assert.equal(upstream.requests.at(-1)?.header('connection'), 'close')
        assert.equal((await ask('GET')).text, 'the real one')
      }
    }
  }
)
