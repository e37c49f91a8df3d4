import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest, testCertificates } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET /next HTTP/1.1\nHost: example.test\n\n`
const OTHER = crlf`GET /other HTTP/1.1\nHost: a\nConnection: close\n\n`
const bounded = { timeout: 20_000 }

for (const end of ['keep', 'close'] as const)
  for (const [framing, begin, rest] of [
    ['Content-Length: 8', 'half', 'rest'],
    ['Transfer-Encoding: chunked', '4\r\nhalf\r\n', '4\r\nrest\r\n0\r\n\r\n']
  ] as const)
    test(
      `an early answer is relayed, and the client may finish its upload (${framing}, upstream: ${end})`,
      bounded,
      async (t) => {
        const upstream = await fakeUpstream(t)
        const { port } = await startGateway(t, upstream.url)
        upstream.next({ status: 401, headers: { 'www-authenticate': 'Basic' }, body: 'no', early: true, end })
        const client = await rawClient(port, { t })
        await client.write(crlf`POST /a HTTP/1.1\nHost: a\n${framing}\n\n${begin}`)
        const response = await client.response()
        assert.equal(response.status, 401)
        assert.equal(response.header('www-authenticate'), 'Basic')
        assert.equal(response.text, 'no')
        // In step or closed: never is the rest of the body taken for a request.
        await client.write(rest + GET)
        if (response.header('connection') === 'close') {
          client.end()
          await client.closed
          assert.equal(upstream.requests.length, 1)
        } else {
          assert.equal((await client.response()).text, 'ok')
          assert.equal(upstream.requests.at(-1)?.target, '/next')
        }
      }
    )

test('the rest of an upload after an early answer is not taken for a request', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  upstream.next({ status: 400, early: true, end: 'close' })
  const client = await rawClient(port, { t })
  const smuggled = crlf`GET /smuggled HTTP/1.1\nHost: a\n\n`
  await client.write(crlf`POST /a HTTP/1.1\nHost: a\nContent-Length: ${1 + smuggled.length}\n\nx`)
  assert.equal((await client.response()).status, 400)
  await client.write(smuggled)
  client.end()
  await client.closed
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/a']
  )
})

test(
  'what stands behind an upload that was answered early with Connection: close is not sent upstream',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    for (const end of ['keep', 'close'] as const)
      for (const next of [GET, crlf`POST /next HTTP/1.1\nHost: a\nContent-Length: 2\n\nhi`]) {
        const before = upstream.requests.length
        upstream.next({ status: 200, body: 'early', early: true, end })
        const client = await rawClient(port, { t })
        await client.write(crlf`POST /a HTTP/1.1\nHost: a\nContent-Length: 8\n\nhalf`)
        const answer = await client.response()
        assert.deepEqual([answer.text, answer.header('connection')], ['early', 'close'])
        await client.write(`rest${next}`)
        // The gateway has read it all by the time in which another client is answered.
        for (let n = 0; n < 3; n++) assert.equal((await rawRequest(port, OTHER)).status, 200)
        client.close()
        assert.deepEqual(
          upstream.requests.slice(before).map(({ target }) => target),
          ['/a', '/other', '/other', '/other']
        )
      }
  }
)

test('an early answer reaches a client that goes on uploading regardless', bounded, async (t) => {
  for (const [options, pool, ends] of [
    [{}, {}, ['keep', 'close', 'reset']],
    [{ tls: testCertificates.server }, { tls: { ca: testCertificates.ca } }, ['keep', 'close']]
  ] as const) {
    const upstream = await fakeUpstream(t, undefined, options)
    const { port } = await startGateway(t, singlePool(upstream.url, pool))
    for (const end of ends) {
      upstream.next({ status: 403, body: 'x'.repeat(1_000), early: true, end })
      const client = await rawClient(port, { t })
      await client.write(crlf`POST /a HTTP/1.1\nHost: a\nContent-Length: 4000000\n\n`)
      void client.write(Buffer.alloc(4_000_000))
      const response = await client.response()
      assert.equal(response.status, 403, `${upstream.url} ${end}`)
      assert.equal(response.body.length, 1_000)
      client.close()
    }
  }
})

test('an early answer that is streamed is relayed while the upload goes on', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(crlf`POST / HTTP/1.1\nHost: a\nContent-Length: 8\n\nhalf`)
  const { request, respond } = await held
  const body = respond.stream({ status: 202 })
  await body.write('begun')
  await client.until('begun')
  await client.write('rest')
  await request.finished
  await body.write('ended')
  await body.end()
  const response = await client.response()
  assert.equal(response.status, 202)
  assert.equal(response.text, 'begunended')
  assert.equal(String(request.body), 'halfrest')
})

test(
  'an upstream connection is not used again after an answer that came before the whole request',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { port } = await startGateway(t, upstream.url)
    upstream.next({ status: 401, early: true, end: 'keep' })
    const client = await rawClient(port, { t })
    await client.write(crlf`POST / HTTP/1.1\nHost: a\nContent-Length: 8\n\nhalf`)
    assert.equal((await client.response()).status, 401)
    await upstream.connectionClosed(1)
    const other = await rawClient(port, { t })
    await other.write(GET)
    assert.equal((await other.response()).text, 'ok')
    assert.equal(upstream.requests.at(-1)?.connection, 2)
  }
)
