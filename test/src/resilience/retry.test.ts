import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig, PoolConfig, RouteConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, gate, rawClient, type Script } from '@gatewright/testing'
import { inFlight } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }

interface Retried extends StartedGateway {
  readonly one: FakeUpstream
  readonly two: FakeUpstream
}

const GENEROUS = { budgetMinPerSecond: 1_000, backoff: { base: '1ms' } } as const

/** A pool that tries `one` first. */
async function retried(
  t: TestContext,
  first: Script,
  route: Omit<RouteConfig, 'path'> = {},
  pool: Omit<PoolConfig, 'endpoints'> = {}
): Promise<Retried> {
  const one = await fakeUpstream(t, first)
  const two = await fakeUpstream(t, { body: 'two' })
  const config: GatewayServerConfig = {
    pools: { upstream: { endpoints: [one.url, two.url], balancing: 'first', ...pool } },
    routes: [{ path: '/*', pool: 'upstream', retry: GENEROUS, ...route }]
  }
  return { ...(await startGateway(t, config)), one, two }
}

const FAILURES: [string, Script][] = [
  ['resets the connection', { cut: 'before-head', end: 'reset' }],
  ['breaks off in its head', { cut: 'mid-head', end: 'reset' }],
  ['answers 503', { status: 503, headers: { 'x-failed': 'yes' }, body: 'no' }]
]

for (const [that, script] of FAILURES)
  test(
    `when an endpoint ${that}, another one answers, and nothing is left of the first`,
    bounded,
    async (t) => {
      const running = await retried(t, script)
      const exchanges = watchExchanges(running)
      const answer = await fetch(`${running.url}/x`)
      assert.deepEqual([answer.status, await answer.text()], [200, 'two'])
      assert.equal(answer.headers.get('x-failed'), null)
      assert.equal(running.one.requests[0]?.header('x-gw-attempt'), undefined)
      assert.equal(running.two.requests[0]?.header('x-gw-attempt'), '2')
      const exchange = await exchanges.nth(1)
      assert.equal(exchange.attempts.length, 2)
      assert.equal(exchange.reason, null)
      assert.equal(inFlight(running), 0)
    }
  )

test('what was refused is tried elsewhere, even a POST with its body', bounded, async (t) => {
  const running = await retried(t, {})
  await running.one.close()
  const answer = await fetch(`${running.url}/x`, { method: 'POST', body: 'a body' })
  assert.equal(answer.status, 200)
  assert.equal(running.two.requests[0]?.body.toString(), 'a body')
})

test('a POST of which something was sent is not sent again', bounded, async (t) => {
  const running = await retried(t, { cut: 'before-head', end: 'reset' })
  assert.equal((await fetch(`${running.url}/x`, { method: 'POST', body: 'a' })).status, 502)
  assert.equal(running.two.requests.length, 0)
})

test('unless it has an Idempotency-Key', bounded, async (t) => {
  const running = await retried(t, { cut: 'before-head', end: 'reset' })
  const headers = { 'idempotency-key': '7' }
  const answer = await fetch(`${running.url}/x`, { method: 'POST', body: 'a body', headers })
  assert.equal(answer.status, 200)
  assert.equal(running.two.requests[0]?.body.toString(), 'a body')
})

test('a body that has been sent in part is sent again from its beginning', bounded, async (t) => {
  const received = gate()
  const running = await retried(t, async (request, respond) => {
    await request.received(3)
    received.open()
    respond.answer({ cut: 'before-head', end: 'reset' })
  })
  const client = await rawClient(running.port, { t })
  await client.write('PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc')
  await received
  await client.write('def')
  assert.equal((await client.response()).status, 200)
  assert.equal(running.two.requests[0]?.body.toString(), 'abcdef')
  assert.equal(running.two.requests[0]?.header('content-length'), '6')
})

test('a chunked body is sent again too', bounded, async (t) => {
  const running = await retried(t, { status: 503 })
  const client = await rawClient(running.port, { t })
  await client.write(
    'PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n'
  )
  assert.equal((await client.response()).status, 200)
  assert.equal(running.two.requests[0]?.body.toString(), 'abcdef')
})

test('a body larger than what is kept is sent once', bounded, async (t) => {
  const running = await retried(t, { status: 503 }, { retry: { ...GENEROUS, bufferBody: '1KiB' } })
  const send = (bytes: number): Promise<Response> =>
    fetch(`${running.url}/x`, { method: 'PUT', body: 'x'.repeat(bytes) })
  assert.equal((await send(1_024)).status, 200)
  assert.equal((await send(1_025)).status, 503)
  assert.equal(running.two.requests.length, 1)
})

test('when the tries are spent, the last answer is passed on as it came', bounded, async (t) => {
  const running = await retried(t, { status: 503 })
  running.two.answers({ status: 502, headers: { 'x-from': 'two' }, body: 'last' })
  const answer = await fetch(`${running.url}/x`)
  assert.deepEqual([answer.status, answer.headers.get('x-from'), await answer.text()], [502, 'two', 'last'])
})

test('an answer that is tried again is no success for breakers, and not told as one', bounded, async (t) => {
  const running = await retried(
    t,
    { status: 429 },
    { retry: { ...GENEROUS, statuses: [429] } },
    { circuitBreaker: {} }
  )
  const told: string[] = []
  const { gateway } = running.gateway.app
  gateway.events.on('retry', ({ outcome }) => void told.push(outcome))
  const exchanges = watchExchanges(running)
  assert.equal(await (await fetch(`${running.url}/x`)).text(), 'two')
  await exchanges.nth(1)
  assert.deepEqual(told, ['again', 'success'])
  assert.deepEqual(running.gateway.app.circuitBreakers.exportState(), {
    'pool upstream': { kind: 'closed', times: 0, lastOpenMs: 0, counts: { total: 1, faults: 0, slow: 0 } }
  })
})

test('Retry-After is waited for', bounded, async (t) => {
  const running = await retried(t, { status: 503, headers: { 'retry-after': '1' } })
  const begin = performance.now()
  assert.equal((await fetch(`${running.url}/x`)).status, 200)
  assert.ok(performance.now() - begin >= 1_000)
  running.one.answers({ status: 503, headers: { 'retry-after': '2' } })
  assert.equal((await fetch(`${running.url}/x`)).status, 503)
})

test('an attempt that takes longer than timeouts.perTry is given up for another one', bounded, async (t) => {
  const running = await retried(t, () => {}, { timeouts: { perTry: '50ms' } })
  assert.equal((await fetch(`${running.url}/x`)).status, 200)
  await running.one.connectionClosed(1)
  assert.equal(inFlight(running), 0)
})

test('all attempts share one deadline, which the upstream is told', bounded, async (t) => {
  const one = await fakeUpstream(t, { status: 503 })
  const two = await fakeUpstream(t, () => {})
  const { url } = await startGateway(t, {
    deadlineHeader: 'x-request-timeout-ms',
    pools: { p: { endpoints: [one.url, two.url], balancing: 'first' } },
    routes: [{ path: '/*', pool: 'p', retry: GENEROUS, timeout: '300ms' }]
  })
  const answer = await fetch(`${url}/x`)
  assert.deepEqual(
    [answer.status, ((await answer.json()) as { reason: string }).reason],
    [504, 'deadline_exceeded']
  )
  const left = [one, two].map((upstream) => Number(upstream.requests[0]?.header('x-request-timeout-ms')))
  assert.ok(left[0] !== undefined && left[0] <= 300 && left[0] > 0)
  assert.ok(left[1] !== undefined && left[1] <= left[0])
})

test('a trusted peer’s deadline is kept, others’ are not believed', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const config = (trustedProxies: string[]): GatewayServerConfig => ({
    deadlineHeader: 'x-request-timeout-ms',
    trustedProxies,
    pools: { p: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'p', timeout: '10s' }]
  })
  const headers = { 'x-request-timeout-ms': '500' }
  const trusting = await startGateway(t, config(['127.0.0.1']))
  await fetch(trusting.url, { headers })
  const doubting = await startGateway(t, config([]))
  await fetch(doubting.url, { headers })
  const [trusted, doubted] = upstream.requests.map((request) =>
    Number(request.header('x-request-timeout-ms'))
  )
  assert.ok(trusted !== undefined && trusted <= 500)
  assert.ok(doubted !== undefined && doubted > 5_000)
})

test('with all endpoints failing there are few more attempts than requests', bounded, async (t) => {
  const running = await retried(
    t,
    { status: 503 },
    { retry: { budgetMinPerSecond: 0, backoff: { base: '1ms' } } }
  )
  running.two.answers({ status: 503 })
  for (let n = 0; n < 50; n++) assert.equal((await fetch(`${running.url}/x`)).status, 503)
  assert.equal(running.one.requests.length + running.two.requests.length, 50)
})

test('a client that leaves during the wait ends it', bounded, async (t) => {
  const running = await retried(t, { status: 503, headers: { 'retry-after': '1' } })
  const exchanges = watchExchanges(running)
  const client = await rawClient(running.port, { t })
  await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  await running.one.request(1)
  client.reset()
  const exchange = await exchanges.nth(1)
  assert.equal(exchange.reason, 'client_closed')
  assert.equal(running.two.requests.length, 0)
  assert.equal(inFlight(running), 0)
})

test('without `retry` nothing is tried again', bounded, async (t) => {
  const running = await retried(t, { status: 503 }, { retry: false })
  assert.equal((await fetch(`${running.url}/x`)).status, 503)
  assert.equal(running.two.requests.length, 0)
})
