import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUpstreamFault } from '@gatewright/core'
import { crlf, fakeUpstream, rawClient, rawRequest, type Script } from '@gatewright/testing'
import { assertCutOff } from '../support/cut-off.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { startOnVirtualTime } from '../support/virtual-time.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const GET = crlf`GET / HTTP/1.1
Host: a

`
const SILENT: Script = () => {}
const bounded = { timeout: 20_000 }

test(
  'an upstream that does not answer in time means 504 upstream_timeout, and the request is taken back',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, SILENT)
    const started = await startGateway(t, singlePool(upstream.url, { timeouts: { firstByte: '100ms' } }))
    const exchanges = watchExchanges(started)
    const response = await rawRequest(started.port, GET)
    assert.equal(response.status, 504)
    assert.equal(JSON.parse(response.text).reason, 'upstream_timeout')
    assert.equal(await upstream.requests[0]?.aborted, 'waiting')
    const { attempts } = await exchanges.nth(1)
    const { failure, startedAt, endedAt } = attempts[0] as (typeof attempts)[number]
    assert.equal(failure, 'upstream_timeout')
    assert.ok(endedAt - startedAt >= 100)
    assert.equal(isUpstreamFault(attempts[0] as (typeof attempts)[number]), true)
    assert.equal(inFlight(started), 0)
  }
)

test('a time limit is met to a few milliseconds, however long it is', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  const { port, pass } = await startOnVirtualTime(
    t,
    singlePool(upstream.url, {
      timeouts: { firstByte: '1500ms' },
      // The time is looked at every second, which is too seldom.
      connections: { queueTimeout: '1s' }
    })
  )
  const response = rawRequest(port, GET)
  await upstream.request(1)
  await pass(1_001)
  await pass(510)
  assert.equal((await response).status, 504)
})

test('the time limit for the head begins when the body has been received', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const { port, pass } = await startOnVirtualTime(
    t,
    singlePool(upstream.url, { timeouts: { firstByte: '2s', requestIdle: '10s' } })
  )
  const client = await rawClient(port, { t })
  await client.write('POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 4\r\n\r\nab')
  const { request, respond } = await held
  await request.received(2)
  await pass(5_000)
  await client.write('cd')
  await request.finished
  await pass(1_500)
  await respond.answer({ body: 'in time' })
  assert.equal((await client.response()).text, 'in time')
})

test(
  'an upstream that falls silent within the body is cut off with upstream_idle_timeout',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, (_request, respond) => void respond.stream().write('hello'))
    const started = await startGateway(t, singlePool(upstream.url, { timeouts: { idle: '100ms' } }))
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(GET)
    const response = await client.response()
    assertCutOff(response)
    assert.equal(response.text, 'hello')
    await client.closed
    assert.equal(await upstream.requests[0]?.aborted, 'response')
    const exchange = await exchanges.nth(1)
    assert.equal(exchange.reason, 'upstream_idle_timeout')
    assert.equal(exchange.attempts[0]?.failure, 'upstream_idle_timeout')
    assert.equal(inFlight(started), 0)
  }
)

test('pieces that keep coming put the idle limit off', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const { port, pass } = await startOnVirtualTime(t, singlePool(upstream.url, { timeouts: { idle: '1s' } }))
  const client = await rawClient(port, { t })
  await client.write(GET)
  const stream = (await held).respond.stream()
  for (const piece of ['one', 'two', 'three', 'four']) {
    await stream.write(piece)
    await client.until(piece)
    await pass(700)
  }
  await stream.end()
  const response = await client.response()
  assert.equal(response.complete, true)
  assert.equal(response.text, 'onetwothreefour')
})

test('a client that stops sending its body gets 408, and the upstream is not blamed', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, singlePool(upstream.url, { timeouts: { requestIdle: '100ms' } }))
  const exchanges = watchExchanges(started)
  const client = await rawClient(started.port, { t })
  await client.write('POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 9\r\n\r\nabc')
  const response = await client.response()
  assert.equal(response.status, 408)
  assert.equal(JSON.parse(response.text).reason, 'request_timeout')
  assert.equal(await upstream.requests[0]?.aborted, 'request')
  const { attempts } = await exchanges.nth(1)
  assert.equal(isUpstreamFault(attempts[0] as (typeof attempts)[number]), false)
  assert.equal(inFlight(started), 0)
})

test('an upstream that stops taking the body means 504 upstream_timeout', bounded, async (t) => {
  const upstream = await fakeUpstream(t, (request) => request.pause())
  const started = await startGateway(
    t,
    singlePool(upstream.url, { timeouts: { idle: '100ms', requestIdle: '10s' } }, { bodyLimit: false })
  )
  const exchanges = watchExchanges(started)
  const client = await rawClient(started.port, { t })
  const size = 64 * 1024 * 1024
  void client.write(`POST / HTTP/1.1\r\nHost: a\r\ncontent-length: ${size}\r\n\r\n`)
  void client.write(Buffer.alloc(size))
  const response = await client.response()
  assert.equal(JSON.parse(response.text).reason, 'upstream_timeout')
  const { attempts } = await exchanges.nth(1)
  assert.equal(isUpstreamFault(attempts[0] as (typeof attempts)[number]), true)
  assert.equal(inFlight(started), 0)
})

test('the total time limit before the head means 504 deadline_exceeded', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  const started = await startGateway(t, singlePool(upstream.url, {}, { timeout: '100ms' }))
  const exchanges = watchExchanges(started)
  const response = await rawRequest(started.port, GET)
  assert.equal(response.status, 504)
  assert.equal(JSON.parse(response.text).reason, 'deadline_exceeded')
  assert.equal(await upstream.requests[0]?.aborted, 'waiting')
  const { startedAt, endedAt } = await exchanges.nth(1)
  assert.ok(endedAt - startedAt >= 100)
  assert.equal(inFlight(started), 0)
})

test('the total time limit after the head cuts the answer off', bounded, async (t) => {
  const upstream = await fakeUpstream(t, (_request, respond) => void respond.stream().write('hello'))
  const started = await startGateway(t, singlePool(upstream.url, {}, { timeout: '100ms' }))
  const exchanges = watchExchanges(started)
  const client = await rawClient(started.port, { t })
  await client.write(GET)
  assertCutOff(await client.response())
  await client.closed
  assert.equal(await upstream.requests[0]?.aborted, 'response')
  assert.equal((await exchanges.nth(1)).reason, 'deadline_exceeded')
  assert.equal(inFlight(started), 0)
})

test('server-sent events outlive the total time limit once they flow', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const { port, pass } = await startOnVirtualTime(t, singlePool(upstream.url, {}, { timeout: '1s' }))
  const client = await rawClient(port, { t })
  await client.write(GET)
  const events = (await held).respond.stream({
    headers: { 'content-type': 'text/event-stream; charset=utf-8' }
  })
  await events.write('data: one\n\n')
  await client.until('one')
  await pass(5_000)
  await events.write('data: two\n\n')
  await client.until('two')
  await events.end()
  const response = await client.response()
  assert.equal(response.complete, true)
  assert.equal(response.text, 'data: one\n\ndata: two\n\n')
})

test('any other stream does not', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const { port, pass } = await startOnVirtualTime(t, singlePool(upstream.url, {}, { timeout: '1s' }))
  const client = await rawClient(port, { t })
  await client.write(GET)
  await (await held).respond.stream({ headers: { 'content-type': 'text/plain' } }).write('one')
  await client.until('one')
  await pass(5_000)
  assertCutOff(await client.response())
})

test('server-sent events must begin within the total time limit', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  const { port, pass } = await startOnVirtualTime(t, singlePool(upstream.url, {}, { timeout: '1s' }))
  const response = rawRequest(port, GET)
  await upstream.request(1)
  await pass(1_010)
  assert.equal((await response).status, 504)
})

test('server-sent events that fall silent are cut off by the idle limit', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const { port, pass } = await startOnVirtualTime(t, singlePool(upstream.url, { timeouts: { idle: '1s' } }))
  const client = await rawClient(port, { t })
  await client.write(GET)
  await (await held).respond.stream({ headers: { 'content-type': 'text/event-stream' } }).write('data: 1\n\n')
  await client.until('data')
  await pass(1_010)
  assertCutOff(await client.response())
})

test(
  'the nearest time limit wins, key by key: pool, then policies left to right, then route',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, SILENT)
    const started = await startOnVirtualTime(t, {
      pools: { upstream: { endpoints: [upstream.url], timeouts: { firstByte: '1s' } } },
      policies: {
        patient: { timeouts: { firstByte: '5s' } },
        lenient: { timeouts: { firstByte: '3s' } },
        unrelated: { timeouts: { idle: '7s' }, timeout: '9s' }
      },
      routes: [
        { path: '/pool', pool: 'upstream' },
        { path: '/policy', pool: 'upstream', use: ['lenient', 'patient'] },
        { path: '/last-policy', pool: 'upstream', use: ['patient', 'lenient'] },
        { path: '/other-keys', pool: 'upstream', use: ['unrelated'] },
        { path: '/route', pool: 'upstream', use: ['patient'], timeouts: { firstByte: '2s' } },
        { path: '/total', pool: 'upstream', use: ['patient'], timeout: '4s' }
      ]
    })
    const exchanges = watchExchanges(started)
    const over = (): string[] => exchanges.all.map(({ path }) => path).filter((path) => path !== '/tick')
    const paths = ['/pool', '/policy', '/last-policy', '/other-keys', '/route', '/total']
    const responses = paths.map((path) => rawRequest(started.port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`))
    await upstream.request(paths.length)

    await started.pass(1_010)
    await Promise.all([responses[0], responses[3]])
    assert.deepEqual(over().sort(), ['/other-keys', '/pool'])
    for (const path of ['/route', '/last-policy', '/total', '/policy']) {
      await started.pass(1_010)
      await responses[paths.indexOf(path)]
      assert.equal(over().at(-1), path)
    }
    assert.equal(over().length, paths.length)
  }
)

test('a retry after a time limit waits as long as its policy says', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  upstream.next(SILENT)
  const started = await startOnVirtualTime(t, singlePool(upstream.url, { timeouts: { firstByte: '900ms' } }))
  started.gateway.app.gateway.snapshot.stages.retry = {
    decide: ({ number }, { path }) => (path === '/' && number === 1 ? 50 : null)
  }
  const response = rawRequest(started.port, GET)
  await upstream.request(1)
  await started.pass(910)
  await started.pass(60)
  assert.equal((await response).status, 200)
  assert.equal(upstream.requests.length, 2)
})
