import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig, RouteConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, rawClient } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }

interface Limited extends StartedGateway {
  readonly upstream: FakeUpstream
}

async function limited(
  t: TestContext,
  route: Omit<RouteConfig, 'path'>,
  more: Partial<GatewayServerConfig> = {}
): Promise<Limited> {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'upstream', ...route }],
    ...more
  })
  return { ...started, upstream }
}

function reasonOf(answer: Response): Promise<string> {
  return answer.json().then((body) => (body as { reason: string }).reason)
}

function limitsOf({ gateway }: Limited) {
  return gateway.app.overload.state().limits
}

test(
  'beyond the limit and its line a request is refused at once, and the others are served',
  bounded,
  async (t) => {
    const running = await limited(t, { concurrency: { max: 1, maxQueue: 1 } })
    const held = running.upstream.hold()
    const first = fetch(`${running.url}/1`)
    const { respond } = await held
    const second = fetch(`${running.url}/2`)
    await until(() => limitsOf(running)[0]?.waiting === 1)
    const third = await fetch(`${running.url}/3`)
    assert.deepEqual(
      [third.status, third.headers.get('retry-after'), await reasonOf(third)],
      [503, '1', 'overloaded']
    )
    await respond.answer({ body: 'one' })
    assert.equal((await first).status, 200)
    assert.equal((await second).status, 200)
    assert.deepEqual(
      running.upstream.requests.map(({ target }) => target),
      ['/1', '/2']
    )
    await until(() => limitsOf(running)[0]?.running === 0)
  }
)

test('a wait that is too long ends in 503 queue_timeout', bounded, async (t) => {
  const running = await limited(t, { concurrency: { max: 1, maxQueue: 1, queueTimeout: '50ms' } })
  const held = running.upstream.hold()
  const first = fetch(`${running.url}/1`)
  const { respond } = await held
  const second = await fetch(`${running.url}/2`)
  assert.deepEqual([second.status, await reasonOf(second)], [503, 'queue_timeout'])
  await respond.answer({})
  assert.equal((await first).status, 200)
})

test('a client that leaves gives up its place in the line', bounded, async (t) => {
  const running = await limited(t, { concurrency: { max: 1, maxQueue: 1 } })
  const held = running.upstream.hold()
  const first = fetch(`${running.url}/1`)
  const { respond } = await held
  const client = await rawClient(running.port, { t })
  await client.write('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => limitsOf(running)[0]?.waiting === 1)
  client.reset()
  await until(() => limitsOf(running)[0]?.waiting === 0)
  await respond.answer({})
  assert.equal((await first).status, 200)
  assert.equal(running.upstream.requests.length, 1)
})

test('the limits of a route and of its pool both hold', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, {
    pools: { upstream: { endpoints: [upstream.url], concurrency: { max: 2 } } },
    routes: [
      { path: '/a', pool: 'upstream', concurrency: { max: 1 } },
      { path: '/*', pool: 'upstream' }
    ]
  })
  const one = upstream.hold()
  const a = fetch(`${started.url}/a`)
  const first = await one
  assert.equal((await fetch(`${started.url}/a`)).status, 503)
  const two = upstream.hold()
  const b = fetch(`${started.url}/b`)
  const second = await two
  assert.equal((await fetch(`${started.url}/c`)).status, 503)
  await first.respond.answer({})
  await second.respond.answer({})
  assert.deepEqual([(await a).status, (await b).status], [200, 200])
  await until(() => started.gateway.app.overload.state().limits.every(({ running }) => running === 0))
  assert.equal((await fetch(`${started.url}/c`)).status, 200)
})

for (const [what, level, owner] of [
  ['a route', { concurrency: { max: 1 } }, "route '/*'"],
  ['a pool', {}, "pool 'upstream'"]
] as const)
  test(
    `the limit of ${what} that refuses a request is named in the event and in the log`,
    bounded,
    async (t) => {
      const upstream = await fakeUpstream(t)
      const lines: string[] = []
      const limits = what === 'a pool' ? { concurrency: { max: 1 } } : {}
      const { gateway, url } = await startGateway(t, {
        pools: { upstream: { endpoints: [upstream.url], ...limits } },
        routes: [{ path: '/*', pool: 'upstream', ...level }],
        accessLog: { destination: { write: (line: string) => lines.push(line) } }
      })
      const told: string[] = []
      gateway.app.gateway.events.on('rejected', ({ because }) => told.push(because))
      const held = upstream.hold()
      const first = fetch(`${url}/1`)
      const { respond } = await held
      assert.equal((await fetch(`${url}/2`)).status, 503)
      await respond.answer({ body: 'one' })
      assert.equal((await first).status, 200)
      assert.deepEqual(told, [`${owner}: 1 run, 0 wait`])
      await until(() => lines.length === 2)
      assert.equal(JSON.parse(lines[0] as string).detail, `${owner}: 1 run, 0 wait`)
    }
  )

test('an answer that streams holds its place to its end', bounded, async (t) => {
  const running = await limited(t, { concurrency: { max: 1 } })
  const held = running.upstream.hold()
  const client = await rawClient(running.port, { t })
  await client.write('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n')
  const { respond } = await held
  const stream = await respond.stream({ headers: { 'content-type': 'text/plain' } })
  await stream.write('a')
  await client.head()
  assert.equal((await fetch(`${running.url}/x`)).status, 503)
  await stream.end()
  await until(() => limitsOf(running)[0]?.running === 0)
  assert.equal((await fetch(`${running.url}/x`)).status, 200)
})

test(
  'an answer that streams holds no place of a limit that finds itself, but one of `max`',
  bounded,
  async (t) => {
    for (const max of [undefined, 2]) {
      const running = await limited(t, {
        concurrency: { adaptive: { min: 1, initial: 1 }, ...(max === undefined ? {} : { max }) }
      })
      const streams = []
      for (let n = 0; n < 2; n++) {
        const held = running.upstream.hold()
        const client = await rawClient(running.port, { t })
        await client.write('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n')
        const { respond } = await held
        streams.push(await respond.stream({ headers: { 'content-type': 'text/event-stream' } }))
        await client.head()
      }
      assert.equal(limitsOf(running)[0]?.running, 0)
      assert.equal((await fetch(`${running.url}/x`)).status, max === undefined ? 200 : 503)
      for (const stream of streams) await stream.end()
    }
  }
)

test('when the last byte of a body has come is known before the answer is', bounded, async (t) => {
  const running = await limited(t, { concurrency: { adaptive: true } })
  const exchanges = watchExchanges(running)
  const held = running.upstream.hold()
  const client = await rawClient(running.port, { t })
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na')
  await until(() => running.gateway.app.gateway.pool('upstream').endpoints[0]?.inFlight === 1)
  const inTheMiddle = running.gateway.app.gateway.clock()
  await client.write('b')
  await (await held).respond.answer({})
  await client.response()
  const { bodyEndedAt, attempts } = await exchanges.nth(1)
  assert.ok(bodyEndedAt >= inTheMiddle && bodyEndedAt <= (attempts[0]?.headAt as number))
})

test('the body of a request that waits is not read', bounded, async (t) => {
  const running = await limited(t, { concurrency: { max: 1, maxQueue: 1 } })
  const held = running.upstream.hold()
  const first = fetch(`${running.url}/1`)
  const { respond } = await held
  const client = await rawClient(running.port, { t })
  await client.write('POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello')
  await until(() => limitsOf(running)[0]?.waiting === 1)
  await respond.answer({})
  assert.equal((await client.response()).status, 200)
  assert.equal(running.upstream.requests[1]?.body.toString(), 'hello')
  await first
})

test('observing refuses nobody, but tells', bounded, async (t) => {
  const running = await limited(t, { concurrency: { max: 1, mode: 'observe' } })
  const told: string[] = []
  running.gateway.app.gateway.events.on('observed', ({ reason }) => void told.push(String(reason)))
  const held = running.upstream.hold()
  const first = fetch(`${running.url}/1`)
  const { respond } = await held
  assert.equal((await fetch(`${running.url}/2`)).status, 200)
  await respond.answer({})
  await first
  assert.deepEqual(told, ['overloaded'])
  await until(() => limitsOf(running)[0]?.running === 0)
})

test(
  'while the process is short of memory only what is critical is let in, and probes are answered',
  bounded,
  async (t) => {
    const running = await limited(
      t,
      {},
      {
        pools: { upstream: { endpoints: ['http://127.0.0.1:1'] } },
        routes: [
          { path: '/critical', importance: 'critical', respond: { body: 'in' } },
          { path: '/*', respond: { body: 'in' } }
        ],
        overload: { maxHeapPercent: 0.001, sampleInterval: '10ms', retryAfter: '7s' },
        probes: { port: 0, host: '127.0.0.1' }
      }
    )
    await until(() => running.gateway.app.overload.state().signals.heap > 0)
    const refused = await fetch(`${running.url}/x`)
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '7'])
    assert.equal((await fetch(`${running.url}/critical`)).status, 200)
    assert.equal((await fetch(`http://127.0.0.1:${running.gateway.probePort}/ready`)).status, 200)
  }
)
