import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { inFlight } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`
const bounded = { timeout: 20_000 }

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
          ['X-Hint', '1']
        ]
      ],
      [103, [['link', '</b.js>; rel=preload; as=script']]]
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

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone'

test('every interim answer but 101 is relayed as it is, without what frames or routes', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const interim = [
    'HTTP/1.1 102 Still at it\r\nX-Progress: 10\r\nX-Progress: 20\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel="preload prefetch", </b.js>; rel=preload\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nX-No-Link: 1\r\n\r\n',
    'HTTP/1.1 104 Upload Resumption Supported\r\nUpload-Offset: 7\r\n\r\n',
    'HTTP/1.1 199 \r\n\r\n'
  ]
  upstream.answers({ raw: interim.join('') + OK, end: 'keep' })
  const response = await rawRequest(port, GET)
  assert.deepEqual(
    response.interim.map(({ raw }) => raw),
    interim
  )
  assert.equal(response.text, 'done')
})

test('fields of an interim answer that belong to the connection are dropped, and cost nothing', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (const dropped of [
    'Connection: close',
    'Connection: close, X-Hop\r\nX-Hop: 1',
    'Keep-Alive: timeout=5',
    'Content-Length: 10',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip',
    'Trailer: x',
    'Upgrade: y',
    'Proxy-Authenticate: Basic',
    'Alt-Svc: h3=":443"'
  ]) {
    const interim = `HTTP/1.1 103 Early Hints\r\n${dropped}\r\nLink: </a>\r\nX-Kept: 1\r\n\r\n`
    upstream.answers({ raw: interim + OK, end: 'keep' })
    await client.write(GET)
    const response = await client.response()
    assert.deepEqual(
      response.interim.map(({ headers }) => headers),
      [
        [
          ['Link', '</a>'],
          ['X-Kept', '1']
        ]
      ],
      dropped
    )
    assert.equal(response.status, 200, dropped)
    assert.equal(response.text, 'done', dropped)
  }
  assert.equal(upstream.connections.length, 1)
})

test('100 Continue that nobody has asked for is ignored', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const client = await rawClient(port, { t })
  for (const before of [
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 100 \r\nX: y\r\nConnection: close\r\n\r\n'.repeat(3)
  ])
    for (const request of [GET, crlf`POST / HTTP/1.1\nHost: a\nContent-Length: 2\n\nhi`]) {
      upstream.answers({ raw: before + OK, end: 'keep' })
      await client.write(request)
      const response = await client.response()
      assert.deepEqual(response.interim, [])
      assert.equal(response.status, 200)
      assert.equal(response.text, 'done')
    }
  assert.equal(upstream.connections.length, 1)
})

test('interim answers without end are a fault of the upstream, and 502', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const one of [
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    `HTTP/1.1 102 Processing\r\nX: ${'y'.repeat(8_000)}\r\n\r\n`
  ]) {
    upstream.answers({ raw: one.repeat(1_500) + OK, end: 'keep' })
    const response = await rawRequest(port, GET)
    assert.equal(response.status, 502)
    assert.equal(JSON.parse(response.text).reason, 'upstream_protocol_error')
    assert.ok(response.interim.length <= 1_000)
  }
})

test(
  'a client that does not read gets no more interim answers than its connection holds',
  bounded,
  async (t) => {
    const hint = `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX: ${'x'.repeat(1_000)}\r\n\r\n`
    const upstream = await fakeUpstream(t)
    const started = await startGateway(t, upstream.url)
    const { app } = started.gateway
    const accepted = once(app.server, 'connection')
    const client = await rawClient(started.port, { t })
    const [socket] = (await accepted) as [Socket]
    // Until the final answer nothing leaves it, as if the client's buffers and the kernel's were full.
    socket.cork()
    upstream.answers({ raw: hint.repeat(400) + OK, end: 'keep' })
    await client.write(GET)
    await until(() => upstream.requests.length === 1 && inFlight(started) === 0)
    assert.ok(socket.bytesWritten < socket.writableHighWaterMark + 4 * hint.length)
    const response = await client.response()
    assert.ok(response.interim.length > 0)
    assert.equal(response.text, 'done')
  }
)
