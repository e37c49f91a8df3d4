import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { relayedFields } from '../support/relayed-fields.js'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`

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
    all.push(Object.fromEntries(relayedFields(response)))
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
  assert.deepEqual(relayedFields(response), [
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

test('a reason phrase is relayed byte for byte, also beyond ASCII and in two pieces', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const phrase of [
    'Caf\xe9 \xff',
    Buffer.from('Gr\u00fc\u00dfe \u20ac \u{1f600}').toString('latin1'),
    'A\tb'
  ]) {
    upstream.answers({ reason: phrase, body: 'ok' })
    assert.equal((await rawRequest(port, GET)).reason, phrase)
  }
  upstream.answers((_, respond) => {
    const socket = respond.takeOver()
    socket.write('HTTP/1.1 200 Some')
    setImmediate(() => setImmediate(() => socket.write('thing\r\nContent-Length: 0\r\n\r\n')))
  })
  assert.equal((await rawRequest(port, GET)).statusLine, 'HTTP/1.1 200 Something')
})

test('a status that HTTP does not have is a fault of the upstream, and 502', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const status of ['000', '099', '600', '888', '999']) {
    upstream.answers({ raw: `HTTP/1.1 ${status} Odd\r\nContent-Length: 2\r\n\r\nok`, end: 'close' })
    const response = await rawRequest(port, GET)
    assert.equal(response.status, 502, status)
    assert.equal(JSON.parse(response.text).reason, 'upstream_protocol_error', status)
  }
})

test('205 is relayed without the content that it must not have', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (const answer of [
    { status: 205, body: 'form' },
    { status: 205, body: 'x'.repeat(200_000) },
    { status: 205, body: ['fo', 'rm'], framing: 'chunked' },
    { status: 205 }
  ] as const) {
    upstream.answers({ ...answer, headers: { etag: '"e"', 'content-type': 'a/b' } })
    await client.write(GET)
    const response = await client.response()
    assert.equal(response.status, 205)
    assert.equal(response.header('etag'), '"e"')
    assert.notEqual(response.framing, 'none')
    assert.equal(response.text, '')
  }
})
