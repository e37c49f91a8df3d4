import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, type Field, fakeUpstream, type RawResponse, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from './support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`

/** What Node's server and the gateway add to an answer. */
const ADDED = ['date', 'connection', 'keep-alive', 'x-request-id']

const relayed = ({ headers }: RawResponse): readonly Field[] =>
  headers.filter(([name]) => !ADDED.includes(name.toLowerCase()))

test('every final status is relayed with its reason phrase and body', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (const [status, reason] of [
    [200, 'OK'],
    [201, 'Created'],
    [202, 'Fine By Me'],
    [206, 'Partial Content'],
    [226, 'IM Used'],
    [299, 'Unassigned'],
    [300, 'Multiple Choices'],
    [400, 'Bad Request'],
    [401, 'Unauthorized'],
    [404, 'Nope, (nothing) here'],
    [418, "I'm a Teapot"],
    [426, 'Upgrade Required'],
    [451, 'Unavailable For Legal Reasons'],
    [500, 'Internal Server Error'],
    [503, 'Service Unavailable'],
    [599, 'Odd']
  ] as const) {
    upstream.answers({ status, reason, body: `body of ${status}` })
    await client.write(GET)
    const response = await client.response()
    assert.equal(response.statusLine, `HTTP/1.1 ${status} ${reason}`)
    assert.equal(response.text, `body of ${status}`)
  }
})

test('an empty reason phrase becomes the usual one', async (t) => {
  const upstream = await fakeUpstream(t, { raw: 'HTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n' })
  const { port } = await startGateway(t, upstream.url)
  assert.equal((await rawRequest(port, GET)).statusLine, 'HTTP/1.1 404 Not Found')
})

test('Set-Cookie lines are relayed one by one, in order', async (t) => {
  const lines = ['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'a=3', '']
  const upstream = await fakeUpstream(t, { headers: lines.map((line) => ['Set-Cookie', line]), body: 'x' })
  const { port } = await startGateway(t, upstream.url)
  assert.deepEqual((await rawRequest(port, GET)).headerAll('set-cookie'), lines)
})

test('repeated header lines stay repeated, their values in order', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['Link', '</a>; rel=preload'],
      ['X-One', '1'],
      ['LINK', '</b>, </c>'],
      ['Vary', 'accept'],
      ['link', ''],
      ['vary', 'origin'],
      ['www-authenticate', 'Basic realm="a"'],
      ['www-authenticate', 'Bearer']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(response.headerAll('link'), ['</a>; rel=preload', '</b>, </c>', ''])
  assert.deepEqual(response.headerAll('vary'), ['accept', 'origin'])
  assert.deepEqual(response.headerAll('www-authenticate'), ['Basic realm="a"', 'Bearer'])
  assert.deepEqual(response.headerAll('x-one'), ['1'])
})

test('nothing is added to the headers of an answer but the request id and what HTTP needs', async (t) => {
  const upstream = await fakeUpstream(t, { headers: { 'X-A': '1', Server: 'mine' }, body: 'x' })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(relayed(response), [
    ['x-a', '1'],
    ['server', 'mine'],
    ['content-length', '1']
  ])
})

test("the upstream's Date is kept", async (t) => {
  const date = 'Tue, 15 Nov 1994 08:12:31 GMT'
  const upstream = await fakeUpstream(t, { headers: { date } })
  const { port } = await startGateway(t, upstream.url)
  assert.deepEqual((await rawRequest(port, GET)).headerAll('date'), [date])
})

test('empty values and bytes beyond ASCII are relayed', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['X-Empty', ''],
      ['X-Latin', 'caf\xe9'],
      ['X-Utf8', '\xe2\x82\xac'],
      ['Content-Disposition', 'attachment; filename="\xe9.txt"']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(relayed(response), [
    ['x-empty', ''],
    ['x-latin', 'caf\xe9'],
    ['x-utf8', '\xe2\x82\xac'],
    ['content-disposition', 'attachment; filename="\xe9.txt"'],
    ['content-length', '0']
  ])
})

test('a media type without a charset is not altered, nor is one made up', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const type of ['text/html', 'application/json', 'text/plain; Charset=UTF-8', 'TEXT/Odd', ''])
    for (const body of ['{"a":1}', '\u00e9', '']) {
      upstream.answers({ headers: { 'content-type': type }, body })
      const response = await rawRequest(port, GET)
      assert.deepEqual(response.headerAll('content-type'), [type])
      assert.equal(response.text, body)
    }
  for (const body of ['text', '']) {
    upstream.answers({ body })
    const response = await rawRequest(port, GET)
    assert.deepEqual(response.headerAll('content-type'), [])
    assert.equal(response.text, body)
  }
})

test('hop-by-hop headers of an answer are not relayed', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['Connection', 'keep-alive, X-Hop'],
      ['connection', 'close, , x-second'],
      ['Keep-Alive', 'timeout=99'],
      ['Proxy-Connection', 'keep-alive'],
      ['Proxy-Authenticate', 'Basic'],
      ['Upgrade', 'h2c'],
      ['TE', 'gzip'],
      ['X-Hop', '1'],
      ['x-SECOND', '2'],
      ['X-Kept', '3']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(relayed(response), [
    ['x-kept', '3'],
    ['content-length', '0']
  ])
  assert.doesNotMatch(response.rawHead, /x-hop|x-second|timeout=99/i)
})

test("the upstream's Connection: close does not close the client's connection", async (t) => {
  const upstream = await fakeUpstream(t, { headers: { connection: 'close' }, body: 'x' })
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (let n = 1; n <= 3; n++) {
    await client.write(GET)
    assert.equal((await client.response()).header('connection'), 'keep-alive')
  }
  assert.equal(upstream.connections.length, 3)
})

test('HEAD gets the headers of GET, the length included, and no body', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: { etag: '"1"', 'content-type': 'text/x' },
    body: 'hello'
  })
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  const all = []
  for (const method of ['HEAD', 'GET', 'HEAD', 'GET']) {
    await client.write(crlf`${method} / HTTP/1.1\nHost: example.test\n\n`)
    const response = await client.response({ to: method })
    all.push(Object.fromEntries(relayed(response)))
    assert.equal(response.text, method === 'GET' ? 'hello' : '')
    assert.equal(upstream.requests.at(-1)?.method, method)
  }
  assert.deepEqual(all[0], { etag: '"1"', 'content-type': 'text/x', 'content-length': '5' })
  assert.deepEqual(all, [all[0], all[0], all[0], all[0]])
})

test('HEAD of a large or chunked resource has no body either', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (const [field, value] of [
    ['content-length', '999999999'],
    ['transfer-encoding', 'chunked']
  ] as const) {
    upstream.answers({ headers: { [field]: value } })
    await client.write(crlf`HEAD / HTTP/1.1\nHost: example.test\n\n`)
    const response = await client.response({ to: 'HEAD' })
    assert.equal(response.header('content-length'), field === 'content-length' ? value : undefined)
    upstream.answers({ body: 'next' })
    await client.write(GET)
    assert.equal((await client.response()).text, 'next')
  }
})

test('204 has neither body nor length, and 304 no body', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (const [status, length, sent] of [
    [204, '0', undefined],
    [304, '0', undefined],
    [304, '1234', '1234']
  ] as const) {
    upstream.answers({ status, headers: { etag: '"1"', 'content-length': length } })
    await client.write(GET)
    const response = await client.response()
    assert.equal(response.status, status)
    assert.equal(response.header('etag'), '"1"')
    assert.equal(response.header('content-length'), sent)
    assert.equal(response.header('transfer-encoding'), undefined)
  }
  upstream.answers({ body: 'still in step' })
  await client.write(GET)
  assert.equal((await client.response()).text, 'still in step')
})

test('a conditional request and its 304 pass unchanged', async (t) => {
  const upstream = await fakeUpstream(t, { status: 304, headers: { etag: 'W/"1"', vary: 'accept' } })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(
    port,
    crlf`GET / HTTP/1.1
Host: example.test
If-None-Match: W/"1", "2"
If-Modified-Since: Tue, 15 Nov 1994 08:12:31 GMT

`
  )
  assert.equal(upstream.requests[0]?.header('if-none-match'), 'W/"1", "2"')
  assert.equal(upstream.requests[0]?.header('if-modified-since'), 'Tue, 15 Nov 1994 08:12:31 GMT')
  assert.deepEqual(relayed(response), [
    ['etag', 'W/"1"'],
    ['vary', 'accept']
  ])
})

test('ranges, 206 and 416 pass unchanged', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const range = crlf`GET / HTTP/1.1\nHost: example.test\nRange: bytes=1-2,4-\nIf-Range: "1"\n\n`
  const headers = { 'content-range': 'bytes 1-2/10', 'accept-ranges': 'bytes' }
  upstream.answers({ status: 206, headers, body: 'el' })
  const partial = await rawRequest(port, range)
  assert.equal(partial.status, 206)
  assert.equal(partial.header('content-range'), 'bytes 1-2/10')
  assert.equal(partial.header('accept-ranges'), 'bytes')
  assert.equal(partial.text, 'el')
  assert.equal(upstream.requests[0]?.header('range'), 'bytes=1-2,4-')
  assert.equal(upstream.requests[0]?.header('if-range'), '"1"')
  upstream.answers({ status: 416, headers: { 'content-range': 'bytes */10' } })
  const unsatisfiable = await rawRequest(port, range)
  assert.equal(unsatisfiable.status, 416)
  assert.equal(unsatisfiable.header('content-range'), 'bytes */10')
})

test('a redirect is passed on, not followed, and its Location left alone', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const status of [301, 302, 303, 307, 308]) {
    const location = `${upstream.url}/other?a=%2F#b`
    upstream.answers({ status, headers: { location, 'content-location': '/x', refresh: '0; url=/y' } })
    const response = await rawRequest(port, GET)
    assert.equal(response.status, status)
    assert.equal(response.header('location'), location)
    assert.equal(response.header('content-location'), '/x')
    assert.equal(response.header('refresh'), '0; url=/y')
  }
  assert.equal(upstream.requests.length, 5)
})

test('a coded body is relayed as it is', async (t) => {
  const body = Buffer.from('1f8b08000000000000034bcc00deadbeef', 'hex')
  const upstream = await fakeUpstream(t, {
    headers: { 'content-encoding': 'gzip', vary: 'accept-encoding', etag: '"g"' },
    body
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.equal(response.header('content-encoding'), 'gzip')
  assert.equal(response.header('etag'), '"g"')
  assert.deepEqual(response.body, body)
})

test('a hundred headers are relayed', async (t) => {
  const headers = Array.from({ length: 100 }, (_, n): Field => [`x-${n}`, 'v'.repeat(50)])
  const upstream = await fakeUpstream(t, { headers })
  const { port } = await startGateway(t, upstream.url)
  assert.deepEqual(relayed(await rawRequest(port, GET)), [...headers, ['content-length', '0']])
})

test('102 and 103 are relayed in order, and their headers do not leak into the answer', async (t) => {
  const upstream = await fakeUpstream(t, {
    interim: [
      { status: 102 },
      {
        status: 103,
        headers: [
          ['Link', '</a.css>; rel=preload'],
          ['X-Hint', '1']
        ]
      },
      { status: 103, headers: [['link', '</b.js>; rel=preload; as=script']] }
    ],
    headers: { 'x-final': '1' },
    body: 'done'
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(
    response.interim.map(({ status, headers }) => [status, headers]),
    [
      [102, []],
      [
        103,
        [
          ['Link', '</a.css>; rel=preload'],
          ['x-hint', '1']
        ]
      ],
      [103, [['Link', '</b.js>; rel=preload; as=script']]]
    ]
  )
  assert.equal(response.text, 'done')
  assert.equal(response.header('link'), undefined)
  assert.equal(response.header('x-hint'), undefined)
  assert.equal(response.header('x-final'), '1')
})

test('an interim answer is relayed at once, while the final one is awaited', {
  timeout: 20_000
}, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  const { respond } = await held
  respond.interim(103, { link: '</a.css>; rel=preload' })
  await client.until('103 Early Hints')
  await respond.answer({ body: 'done' })
  assert.equal((await client.response()).text, 'done')
})

test('an HTTP/1.0 client gets no interim answers', async (t) => {
  const upstream = await fakeUpstream(t, {
    interim: [{ status: 103, headers: { link: '</a.css>; rel=preload' } }],
    body: 'done'
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.0\n\n`)
  assert.deepEqual(response.interim, [])
  assert.equal(response.text, 'done')
})

test('trailers reach a client that takes them, announced and unannounced ones', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: { trailer: 'X-Sum' },
    body: ['one', 'two'],
    trailers: [
      ['X-Sum', '42'],
      ['grpc-status', '0'],
      ['x-sum', '43']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nTE: trailers\nConnection: TE\n\n`)
  assert.equal(response.text, 'onetwo')
  assert.equal(response.header('trailer'), 'X-Sum')
  assert.deepEqual(response.trailers, [
    ['X-Sum', '42'],
    ['grpc-status', '0'],
    ['x-sum', '43']
  ])
})

test('trailers of an empty body reach a client that takes them', async (t) => {
  const upstream = await fakeUpstream(t, { trailers: { 'grpc-status': '5' } })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nTE: trailers\n\n`)
  assert.deepEqual(response.trailers, [['grpc-status', '5']])
})

test('trailers are dropped for a client that does not take them', async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: { trailer: 'X-Sum' },
    body: 'one',
    trailers: { 'X-Sum': '42' }
  })
  const { port } = await startGateway(t, upstream.url)
  for (const request of [GET, crlf`GET / HTTP/1.1\nHost: a\nTE: gzip\n\n`]) {
    const response = await rawRequest(port, request)
    assert.equal(response.text, 'one')
    assert.equal(response.header('trailer'), undefined)
    assert.deepEqual(response.trailers, [])
  }
})

test('trailers that would frame, route or authorise are dropped', async (t) => {
  const upstream = await fakeUpstream(t, {
    body: 'one',
    trailers: [
      ['Transfer-Encoding', 'chunked'],
      ['Content-Type', 'text/x'],
      ['Set-Cookie', 'a=1'],
      ['X-Sum', '42']
    ]
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\nTE: trailers\n\n`)
  assert.deepEqual(response.trailers, [['X-Sum', '42']])
})

test("a policy header is the upstream's or the hook's, never both", async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      onRequest: async (_, reply) => void reply.header('strict-transport-security', 'max-age=1')
    }
  })
  upstream.next({ headers: { 'Strict-Transport-Security': 'max-age=2' } })
  assert.deepEqual((await rawRequest(port, GET)).headerAll('strict-transport-security'), ['max-age=2'])
  assert.deepEqual((await rawRequest(port, GET)).headerAll('strict-transport-security'), ['max-age=1'])
})

test("cookies of a hook are added to the upstream's", async (t) => {
  const upstream = await fakeUpstream(t, {
    headers: [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2']
    ]
  })
  const { port } = await startGateway(t, upstream.url, {
    hooks: { onRequest: async (_, reply) => void reply.header('set-cookie', 'hook=1') }
  })
  assert.deepEqual((await rawRequest(port, GET)).headerAll('set-cookie').sort(), ['a=1', 'b=2', 'hook=1'])
})
