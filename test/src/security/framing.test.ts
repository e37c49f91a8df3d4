import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import {
  crlf,
  type FakeUpstream,
  fakeUpstream,
  type RawResponse,
  rawClient,
  rawRequest
} from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const LIMIT = { timeout: 20_000 }

/** What an attacker would like to be taken for a request of its own. */
const SMUGGLED = crlf`GET /smuggled HTTP/1.1
Host: a
Connection: close

`

/** A GET with these lines after its request line. */
function get(lines: string, line = 'GET / HTTP/1.1'): string {
  return `${line}\r\n${lines}\r\n\r\n`
}

/** A POST whose body is framed by these lines. */
function post(lines: string, body = '0\r\n\r\n', version = '1.1'): string {
  return `POST / HTTP/${version}\r\nHost: a\r\n${lines}\r\n\r\n${body}`
}

function chunked(body: string): string {
  return post('Transfer-Encoding: chunked', body)
}

interface Sent {
  readonly response: RawResponse
  /** Everything that came after the response. */
  readonly rest: string
}

/** Sends bytes on a connection of their own until the gateway closes it. */
async function send(t: TestContext, port: number, bytes: string, byteByByte = false): Promise<Sent> {
  const client = await rawClient(port, { t, byteByByte })
  void client.write(bytes)
  const response = await client.response({ to: bytes.trimStart().split(' ', 1)[0] as string })
  await client.closed
  return { response, rest: client.received.subarray(response.raw.length).toString('latin1') }
}

/** The targets that the upstream has seen, after a request that it must see last; every byte it got belongs to one. */
async function seenTargets(port: number, upstream: FakeUpstream): Promise<string[]> {
  await rawRequest(port, get('Host: a', 'GET /last HTTP/1.1'))
  return upstream.requests.map(({ target }) => target)
}

function bytesReceived(upstream: FakeUpstream): number {
  return upstream.connections.reduce((sum, { socket }) => sum + socket.bytesRead, 0)
}

const HEX_OVERFLOW = `1${'0'.repeat(16)}`
const MANY = Array.from({ length: 100 }, (_, i) => `x-${i}: 1`).join('\r\n')

/** Refused at the head: no byte of them may get anywhere. */
const REFUSED: readonly [what: string, status: number, request: string][] = [
  ['CL.TE', 400, post('Content-Length: 4\r\nTransfer-Encoding: chunked')],
  ['TE.CL', 400, post('Transfer-Encoding: chunked\r\nContent-Length: 4')],
  ['TE.TE, chunked and identity', 400, post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity')],
  ['TE.TE, identity and chunked', 400, post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked')],
  ['TE.TE, chunked twice', 400, post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked')],
  ['TE.TE, the second one with a space', 400, post('Transfer-Encoding: chunked\r\nTransfer-Encoding : x')],
  ['a space before the colon of Transfer-Encoding', 400, post('Transfer-Encoding : chunked')],
  ['a tab before the colon of Transfer-Encoding', 400, post('Transfer-Encoding\t: chunked')],
  ['a NUL before the colon of Transfer-Encoding', 400, post('Transfer-Encoding\0: chunked')],
  ['a folded Transfer-Encoding', 400, post('Transfer-Encoding:\r\n chunked')],
  ['a Transfer-Encoding folded into another field', 400, post('X: y\r\n Transfer-Encoding: chunked')],
  ['a quoted coding', 400, post('Transfer-Encoding: "chunked"')],
  ['a coding with a parameter', 400, post('Transfer-Encoding: chunked;q=1')],
  ['an unknown coding', 400, post('Transfer-Encoding: xchunked')],
  ['chunked and then identity', 400, post('Transfer-Encoding: chunked, identity')],
  ['identity and then chunked', 400, post('Transfer-Encoding: identity, chunked')],
  ['gzip and then chunked', 400, post('Transfer-Encoding: gzip, chunked')],
  ['chunked twice in a list', 400, post('Transfer-Encoding: chunked, chunked')],
  ['chunked and nothing', 400, post('Transfer-Encoding: chunked,')],
  ['chunked behind a vertical tab', 400, post('Transfer-Encoding: \x0bchunked')],
  ['chunked behind a no-break space', 400, post('Transfer-Encoding: \xa0chunked')],
  ['identity', 400, post('Transfer-Encoding: identity', '')],
  ['an empty Transfer-Encoding', 400, post('Transfer-Encoding:')],
  ['Transfer-Encoding with an underscore', 400, post('Transfer_Encoding: chunked')],
  ['Transfer-Encoding in HTTP/1.0', 400, post('Transfer-Encoding: chunked', '0\r\n\r\n', '1.0')],
  ['Transfer-Encoding behind a bare CR', 400, post('X: y\rTransfer-Encoding: chunked')],
  ['Transfer-Encoding behind a bare LF', 400, post('X: y\nTransfer-Encoding: chunked')],

  ['two lengths that differ', 400, post('Content-Length: 0\r\nContent-Length: 5', '')],
  ['two lengths that agree', 400, post('Content-Length: 0\r\nContent-Length: 0', '')],
  ['a list of lengths', 400, post('Content-Length: 0, 0', '')],
  ['a length with a plus', 400, post('Content-Length: +0', '')],
  ['a negative length', 400, post('Content-Length: -1', '')],
  ['a hexadecimal length', 400, post('Content-Length: 0x0', '')],
  ['a length with a fraction', 400, post('Content-Length: 0.0', '')],
  ['a length with an exponent', 400, post('Content-Length: 0e1', '')],
  ['a length with a space inside', 400, post('Content-Length: 0 0', '')],
  ['a length with an underscore', 400, post('Content-Length: 0_0', '')],
  ['an empty length', 400, post('Content-Length:', '')],
  ['a quoted length', 400, post('Content-Length: "0"', '')],
  ['a length beyond 64 bits', 400, post('Content-Length: 18446744073709551616', '')],
  ['a length beyond 53 bits', 400, post('Content-Length: 9007199254740993', '')],
  ['a space before the colon of Content-Length', 400, post('Content-Length : 0', '')],
  ['Content-Length with an underscore', 400, post('Content_Length: 0', '')],
  [
    'a Connection that names Content-Length',
    400,
    post('Connection: content-length\r\nContent-Length: 0', '')
  ],
  [
    'a Connection that names Transfer-Encoding',
    400,
    chunked('0\r\n\r\n').replace('Host', 'Connection: transfer-encoding\r\nHost')
  ],

  ['a request line that ends in a bare LF', 400, 'GET / HTTP/1.1\nHost: a\r\n\r\n'],
  ['a field line that ends in a bare LF', 400, get('Host: a\nX: y')],
  ['a head that ends in a bare LF', 400, 'GET / HTTP/1.1\r\nHost: a\r\n\n'],
  ['bare LFs all over', 400, 'GET / HTTP/1.1\nHost: a\n\n'],
  ['a bare CR in a value', 400, get('Host: a\r\nX: y\rz')],
  ['a bare CR for a line end', 400, get('Host: a\rX: y')],
  ['a bare CR in the request line', 400, get('Host: a', 'GET /\rx HTTP/1.1')],

  ['two Hosts', 400, get('Host: a\r\nHost: b')],
  ['the same Host twice', 400, get('Host: a\r\nhost: a')],
  ['no Host', 400, get('X: y')],
  ['no Host with an absolute target', 400, get('X: y', 'GET http://a/ HTTP/1.1')],
  ['an empty Host', 400, get('Host:')],
  ['a Host with a user', 400, get('Host: user@a')],
  ['a Host with a comma', 400, get('Host: a,b')],
  ['a Host with a space', 400, get('Host: a b')],
  ['a Host with a slash', 400, get('Host: a/b')],
  ['a Host with a backslash', 400, get('Host: a\\b')],
  ['a Host with a question mark', 400, get('Host: a?b')],
  ['a Host with a fragment', 400, get('Host: a#b')],
  ['a Host with an escape', 400, get('Host: a%2eb')],
  ['a Host with a byte outside ASCII', 400, get('Host: caf\xe9')],
  ['a Host with a port that is no number', 400, get('Host: a:b')],
  ['a Host with a port out of range', 400, get('Host: a:65536')],
  ['a Host with a negative port', 400, get('Host: a:-1')],
  ['a Host with two ports', 400, get('Host: a:1:2')],
  ['a Host that is a port alone', 400, get('Host: :80')],
  ['a Host with an open bracket', 400, get('Host: [::1')],
  ['an IPv6 address without brackets', 400, get('Host: ::1')],
  ['a malformed Host beside an absolute target', 400, get('Host: a b', 'GET http://a/ HTTP/1.1')],
  ['an absolute target with a user', 400, get('Host: a', 'GET http://user@a/ HTTP/1.1')],

  ['no version', 400, 'GET /\r\n\r\n'],
  ['HTTP/0.9', 400, get('Host: a', 'GET / HTTP/0.9')],
  ['HTTP/2.0', 505, get('Host: a', 'GET / HTTP/2.0')],
  ['HTTP/1.2', 400, get('Host: a', 'GET / HTTP/1.2')],
  ['HTTP/1.10', 400, get('Host: a', 'GET / HTTP/1.10')],
  ['HTTP/1', 400, get('Host: a', 'GET / HTTP/1')],
  ['HTTP in lower case', 400, get('Host: a', 'GET / http/1.1')],
  ['another protocol', 400, get('Host: a', 'GET / ICY/1.1')],
  ['the preface of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a TLS hello', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],

  ['a space inside a field name', 400, get('Host: a\r\nX Y: 1')],
  ['an underscore in a field name', 400, get('Host: a\r\nX_Y: 1')],
  ['a NUL in a field name', 400, get('Host: a\r\nX\0: 1')],
  ['a byte outside ASCII in a field name', 400, get('Host: a\r\nX\xe9: 1')],
  ['a field without a name', 400, get('Host: a\r\n: x')],
  ['a line without a colon', 400, get('Host: a\r\nXY')],
  ['a NUL in a value', 400, get('Host: a\r\nX: y\0z')],
  ['a control character in a value', 400, get('Host: a\r\nX: \x01')],
  ['an escape character in a value', 400, get('Host: a\r\nX: \x1b[31m')],
  ['a DEL in a value', 400, get('Host: a\r\nX: \x7f')],
  ['a folded value', 400, get('Host: a\r\nX: y\r\n z')],
  ['a space before the first field', 400, get(' Host: a')],
  ['a tab before the first field', 400, get('\tX: y\r\nHost: a')],
  ['a space before the request line', 400, ` ${get('Host: a')}`],
  ['a space after the version', 400, get('Host: a', 'GET / HTTP/1.1 ')],
  ['tabs in the request line', 400, get('Host: a', 'GET\t/\tHTTP/1.1')],
  ['a space in the target', 400, get('Host: a', 'GET /a b HTTP/1.1')],
  ['a method in lower case', 400, get('Host: a', 'get / HTTP/1.1')],
  ['a method that nobody knows', 400, get('Host: a', 'FROBNICATE / HTTP/1.1')],
  ['a method with a control character', 400, get('Host: a', 'GE\x01T / HTTP/1.1')],
  ['CONNECT', 405, get('Host: a:443', 'CONNECT a:443 HTTP/1.1')],

  ['101 header fields', 431, get(`Host: a\r\n${MANY}`)],
  ['a head of more than 16 KiB', 431, get(`Host: a\r\nX: ${'a'.repeat(17_000)}`)],
  [
    'a head of more than 16 KiB in many fields',
    431,
    get(`Host: a\r\n${`X: ${'a'.repeat(1_000)}\r\n`.repeat(20)}Y: z`)
  ],
  ['a target of more than 8 KiB', 414, get('Host: a', `GET /${'a'.repeat(8_192)} HTTP/1.1`)],
  ['a query of more than 8 KiB', 414, get('Host: a', `GET /?${'a'.repeat(8_192)} HTTP/1.1`)]
]

for (const [what, status, request] of REFUSED) {
  test(`${what} is refused with ${status}, and so is what stands behind it`, LIMIT, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    for (const byteByByte of request.length < 1_000 ? [false, true] : [false]) {
      const { response, rest } = await send(t, port, request + SMUGGLED, byteByByte)
      assert.equal(response.status, status)
      assert.equal(response.header('content-type'), 'application/problem+json')
      assert.equal(response.header('connection'), 'close')
      assert.equal(rest, '')
    }
    assert.deepEqual(await seenTargets(port, upstream), ['/last'])
    assert.equal(bytesReceived(upstream), upstream.requests[0]?.rawHead.length)
  })
}

/** Bodies that turn out to be malformed when the head may already have been forwarded. */
const BROKEN: readonly [what: string, request: string][] = [
  ['a chunk size that is no number', chunked('zz\r\nabc\r\n0\r\n\r\n')],
  ['a chunk size with 0x', chunked('0x3\r\nabc\r\n0\r\n\r\n')],
  ['a chunk size with a plus', chunked('+3\r\nabc\r\n0\r\n\r\n')],
  ['a negative chunk size', chunked('-1\r\nabc\r\n0\r\n\r\n')],
  ['a chunk size with an underscore', chunked('0_3\r\nabc\r\n0\r\n\r\n')],
  ['a chunk size with a space before it', chunked(' 3\r\nabc\r\n0\r\n\r\n')],
  ['a chunk size with a space after it', chunked('3 \r\nabc\r\n0\r\n\r\n')],
  ['an empty chunk size', chunked('\r\nabc\r\n0\r\n\r\n')],
  ['a chunk size beyond 64 bits', chunked(`${HEX_OVERFLOW}3\r\nabc\r\n0\r\n\r\n`)],
  ['a chunk size that ends in a bare LF', chunked('3\nabc\r\n0\r\n\r\n')],
  ['a chunk size that ends in a bare CR', chunked('3\rabc\r\n0\r\n\r\n')],
  ['a chunk that is longer than its size', chunked('3\r\nabcX\r\n0\r\n\r\n')],
  ['a chunk that ends in a bare LF', chunked('3\r\nabc\n0\r\n\r\n')],
  ['a chunk that ends in a bare CR', chunked('3\r\nabc\r0\r\n\r\n')],
  ['a chunk extension with a bare LF', chunked('3;a\nb\r\nabc\r\n0\r\n\r\n')],
  ['a chunk extension with a NUL', chunked('3;a\0\r\nabc\r\n0\r\n\r\n')],
  ['chunk extensions of more than 16 KiB', chunked(`3;${'a'.repeat(17_000)}\r\nabc\r\n0\r\n\r\n`)],
  ['a last chunk without its final CRLF', chunked('3\r\nabc\r\n0\r\n')],
  ['a last chunk that ends in a bare LF', chunked('3\r\nabc\r\n0\r\n\n')],
  ['Content-Length among the trailers', chunked('3\r\nabc\r\n0\r\nContent-Length: 60\r\n\r\n')],
  ['Transfer-Encoding among the trailers', chunked('3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n')],
  ['a trailer that is no field', chunked('3\r\nabc\r\n0\r\nX Y: z\r\n\r\n')]
]

for (const [what, request] of BROKEN)
  test(`${what} ends the request and the connection`, LIMIT, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    for (const byteByByte of request.length < 1_000 ? [false, true] : [false]) {
      const { response, rest } = await send(t, port, request + SMUGGLED, byteByByte)
      assert.equal(response.status, 400)
      assert.equal(response.header('connection'), 'close')
      assert.equal(rest, '')
    }
    const [last, ...broken] = (await seenTargets(port, upstream)).reverse()
    assert.equal(last, '/last')
    for (const target of broken) assert.equal(target, '/')
    for (const seen of upstream.requests.slice(0, -1)) {
      await seen.aborted
      assert.equal(seen.complete, false)
    }
  })

/** Accepted; `lines` and `body` are what the upstream gets of the framing. */
const ACCEPTED: readonly [what: string, request: string, lines: string, body: string][] = [
  ['a chunked body', chunked('3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'), 'transfer-encoding: chunked', 'abcde'],
  [
    'chunked in any case',
    post('tRANSFER-eNCODING: ChUnKeD', '3\r\nabc\r\n0\r\n\r\n'),
    'transfer-encoding: chunked',
    'abc'
  ],
  ['chunk extensions', chunked('3;a;b=c;d="e"\r\nabc\r\n0;f\r\n\r\n'), 'transfer-encoding: chunked', 'abc'],
  [
    'a chunk size in capitals with zeros',
    chunked('00A\r\n0123456789\r\n000\r\n\r\n'),
    'transfer-encoding: chunked',
    '0123456789'
  ],
  [
    'trailers that would route or identify',
    chunked('3\r\nabc\r\n0\r\nHost: b\r\nX-User: root\r\nAuthorization: x\r\n\r\n'),
    'transfer-encoding: chunked',
    'abc'
  ],
  ['a length with zeros', post('Content-Length: 003', 'abc'), 'content-length: 3', 'abc'],
  ['a length of nothing', post('Content-Length: 0', ''), 'content-length: 0', ''],
  [
    'a GET with a body',
    get('Host: a\r\nContent-Length: 36').concat('GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n   '),
    'content-length: 36',
    'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n   '
  ],
  ['empty lines before the request', `\r\n\r\n${get('Host: a')}`, '', ''],
  ['more than one space in the request line', get('Host: a', 'GET   / HTTP/1.1'), '', '']
]

for (const [what, request, lines, body] of ACCEPTED)
  test(`${what}: framed anew, and the request behind it is one of its own`, LIMIT, async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    for (const byteByByte of [false, true]) {
      const { response, rest } = await send(t, port, request + SMUGGLED, byteByByte)
      assert.equal(response.status, 200)
      assert.match(rest, /^HTTP\/1\.1 200 OK\r\n/)
    }
    const first = upstream.requests.filter(({ target }) => target === '/')
    assert.equal(upstream.requests.length, 4)
    for (const seen of first) {
      assert.match(seen.rawHead, /^(?:GET|POST) \/ HTTP\/1\.1\r\n/)
      const framing = seen.headers.filter(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name))
      assert.equal(framing.map(([name, value]) => `${name.toLowerCase()}: ${value}`).join(), lines)
      assert.equal(seen.body.toString(), body)
      assert.deepEqual(seen.trailers, [])
    }
    assert.equal(first.length, 2)
  })

test('limits are met to the byte and to the field', LIMIT, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { maxUrlSize: '16B', maxHeaders: 10 })
  const fields = (count: number): string => Array.from({ length: count }, (_, i) => `x-${i}: 1`).join('\r\n')
  const status = async (request: string): Promise<number> => (await rawRequest(port, request)).status
  assert.equal(await status(get('Host: a', 'GET /012345678?9abcd HTTP/1.1')), 200)
  assert.equal(await status(get('Host: a', 'GET /012345678?9abcde HTTP/1.1')), 414)
  assert.equal(await status(get(`Host: a\r\n${fields(9)}`)), 200)
  assert.equal(await status(get(`Host: a\r\n${fields(10)}`)), 431)
})

test('a request without Host is served in HTTP/1.0, alone', LIMIT, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const { response, rest } = await send(t, port, `GET / HTTP/1.0\r\n\r\n${SMUGGLED}`)
  assert.equal(response.status, 200)
  assert.equal(rest, '')
  assert.deepEqual(await seenTargets(port, upstream), ['/', '/last'])
})

test('what follows a body that is too large is not served', LIMIT, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream', bodyLimit: '4B' }]
  })
  for (const [head, rest] of [
    [post('Content-Length: 10', 'abcde'), 'fghij'],
    [chunked('5\r\nabcde\r\n'), '5\r\nfghij\r\n0\r\n\r\n']
  ] as const) {
    const client = await rawClient(port, { t })
    await client.write(head)
    const response = await client.response({ to: 'POST' })
    assert.equal(response.status, 413)
    assert.equal(response.header('connection'), 'close')
    await client.write(rest + SMUGGLED)
    await client.closed
    assert.equal(client.received.length, response.raw.length)
  }
  assert.ok((await seenTargets(port, upstream)).every((target) => target !== '/smuggled'))
})

test('a body limit of nothing is a problem, and not no limit', LIMIT, async (t) => {
  await assert.rejects(
    startGateway(t, {
      pools: { upstream: { endpoints: ['http://127.0.0.1:1'] } },
      routes: [{ path: '/*', pool: 'upstream', bodyLimit: '0B' }]
    }),
    /routes\[0\]\.bodyLimit: '0B' must be at least 1B/
  )
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, singlePool(upstream.url, {}, { bodyLimit: '0.1B' }))
  assert.equal((await rawRequest(port, post('Content-Length: 2', 'ab'))).status, 413)
})

for (const pipelining of [1, 2])
  test(
    `what cannot be read is refused after the answers to what stands before it (pipelining: ${pipelining})`,
    LIMIT,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const { port } = await startGateway(t, upstream.url, { server: { pipelining } })
      const [first, second] = [upstream.hold(), upstream.hold()]
      const client = await rawClient(port, { t })
      const request = get('Host: a')
      await client.write(`${request}${request}\0\0`)
      const one = await first
      if (pipelining > 1) await (await second).respond.answer({ body: 'same' })
      await client.write('\0more')
      await one.respond.answer({ body: 'same' })
      if (pipelining === 1) await (await second).respond.answer({ body: 'same' })
      assert.equal((await client.response()).text, 'same')
      assert.equal((await client.response()).text, 'same')
      assert.equal((await client.response()).status, 400)
      await client.closed
    }
  )

test('what cannot be read does not get into an answer that has begun', LIMIT, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(get('Host: a'))
  const stream = (await held).respond.stream()
  await stream.write('first ')
  await client.head()
  await client.write('\0\0')
  await stream.write('second')
  await stream.end()
  assert.equal((await client.response()).text, 'first second')
  assert.equal((await client.response()).status, 400)
})

test(
  'an answer that has begun is cut off when the body of its request turns out to be malformed',
  LIMIT,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    await client.write(chunked('3\r\nabc\r\n'))
    const stream = (await held).respond.stream()
    await stream.write('first ')
    await client.head()
    await client.write('zz\r\n')
    const response = await client.response()
    assert.equal(response.complete, false)
    assert.equal(response.text, 'first ')
    await client.closed
    await (await held).request.aborted
  }
)

test('a client that does not close its side after a refusal is cut off', LIMIT, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, upstream.url)
  const requests = ['\0\0', get('Host: a', 'CONNECT a:443 HTTP/1.1'), get('Host: a b'), chunked('zz')]
  await Promise.all(
    requests.map(async (request) => {
      const accepted = once(gateway.app.server, 'connection')
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      t.after(() => socket.destroy())
      socket.on('error', () => {})
      const [theirs] = (await accepted) as [Socket]
      const closed = once(theirs, 'close')
      socket.write(request)
      socket.resume()
      await closed
    })
  )
})
