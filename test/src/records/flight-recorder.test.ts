import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, gate, rawClient, type Script } from '@gatewright/testing'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }
const CLOSED = 'http://127.0.0.1:1'
const SILENT: Script = () => {}

interface Recorded extends StartedGateway {
  /** Sends a request with this id, waits until it is over, and asks why. Times and dates are made alike. */
  tell(id: string, path?: string): Promise<string[]>
  /** Why, for the `n`th exchange to end. */
  nth(n: number, id: string): Promise<string[]>
}

async function recorded(t: TestContext, config: GatewayServerConfig): Promise<Recorded> {
  const started = await startGateway(t, { flightRecorder: true, trustedProxies: ['127.0.0.1'], ...config })
  const exchanges = watchExchanges(started)
  let sent = 0
  async function nth(n: number, id: string): Promise<string[]> {
    await exchanges.nth(n)
    return alike(started.gateway.why(id))
  }
  return {
    ...started,
    nth,
    async tell(id, path = '/users/7') {
      const answer = await fetch(`${started.url}${path}`, { headers: { 'x-request-id': id } })
      await answer.text()
      return nth(++sent, id)
    }
  }
}

function alike(story: string): string[] {
  return story
    .replaceAll(/\d+\.\d ms/g, '# ms')
    .replaceAll(/\d ms backoff/g, '# ms backoff')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<date>')
    .split('\n')
}

const FROM = 'From 127.0.0.1 for host 127.0.0.1: 0 bytes received'
const PHASES = '(queue # ms, connect # ms, first byte # ms)'

function users(endpoints: string[], more: object = {}, route: object = {}): GatewayServerConfig {
  return {
    pools: { users: { endpoints, balancing: 'first', ...more } },
    policies: { quick: { timeout: '5s' } },
    routes: [{ id: 'users', path: '/users/*', pool: 'users', use: ['quick'], ...route }]
  }
}

test('why a request went well', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { tell } = await recorded(t, users([upstream.url], { circuitBreaker: true }))
  assert.deepEqual(await tell('r-1'), [
    'GET /users/7 → 200 after # ms (request r-1, <date>)',
    `${FROM}, 2 bytes sent.`,
    'Route users (/users/*) → pool users, with quick.',
    `  +# ms attempt 1 at ${upstream.url} answered 200 after # ms ${PHASES}`,
    'The breaker asked last was closed.',
    'It had to be over within # ms.'
  ])
})

test('why a request went well the second time', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { tell } = await recorded(t, users([CLOSED, upstream.url], { retry: {} }))
  const [outcome, , , first, retry, second] = await tell('r-1')
  assert.equal(outcome, 'GET /users/7 → 200 after # ms (request r-1, <date>)')
  assert.match(
    first ?? '',
    /^ {2}\+# ms attempt 1 at http:\/\/127\.0\.0\.1:1 failed: upstream_connect_failed after # ms \(queue # ms, connect # ms\): connect ECONNREFUSED/
  )
  assert.match(retry ?? '', /^ {2}\+# ms retry after \d*# ms backoff$/)
  assert.equal(second, `  +# ms attempt 2 at ${upstream.url} answered 200 after # ms ${PHASES}`)
})

test('why all attempts failed, and how the pool stood then', bounded, async (t) => {
  const upstream = await fakeUpstream(t, (_request, respond) => respond.reset())
  const recorder = await recorded(t, users([CLOSED, upstream.url], { retry: {} }))
  recorder.gateway.app.gateway.pool('users').setWeight(upstream.url, 5)
  const lines = await recorder.tell('r-1')
  assert.match(lines[0] ?? '', /^GET \/users\/7 → 502 upstream_reset after # ms/)
  assert.ok(lines.includes('  +# ms no retry: all attempts were made'))
  assert.match(lines.find((line) => line.includes('attempt 2')) ?? '', /failed: upstream_reset after # ms/)
  assert.match(lines.find((line) => line.startsWith('Behind it:')) ?? '', /ECONNRESET|socket|closed/)
  assert.deepEqual(lines.slice(-3), [
    'Endpoints of pool users then:',
    `  ${CLOSED} health unknown, weight 1, 0 in flight`,
    `  ${upstream.url} health unknown, weight 5, 0 in flight`
  ])
})

test('why a request timed out', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  const { tell } = await recorded(t, users([upstream.url], {}, { timeouts: { firstByte: '20ms' } }))
  const lines = await tell('r-1')
  assert.match(lines[0] ?? '', /→ 504 upstream_timeout after # ms/)
  assert.equal(
    lines[3],
    `  +# ms attempt 1 at ${upstream.url} failed: upstream_timeout after # ms (queue # ms, connect # ms)`
  )
})

test('why there were two attempts beside each other', bounded, async (t) => {
  const slow = await fakeUpstream(t, SILENT)
  const quick = await fakeUpstream(t)
  const { tell } = await recorded(t, users([slow.url, quick.url], {}, { hedge: { after: '20ms' } }))
  const lines = await tell('r-1')
  const course = lines.filter((line) => line.startsWith('  '))
  assert.deepEqual(
    course.toSorted(),
    [
      `  +# ms attempt 1 at ${slow.url} was given up after # ms (queue # ms, connect # ms)`,
      `  +# ms attempt 2, a hedge, at ${quick.url} answered 200 after # ms ${PHASES}`,
      '  +# ms hedge: no response yet, so a second attempt starts in parallel',
      '  +# ms the response of the hedge is used'
    ].toSorted()
  )
})

test('why a breaker let nobody in, and which request opened it', bounded, async (t) => {
  const upstream = await fakeUpstream(t, { status: 500 })
  const { tell, gateway } = await recorded(t, users([upstream.url], { circuitBreaker: { minRequests: 2 } }))
  await tell('r-1')
  const opener = await tell('r-2')
  assert.ok(
    opener.includes('  +# ms breaker of pool users: closed → open: 2 of 2 attempts within 10 s failed'),
    opener.join('\n')
  )
  const refused = await tell('r-3')
  assert.match(refused[0] ?? '', /^GET \/users\/7 → 503 circuit_open after # ms/)
  assert.ok(refused.includes("Behind it: pool 'users'"))
  assert.ok(refused.includes('The breaker asked last was open.'))
  assert.equal(refused.filter((line) => line.includes('attempt')).length, 0)
  assert.deepEqual(
    gateway.app.flightRecorder.failures().map(({ requestId }) => requestId),
    ['r-3', 'r-2', 'r-1']
  )
})

test('a success that opened a breaker is kept among the failures', bounded, async (t) => {
  const broken = await fakeUpstream(t, { status: 503 })
  const working = await fakeUpstream(t)
  const circuitBreaker = { minRequests: 1, errorThresholdPercent: 1, mode: 'observe' } as const
  const config = users([broken.url, working.url], { retry: {}, circuitBreaker })
  const { tell, gateway } = await recorded(t, config)
  const [outcome] = await tell('r-1')
  assert.match(outcome ?? '', /→ 200 /)
  await tell('r-2')
  assert.deepEqual(
    gateway.app.flightRecorder.failures().map(({ requestId }) => requestId),
    ['r-1']
  )
})

test('why there was no route, and why a path was refused', bounded, async (t) => {
  const recorder = await recorded(t, users([CLOSED]))
  const lost = await recorder.tell('r-1', '/orders')
  assert.match(lost[0] ?? '', /^GET \/orders → 404 route_not_found after # ms/)
  assert.equal(lost[2], 'No route was matched.')
  const client = await rawClient(recorder.port, { t })
  await client.write('GET /a/../b HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-2\r\n\r\n')
  await client.response()
  const refused = await recorder.nth(2, 'r-2')
  assert.match(refused[0] ?? '', /→ 400 path_rejected after # ms/)
  assert.match(refused.at(-1) ?? '', /^Behind it: '\/a\/\.\.\/b' must/)
})

test('why a request was not let in', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  const config = users([upstream.url], {}, { concurrency: { max: 1, maxQueue: 0 } })
  const recorder = await recorded(t, config)
  const client = await rawClient(recorder.port, { t })
  await client.write('GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n')
  await upstream.request(1)
  const lines = await recorder.tell('r-2')
  assert.match(lines[0] ?? '', /→ 503 overloaded after # ms/)
  assert.match(lines.join('\n'), /\n {2}\+# ms not let in: overloaded \(.+\)\n/)
})

test('why a client that left got nothing', bounded, async (t) => {
  const upstream = await fakeUpstream(t, SILENT)
  const recorder = await recorded(t, users([upstream.url]))
  const client = await rawClient(recorder.port, { t })
  await client.write('GET /users/1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-1\r\n\r\n')
  await upstream.request(1)
  assert.match(recorder.gateway.why('r-1'), /^Request r-1 is not kept: .* once they are over\. None was/)
  client.close()
  const lines = await recorder.nth(1, 'r-1')
  assert.match(lines[0] ?? '', /^GET \/users\/1 → 499 client_closed after # ms/)
  assert.match(lines[3] ?? '', /attempt 1 at \S+ failed: client_closed after # ms/)
})

test('failures outlive twice as many successes as are kept', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const config = { ...users([upstream.url]), flightRecorder: { recent: 5, failures: 2 } }
  const { tell, gateway } = await recorded(t, config)
  upstream.next({ status: 500 })
  await tell('failed')
  for (let n = 0; n < 10; n++) await tell(`ok-${n}`)
  assert.match(gateway.why('failed'), /^GET \/users\/7 → 500 after/)
  assert.match(gateway.why('ok-4'), /^Request ok-4 is not kept/)
  const { flightRecorder } = gateway.app
  assert.deepEqual(flightRecorder.size, { recent: 5, failures: 1 })
  assert.deepEqual(
    flightRecorder.last(2).map(({ requestId, route, status }) => [requestId, route, status]),
    [
      ['ok-9', 'users', 200],
      ['ok-8', 'users', 200]
    ]
  )
})

test('requests beside each other do not mix', bounded, async (t) => {
  const open = gate()
  const held = await fakeUpstream(t, async (_request, respond) => {
    await open
    respond.answer({ status: 500 })
  })
  const other = await fakeUpstream(t)
  const recorder = await recorded(t, users([held.url, other.url], { retry: { statuses: [500] } }))
  const all = Promise.all(
    [1, 2, 3].map((n) => fetch(`${recorder.url}/users/${n}`, { headers: { 'x-request-id': `r-${n}` } }))
  )
  await held.request(3)
  open.open()
  for (const answer of await all) await answer.text()
  for (const n of [1, 2, 3]) {
    const lines = await recorder.nth(3, `r-${n}`)
    assert.match(lines[0] ?? '', new RegExp(`^GET /users/${n} → 200`))
    assert.equal(lines.filter((line) => line.includes('retry after')).length, 1)
    assert.equal(lines.filter((line) => line.includes('attempt ')).length, 2)
  }
})

test('without the recorder nothing is attached, and why says how to switch it on', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const plain = await startGateway(t, upstream.url)
  const { snapshot, events } = plain.gateway.app.gateway
  const { stages } = snapshot
  const recording = await startGateway(t, upstream.url, { flightRecorder: true })
  const attached = recording.gateway.app.gateway
  assert.equal(stages.exchangeObservers.length + 1, attached.snapshot.stages.exchangeObservers.length)
  assert.equal(stages.observers.length + 1, attached.snapshot.stages.observers.length)
  assert.deepEqual([events.has('rejected'), attached.events.has('rejected')], [false, true])
  assert.match(plain.gateway.why('r-1'), /^Nothing is kept: set 'flightRecorder: true'/)
  assert.deepEqual(plain.gateway.app.flightRecorder.size, { recent: 0, failures: 0 })
})

test('before the gateway is ready nothing is kept', async (t) => {
  const gateway = createGateway({ logger: false, accessLog: false, flightRecorder: true })
  t.after(() => gateway.close())
  assert.equal(gateway.why('r-1'), 'Nothing is kept: the gateway is not ready.')
  await gateway.ready()
  assert.match(gateway.why('r-1'), /^Request r-1 is not kept/)
})
