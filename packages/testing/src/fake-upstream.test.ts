import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf } from './crlf.js'
import { fakeUpstream } from './fake-upstream.js'
import { gate } from './gate.js'
import { rawClient, rawRequest } from './raw-client.js'
import { testCertificates } from './test-certificates.js'
import { otherEndReads } from './turns.js'

const GET = crlf`GET / HTTP/1.1
Host: a

`

test('without a script every request is answered 200 ok', async (t) => {
  const upstream = await fakeUpstream(t)
  const { status, text, headers } = await rawRequest(upstream.url, GET)
  assert.equal(status, 200)
  assert.equal(text, 'ok')
  assert.deepEqual(headers, [
    ['content-type', 'text/plain'],
    ['content-length', '2']
  ])
})

test('a request is recorded byte for byte', async (t) => {
  const upstream = await fakeUpstream(t)
  const head = crlf`PUT /a//b?c=%2f#d HTTP/1.1
hOST: x
B:  1${' '}
a: 2
b: 3
Content-Length: 5

`
  await rawRequest(upstream.port, `${head}hello`)
  const [seen] = upstream.requests
  assert.ok(seen)
  assert.equal(seen.rawHead, head)
  assert.equal(seen.method, 'PUT')
  assert.equal(seen.target, '/a//b?c=%2f#d')
  assert.equal(seen.httpVersion, '1.1')
  assert.deepEqual(seen.headers, [
    ['hOST', 'x'],
    ['B', '1'],
    ['a', '2'],
    ['b', '3'],
    ['Content-Length', '5']
  ])
  assert.equal(seen.header('b'), '1')
  assert.equal(seen.header('c'), undefined)
  assert.deepEqual(seen.headerAll('B'), ['1', '3'])
  assert.equal(seen.framing, 'sized')
  assert.equal(seen.body.toString(), 'hello')
  assert.equal(seen.complete, true)
})

test('a chunked request is recorded with its trailers', async (t) => {
  const upstream = await fakeUpstream(t)
  await rawRequest(
    upstream.port,
    crlf`POST / HTTP/1.1
Host: a
Transfer-Encoding: chunked

3
abc
2
de
0
X-Sum: 7

`
  )
  const seen = await upstream.request(1)
  assert.equal(seen.framing, 'chunked')
  assert.equal(seen.body.toString(), 'abcde')
  assert.deepEqual(seen.trailers, [['X-Sum', '7']])
})

test('requests know their connection', async (t) => {
  const upstream = await fakeUpstream(t)
  const one = await rawClient(upstream.port, { t })
  const two = await rawClient(upstream.port, { t })
  for (const client of [one, two, one]) {
    await client.write(GET)
    await client.response()
  }
  assert.equal(upstream.connections.length, 2)
  const [a, b, c] = upstream.requests.map((request) => request.connection)
  assert.equal(a, c)
  assert.notEqual(a, b)
  assert.deepEqual(
    upstream.requests.map((request) => request.number),
    [1, 2, 3]
  )
})

test('pipelined requests are answered one after the other', async (t) => {
  const upstream = await fakeUpstream(t, (request) => ({ body: request.target }))
  const client = await rawClient(upstream.port, { t })
  await client.write(GET.replace('/', '/1') + GET.replace('/', '/2'))
  assert.equal((await client.response()).text, '/1')
  assert.equal((await client.response()).text, '/2')
})

test('a request can be awaited before it comes, and so can its body', async (t) => {
  const upstream = await fakeUpstream(t)
  const coming = upstream.request(1)
  const client = await rawClient(upstream.port, { t })
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab')
  const seen = await coming
  await seen.received(2)
  assert.equal(seen.complete, false)
  await client.write('cdef')
  await seen.finished
  assert.equal(seen.body.toString(), 'abcdef')
  await assert.rejects(seen.received(7), /ended after 6 bytes/)
})

test('bodies are counted but not kept when told so', async (t) => {
  const upstream = await fakeUpstream(t, {}, { keepBodies: false })
  await rawRequest(upstream.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')
  assert.equal(upstream.requests[0]?.bodyBytes, 3)
  assert.equal(upstream.requests[0]?.body.length, 0)
})

test('the queue is used up before the script', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'rest' })
  upstream.next({ status: 503 }, () => ({ body: 'second' }))
  assert.equal((await rawRequest(upstream.port, GET)).status, 503)
  assert.equal((await rawRequest(upstream.port, GET)).text, 'second')
  assert.equal((await rawRequest(upstream.port, GET)).text, 'rest')
  upstream.answers({ body: 'changed' })
  assert.equal((await rawRequest(upstream.port, GET)).text, 'changed')
})

test('a held request is answered by the test', async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const response = rawRequest(upstream.port, GET)
  const { request, respond } = await held
  assert.equal(request.target, '/')
  await respond.answer({ status: 201 })
  assert.equal((await response).status, 201)
})

test('an answer waits behind a gate until it opens', async (t) => {
  const slow = gate()
  const upstream = await fakeUpstream(t, { after: slow, body: 'late', interim: [{ status: 102 }] })
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  await client.until('HTTP/1.1 102 Processing\r\n\r\n')
  await (await upstream.request(1)).finished
  assert.equal(client.received.includes('200'), false)
  slow.open()
  assert.equal((await client.response()).text, 'late')
})

test('an answer waits for the body of its request, unless it is early', async (t) => {
  const upstream = await fakeUpstream(t)
  upstream.next({ status: 413, early: true }, { status: 201 })
  const client = await rawClient(upstream.port, { t })
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab')
  assert.equal((await client.response()).status, 413)
  assert.equal(upstream.requests[0]?.complete, false)
  await client.write('cdPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\ne')
  await (await upstream.request(2)).received(1)
  await client.write('f')
  assert.equal((await client.response()).status, 201)
  assert.deepEqual(
    upstream.requests.map((request) => request.body.toString()),
    ['abcd', 'ef']
  )
})

test('interim responses go out before the body of the request is there', async (t) => {
  const upstream = await fakeUpstream(t, {
    interim: [
      { status: 100 },
      {
        status: 103,
        headers: [
          ['Link', '</a>'],
          ['Link', '</b>']
        ]
      }
    ]
  })
  const client = await rawClient(upstream.port, { t })
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n')
  await client.until('</b>\r\n\r\n')
  await client.write('x')
  const { status, interim } = await client.response()
  assert.equal(status, 200)
  assert.deepEqual(
    interim.map((head) => [head.status, head.headers]),
    [
      [100, []],
      [
        103,
        [
          ['Link', '</a>'],
          ['Link', '</b>']
        ]
      ]
    ]
  )
})

test('server-sent events go out one at a time', async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  const stream = (await held).respond.stream({ headers: { 'content-type': 'text/event-stream' } })
  assert.equal((await client.head()).status, 200)
  await stream.write('data: 1\n\n')
  await client.until('data: 1\n\n')
  assert.equal(client.received.includes('data: 2'), false)
  await stream.write('data: 2\n\n')
  await stream.end()
  assert.equal((await client.response()).text, 'data: 1\n\ndata: 2\n\n')
})

test('after HTTP/1.0 and after connection: close the connection is closed', async (t) => {
  const upstream = await fakeUpstream(t)
  for (const text of ['GET / HTTP/1.0\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n']) {
    const client = await rawClient(upstream.port, { t })
    await client.write(text)
    assert.equal((await client.response()).text, 'ok')
    assert.equal(await client.closed, 'end')
  }
  await upstream.connectionClosed(2)
})

test('idle connections are closed on demand and busy ones are not', async (t) => {
  const upstream = await fakeUpstream(t)
  const idle = await rawClient(upstream.port, { t })
  await idle.write(GET)
  await idle.response()
  const busy = await rawClient(upstream.port, { t })
  const held = upstream.hold()
  await busy.write(GET)
  const { respond } = await held
  upstream.closeIdle()
  assert.equal(await idle.closed, 'end')
  await respond.answer({ body: 'still here' })
  assert.equal((await busy.response()).text, 'still here')
})

test('an upstream that was closed can come back on its port', async (t) => {
  const first = await fakeUpstream(null)
  await first.close()
  await assert.rejects(rawRequest(first.port, GET), /ECONNREFUSED/)
  const second = await fakeUpstream(t, { body: 'back' }, { port: first.port })
  assert.equal((await rawRequest(first.port, GET)).text, 'back')
  assert.equal(second.url, `http://127.0.0.1:${first.port}`)
})

test('an upstream is closed at once, even in the middle of a TLS handshake', async (t) => {
  const upstream = await fakeUpstream(null, {}, { tls: testCertificates.server })
  const client = await rawClient(upstream.port, { t })
  await client.write(Buffer.from([0x16, 0x03, 0x01]))
  await otherEndReads()
  await upstream.close()
  await client.closed
  assert.equal(upstream.connections.length, 0)
  assert.equal(upstream.url, `https://127.0.0.1:${upstream.port}`)
})

test('an upstream listens on the IPv6 loopback address', async (t) => {
  const upstream = await fakeUpstream(t, {}, { address: '::1' })
  assert.equal(upstream.url, `http://[::1]:${upstream.port}`)
  assert.equal((await rawRequest(upstream.url, GET)).status, 200)
})

test('a socket that is taken over belongs to the test', async (t) => {
  const upstream = await fakeUpstream(t, (_request, respond) => {
    const socket = respond.takeOver()
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n')
    socket.pipe(socket)
  })
  const client = await rawClient(upstream.port, { t })
  await client.write('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nearly,')
  assert.equal((await client.response()).status, 101)
  await client.write('not http')
  await client.until('early,not http')
  assert.equal(upstream.requests.length, 1)
})

for (const [what, text] of [
  ['a bare LF', 'GET / HTTP/1.1\nHost: a\n\n'],
  ['two framings', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n']
] as const)
  test(`a request with ${what} is refused and is a problem that fails the test`, async () => {
    let cleanUp: () => unknown = () => {}
    const upstream = await fakeUpstream({ after: (fn) => (cleanUp = fn) })
    assert.equal((await rawRequest(upstream.port, text)).status, 400)
    assert.equal(upstream.requests.length, 0)
    await assert.rejects(async () => cleanUp(), /but found/)
  })

test('problems that the test took do not fail it', async (t) => {
  const upstream = await fakeUpstream(t)
  await rawRequest(upstream.port, 'nonsense\r\n\r\n')
  assert.match(upstream.takeProblems()[0]?.message ?? '', /found "nonsense\\r\\n"/)
})

test('an error thrown by a script resets the connection and is a problem', async (t) => {
  const upstream = await fakeUpstream(t, () => {
    throw new Error('from the script')
  })
  await assert.rejects(rawRequest(upstream.port, GET))
  assert.deepEqual(
    upstream.takeProblems().map((problem) => problem.message),
    ['from the script']
  )
})
