import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { inFlight, singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 30_000 }
const request = (method: string, path: string, more = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const get = (path: string): string => request('GET', path)

test(
  'one connection with a thousand pipelined requests takes one connection upstream',
  bounded,
  async (t) => {
    let running = 0
    let most = 0
    const upstream = await fakeUpstream(t, async ({ target }, respond) => {
      if (target === '/slow') most = Math.max(most, ++running)
      await respond.answer({ body: target })
      if (target === '/slow') running--
    })
    const started = await startGateway(t, singlePool(upstream.url, { connections: { max: 2, maxQueue: 0 } }))
    const client = await rawClient(started.port, { t })
    await client.write(request('GET', '/slow', `X: ${'x'.repeat(60)}\r\n`).repeat(1_200))
    const answers = (async () => {
      for (let n = 0; n < 1_200; n++) assert.equal((await client.response()).text, '/slow')
    })()
    for (let n = 0; n < 50; n++) assert.equal((await rawRequest(started.port, get('/other'))).status, 200)
    await answers
    assert.equal(most, 1)
    assert.equal(upstream.requests.length, 1_250)
  }
)

test('what a client pipelines stays with it while its first request waits', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const started = await startGateway(t, upstream.url)
  const client = await rawClient(started.port, { t })
  await client.write(get('/first'))
  const { respond } = await held
  // More than the kernel keeps of what nobody reads.
  let sent = 0
  const pump = (): void => {
    while (sent < 64 * 1024 ** 2) {
      const bytes = get(`/${'x'.repeat(1_000)}`).repeat(100)
      sent += bytes.length
      if (!client.socket.write(bytes)) return void client.socket.once('drain', pump)
    }
  }
  pump()
  for (let n = 0; n < 20; n++) assert.equal((await rawRequest(started.port, get('/other'))).status, 200)
  assert.ok(client.socket.bytesWritten - client.socket.writableLength < 32 * 1024 ** 2)
  assert.equal(started.gateway.app.gateway.inFlight, 1)
  await respond.answer({ body: 'first' })
  assert.equal((await client.response()).text, 'first')
  assert.equal((await client.response()).status, 200)
})

test(
  'more pipelined requests in one piece than fit in the line end the connection behind the last answer',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const held = upstream.hold()
    const started = await startGateway(t, upstream.url)
    const exchanges = watchExchanges(started)
    const client = await rawClient(started.port, { t })
    await client.write(get('/first'))
    const { respond } = await held
    await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_990))
    await rawRequest(started.port, get('/other'))
    await respond.answer({})
    let answers = 0
    for (;;) {
      const { headers } = { headers: await client.response() }
      answers++
      if (headers.header('connection') === 'close') break
    }
    await client.closed
    assert.ok(answers > 1 && answers <= 1_001, `${answers} answers`)
    await exchanges.nth(answers + 1)
    assert.equal(upstream.requests.length, answers + 1)
  }
)

test(
  'with pipelining 3, safe requests run beside each other and others alone, all answered in order',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const held = Array.from({ length: 6 }, () => upstream.hold())
    const started = await startGateway(t, upstream.url, { server: { pipelining: 3 } })
    const client = await rawClient(started.port, { t })
    await client.write(get('/1') + get('/2') + get('/3') + get('/4') + request('DELETE', '/5') + get('/6'))
    const [one, two, three] = await Promise.all(held.slice(0, 3))
    assert.equal(inFlight(started), 3)
    await two?.respond.answer({ body: '2' })
    await three?.respond.answer({ body: '3' })
    await until(() => inFlight(started) === 1)
    await one?.respond.answer({ body: '1' })
    for (const n of ['1', '2', '3']) assert.equal((await client.response()).text, n)
    await (await held[3])?.respond.answer({ body: '4' })
    assert.equal((await client.response()).text, '4')
    const five = await held[4]
    assert.equal(five?.request.method, 'DELETE')
    assert.equal(inFlight(started), 1)
    await five?.respond.answer({ body: '5' })
    assert.equal((await client.response()).text, '5')
    await (await held[5])?.respond.answer({ body: '6' })
    assert.equal((await client.response()).text, '6')
  }
)

test('requests that wait behind another on their connection leave with the client', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const held = upstream.hold()
  const started = await startGateway(t, upstream.url)
  const exchanges = watchExchanges(started)
  const client = await rawClient(started.port, { t })
  await client.write(
    `${get('/first')}${request('POST', '/second', 'Content-Length: 3\r\n')}abc${get('/third')}`
  )
  const { request: first } = await held
  client.reset()
  assert.equal(await first.aborted, 'waiting')
  assert.equal((await exchanges.nth(1)).reason, 'client_closed')
  assert.equal((await rawRequest(started.port, get('/other'))).status, 200)
  assert.equal((await exchanges.nth(2)).path, '/other')
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/first', '/other']
  )
})

test(
  'a pipelined request with Expect gets its 100 Continue when it is its turn, and before its answer',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t, async ({ target, finished }, respond) => {
      await finished
      await respond.answer({ body: target })
    })
    const first = upstream.hold()
    const started = await startGateway(t, upstream.url, { server: { pipelining: 3 } })
    const client = await rawClient(started.port, { t })
    await client.write(get('/first'))
    const { respond } = await first
    await client.write(
      `${request('GET', '/second', 'Expect: 100-continue\r\nContent-Length: 2\r\n')}hi${get('/third')}`
    )
    // The gateway has read it all by the time in which others are answered.
    for (let n = 0; n < 3; n++) assert.equal((await rawRequest(started.port, get('/other'))).status, 200)
    await respond.answer({ body: '/first' })
    for (const path of ['/first', '/second', '/third']) {
      const answer = await client.response()
      assert.equal(answer.text, path)
      assert.deepEqual(
        answer.interim.map(({ status }) => status),
        path === '/second' ? [100] : []
      )
    }
    assert.equal(String(upstream.requests.find(({ target }) => target === '/second')?.body), 'hi')
  }
)
