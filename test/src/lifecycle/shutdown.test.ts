import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { occupied, PROBES, probe } from '../support/listeners.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const bounded = { timeout: 20_000 }

test('the probe listener knows /live and /ready and nothing else', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway } = await startGateway(t, upstream.url, {
    probes: PROBES,
    shutdown: { signals: false, wait: '0ms' }
  })
  assert.equal(await probe(gateway.probePort, '/live'), 200)
  assert.equal(await probe(gateway.probePort, '/ready?verbose'), 200)
  assert.equal(await probe(gateway.probePort, '/'), 404)
  assert.equal(upstream.requests.length, 0)
})

test('a gateway without probes has no probe listener, and forwards such paths', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { status: 299 })
  const { gateway, port } = await startGateway(t, upstream.url)
  assert.equal(gateway.probePort, null)
  assert.equal(await probe(port, '/ready'), 299)
})

test('the stages of a shutdown: not ready but serving, then draining, then closed', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, upstream.url, {
    probes: PROBES,
    shutdown: { signals: false, wait: '1s', drain: '15s' }
  })
  const { probePort } = gateway
  const idle = await rawClient(port, { t })
  await idle.write(GET)
  await idle.response()
  assert.equal(gateway.state, 'running')

  let closed = false
  const closing = gateway.close().then(() => {
    closed = true
  })
  assert.equal(gateway.state, 'waiting')
  assert.equal(await probe(probePort, '/ready'), 503)
  assert.equal(await probe(probePort, '/live'), 200)
  const late = await rawRequest(port, GET)
  assert.equal(late.status, 200)
  assert.equal(late.header('connection'), 'keep-alive')
  await idle.write(GET)
  assert.equal((await idle.response()).status, 200, 'an idle connection serves on')
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  const { respond } = await held
  assert.equal(gateway.state, 'waiting')

  await until(() => gateway.state === 'draining')
  assert.equal(await idle.closed, 'end')
  await assert.rejects(rawClient(port), { code: 'ECONNREFUSED' })
  assert.equal(await probe(probePort, '/live'), 200)
  assert.equal(await probe(probePort, '/ready'), 503)
  assert.equal(closed, false)
  await respond.answer({ body: 'last' })
  const response = await client.response()
  assert.equal(response.text, 'last')
  assert.equal(response.header('connection'), 'close')
  await client.closed

  await closing
  assert.equal(gateway.state, 'closed')
  await assert.rejects(rawClient(Number(probePort)), { code: 'ECONNREFUSED' })
  for (const connection of upstream.connections) await connection.closed
})

test('towards the end of the wait clients are told that their connections close', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, upstream.url, {
    shutdown: { signals: false, wait: '3s', drain: '15s' }
  })
  const kept = await rawClient(port, { t })
  await kept.write(GET)
  await kept.response()
  const closing = gateway.close()
  while ((await rawRequest(port, GET)).header('connection') !== 'close');
  assert.equal(gateway.state, 'waiting')
  await kept.write(GET)
  const last = await kept.response()
  assert.equal(last.status, 200)
  assert.equal(last.header('connection'), 'close')
  assert.equal(await kept.closed, 'end')
  assert.equal(gateway.state, 'waiting')
  await closing
})

test('a connection that becomes idle while the gateway drains is closed', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const { gateway, port } = await startGateway(t, upstream.url, {
    shutdown: { signals: false, drain: '60s' }
  })
  const client = await rawClient(port, { t })
  await client.write(GET)
  // Its head has gone out, without `connection: close`, before the gateway stops.
  const stream = (await held).respond.stream()
  await stream.write('begun ')
  await client.until('begun')
  const closing = gateway.close()
  await until(() => gateway.state === 'draining')
  await stream.write('before')
  await stream.end()
  const response = await client.response()
  assert.equal(response.text, 'begun before')
  assert.equal(await client.closed, 'end')
  await closing
})

test('streams that never end are cut off after the time to drain, and counted out', bounded, async (t) => {
  const upstream = await fakeUpstream(t, (_request, respond) => {
    void respond.stream({ headers: { 'content-type': 'text/event-stream' } }).write('data: 1\n\n')
  })
  const started = await startGateway(t, upstream.url, { shutdown: { signals: false, drain: '100ms' } })
  const clients = await Promise.all(Array.from({ length: 5 }, () => rawClient(started.port, { t })))
  for (const client of clients) {
    await client.write(GET)
    await client.until('data: 1')
  }
  const beginning = performance.now()
  await started.gateway.close()
  const tookMs = performance.now() - beginning
  assert.ok(tookMs >= 99 && tookMs < 2_500, `${tookMs} ms`)
  for (const client of clients) assert.equal((await client.response()).complete, false)
  for (const { aborted } of upstream.requests) assert.equal(await aborted, 'response')
  assert.equal(inFlight(started), 0)
})

test('closing twice is closing once', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, upstream.url, {
    shutdown: { signals: false, drain: '15s' }
  })
  const held = upstream.hold()
  const response = rawRequest(port, GET)
  const { respond } = await held
  const [first, second] = [gateway.close(), gateway.close()]
  await respond.answer({ body: 'done' })
  assert.equal((await response).text, 'done')
  await Promise.all([first, second])
  await gateway.close()
  assert.equal(gateway.state, 'closed')
})

test('a gateway can be closed before it listens, and does not listen then', bounded, async () => {
  const gateway = createGateway({ logger: false, shutdown: { signals: false } }).route(
    '/*',
    'http://127.0.0.1:1'
  )
  await gateway.close()
  assert.equal(gateway.state, 'closed')
  await assert.rejects(gateway.listen({ port: 0, host: '127.0.0.1' }))
})

test('a gateway that was only injected into closes with its upstream connections', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const config = { ...singlePool(upstream.url), logger: false, accessLog: false }
  const gateway = createGateway(config)
  assert.equal((await gateway.inject('/')).statusCode, 200)
  assert.equal(upstream.connections.length, 1)
  await gateway.close()
  await upstream.connectionClosed(1)
})

test('a gateway that listens on a busy port rejects, and nothing of it stays open', bounded, async (t) => {
  const free = await fakeUpstream(null)
  await free.close()
  const gateway = createGateway({
    logger: false,
    accessLog: false,
    probes: { port: free.port, host: '127.0.0.1' }
  })
  const signals = process.listenerCount('SIGTERM')
  await assert.rejects(gateway.listen({ port: await occupied(t), host: '127.0.0.1' }), {
    code: 'EADDRINUSE'
  })
  await assert.rejects(rawClient(free.port), { code: 'ECONNREFUSED' })
  assert.equal(process.listenerCount('SIGTERM'), signals)
  await gateway.close()
})

test('a gateway whose probe port is busy rejects and does not listen', bounded, async (t) => {
  const probes = { port: await occupied(t), host: '127.0.0.1' }
  const gateway = createGateway({ logger: false, accessLog: false, probes })
  await assert.rejects(gateway.listen({ port: 0, host: '127.0.0.1' }), { code: 'EADDRINUSE' })
  assert.equal(gateway.app.server.listening, false)
  await gateway.close()
})
