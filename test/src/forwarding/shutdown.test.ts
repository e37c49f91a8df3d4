import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`
const bounded = { timeout: 20_000 }
const PATIENT = { shutdown: { signals: false, wait: '0ms', drain: '15s' } } as const

test(
  'a gateway that stops finishes the requests in flight and takes no new connections',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { gateway, port } = await startGateway(t, upstream.url, PATIENT)
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    await client.write(crlf`POST / HTTP/1.1\nHost: a\nContent-Length: 8\n\nhalf`)
    const { request, respond } = await held
    const closing = gateway.close()
    await assert.rejects(rawClient(port), { code: 'ECONNREFUSED' })
    await client.write('rest')
    await request.finished
    await respond.answer({ body: 'whole' })
    const response = await client.response()
    assert.equal(response.text, 'whole')
    assert.equal(response.header('connection'), 'close')
    await closing
    assert.equal(gateway.state, 'closed')
    await client.closed
    await upstream.connectionClosed(1)
  }
)

test('a gateway that stops closes idle client connections at once', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, upstream.url, PATIENT)
  const client = await rawClient(port, { t })
  await client.write(GET)
  await client.response()
  await gateway.close()
  assert.equal(await client.closed, 'end')
})

test('what is not finished within the time to drain is cut off', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, upstream.url, {
    shutdown: { signals: false, drain: '50ms' }
  })
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  const { request } = await held
  await gateway.close()
  await client.closed
  assert.equal(await request.aborted, 'waiting')
})

test('a client connection is closed after its most requests', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { server: { maxRequestsPerSocket: 2 } })
  const client = await rawClient(port, { t })
  for (const connection of ['keep-alive', 'close']) {
    await client.write(GET)
    assert.equal((await client.response()).header('connection'), connection)
  }
  await client.closed
})

test('an idle client connection is closed after keepAliveTimeout', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, { server: { keepAliveTimeout: '50ms' } })
  const client = await rawClient(port, { t })
  await client.write(GET)
  await client.response()
  assert.equal(await client.closed, 'end')
  assert.equal((await rawRequest(port, GET)).status, 200)
})

test(
  'probes answer on their own listener alone, and readiness ends before requests do',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { gateway, port } = await startGateway(t, upstream.url, {
      ...PATIENT,
      probes: { port: 0, host: '127.0.0.1' }
    })
    const probe = (path: string) =>
      rawRequest(gateway.probePort as number, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    assert.deepEqual(
      await Promise.all(['/live', '/ready', '/'].map(async (path) => (await probe(path)).status)),
      [200, 200, 404]
    )
    await rawRequest(port, crlf`GET /ready HTTP/1.1\nHost: a\n\n`)
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    await client.write(GET)
    const { respond } = await held
    void gateway.close()
    assert.deepEqual([(await probe('/live')).status, (await probe('/ready')).status], [200, 503])
    await respond.answer({ body: 'done' })
    assert.equal((await client.response()).text, 'done')
    assert.deepEqual(
      upstream.requests.map(({ target }) => target),
      ['/ready', '/']
    )
  }
)
