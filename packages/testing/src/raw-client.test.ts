import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TruncatedError } from './byte-reader.js'
import { crlf } from './crlf.js'
import { fakeUpstream } from './fake-upstream.js'
import { MalformedMessageError } from './fields.js'
import { rawClient, rawRequest } from './raw-client.js'
import { otherEndReads } from './turns.js'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

test('a response is read as it stands on the wire', async (t) => {
  const raw = crlf`HTTP/1.1 103 Early Hints
Link: </a>

HTTP/1.1 299 Odd Reason
B: 1
a:2
B: 3
Transfer-Encoding: chunked

3
abc
0
X-Sum: 6

`
  const upstream = await fakeUpstream(t, { raw })
  const response = await rawRequest(upstream.port, GET)
  assert.equal(response.statusLine, 'HTTP/1.1 299 Odd Reason')
  assert.equal(response.status, 299)
  assert.equal(response.reason, 'Odd Reason')
  assert.deepEqual(response.headers, [
    ['B', '1'],
    ['a', '2'],
    ['B', '3'],
    ['Transfer-Encoding', 'chunked']
  ])
  assert.deepEqual(response.headerAll('b'), ['1', '3'])
  assert.equal(response.framing, 'chunked')
  assert.equal(response.text, 'abc')
  assert.deepEqual(response.trailers, [['X-Sum', '6']])
  assert.deepEqual(response.interim[0]?.headers, [['Link', '</a>']])
  assert.equal(response.raw.toString(), raw)
  assert.ok(response.rawHead.startsWith('HTTP/1.1 299') && response.rawHead.endsWith('chunked\r\n\r\n'))
})

test('the raw bytes of a response are its own and not those of its neighbours', async (t) => {
  const upstream = await fakeUpstream(t, (request) => ({ body: request.target }))
  const client = await rawClient(upstream.port, { t })
  await client.write(GET + GET.replace('/', '/second'))
  await client.response()
  assert.equal(
    (await client.response()).raw.toString(),
    'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n/second'
  )
})

test('a body without framing ends with the connection', async (t) => {
  const upstream = await fakeUpstream(t, { framing: 'close', body: ['a', 'b'] })
  const { text, framing, complete } = await rawRequest(upstream.port, GET)
  assert.deepEqual([text, framing, complete], ['ab', 'close', true])
})

for (const [method, status] of [
  ['HEAD', 200],
  ['GET', 204],
  ['GET', 304]
] as const)
  test(`no body is expected after ${status} to ${method}`, async (t) => {
    const upstream = await fakeUpstream(t, { status, headers: { 'content-length': '5' } })
    const { framing, body } = await rawRequest(upstream.port, GET.replace('GET', method))
    assert.equal(framing, 'none')
    assert.equal(body.length, 0)
  })

test('bytes sent one at a time arrive one at a time', async (t) => {
  const upstream = await fakeUpstream(t)
  const client = await rawClient(upstream.port, { t, byteByByte: true })
  const connection = await upstream.connection(1)
  const sizes: number[] = []
  connection.socket.on('data', (chunk) => sizes.push(chunk.length))
  await client.write(GET)
  assert.equal((await client.response()).status, 200)
  assert.deepEqual(new Set(sizes), new Set([1]))
  assert.equal(upstream.requests[0]?.rawHead, GET)
})

test('text is sent as Latin-1 and bytes as they are', async (t) => {
  const upstream = await fakeUpstream(t)
  const client = await rawClient(upstream.port, { t })
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nX: \xe9\r\nContent-Length: 2\r\n\r\n')
  await client.write(Buffer.from('é'))
  await client.response()
  assert.equal(upstream.requests[0]?.header('x'), '\xe9')
  assert.equal(upstream.requests[0]?.body.toString(), 'é')
})

test('a half-closed connection still receives', async (t) => {
  const upstream = await fakeUpstream(t, { framing: 'close', body: 'x', early: true })
  const client = await rawClient(upstream.port, { t })
  const written = client.write(GET)
  await client.head()
  await written
  client.end()
  assert.equal((await client.response()).text, 'x')
})

test('a paused client takes nothing in until it resumes', async (t) => {
  const size = 16 * 1024 * 1024
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  const { respond } = await held
  client.pause()
  const answered = respond.answer({ body: Buffer.alloc(size) }).then(() => 'taken')
  assert.equal(await Promise.race([answered, manyTurns()]), 'still there')
  client.resume()
  await answered
  assert.equal((await client.response()).body.length, size)
})

// More than enough for the whole body, were it read.
async function manyTurns(): Promise<string> {
  for (let i = 0; i < 1_000; i++) await otherEndReads()
  return 'still there'
}

test('a connection that ends before a response is whole rejects', async (t) => {
  const upstream = await fakeUpstream(t, { cut: 'mid-head' })
  await assert.rejects(rawRequest(upstream.port, GET), TruncatedError)
  const client = await rawClient(upstream.port, { t })
  await client.write(GET)
  await assert.rejects(client.until('never'), TruncatedError)
})

for (const raw of ['HTTP/1.1 200 OK\n\n', '<html>\r\n\r\n', 'HTTP/1.1 20 OK\r\n\r\n', 'HTTP/1.1 200\r\n\r\n'])
  test(`the response ${JSON.stringify(raw)} is malformed`, async (t) => {
    const upstream = await fakeUpstream(t, { raw, end: 'close' })
    await assert.rejects(rawRequest(upstream.port, GET), MalformedMessageError)
  })
