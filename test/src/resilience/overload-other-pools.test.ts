import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PoolConfig, RouteConfig } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, rawClient } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }
const SECRET = '0123456789abcdef0123456789abcdef'
const DEAD = 'http://127.0.0.1:1'

interface TwoPools extends StartedGateway {
  /** Of the pool that requests fall back to. */
  readonly upstream: FakeUpstream
}

/** Every request falls back from a pool that refuses connections to one with limits. */
async function twoPools(
  t: TestContext,
  other: Partial<PoolConfig>,
  first: Partial<PoolConfig> = {},
  route: Partial<RouteConfig> = {}
): Promise<TwoPools> {
  const upstream = await fakeUpstream(t)
  const started = await startGateway(t, {
    pools: {
      first: { endpoints: [DEAD], outlierDetection: false, ...first },
      other: { endpoints: [upstream.url], ...other }
    },
    routes: [{ path: '/*', pool: 'first', fallback: { pool: 'other' }, ...route }]
  } as Parameters<typeof startGateway>[1])
  return { ...started, upstream }
}

function limitOf({ gateway }: StartedGateway, key: string): { running: number; waiting: number } {
  const found = gateway.app.overload.state().limits.find((limit) => limit.key === key)
  if (found === undefined) throw new Error(`no limit '${key}'`)
  return found
}

async function reasonOf(answer: Response): Promise<[number, string]> {
  return [answer.status, ((await answer.json()) as { reason: string }).reason]
}

test('a fallback pool gets no more requests at one time than its own limit', bounded, async (t) => {
  const running = await twoPools(t, { concurrency: { max: 1 } }, { concurrency: { max: 5 } })
  const held = running.upstream.hold()
  const first = fetch(`${running.url}/1`)
  const { respond } = await held
  assert.deepEqual(
    [limitOf(running, 'pool first').running, limitOf(running, 'pool other').running],
    [0, 1],
    'the place in the first pool is given back'
  )
  assert.deepEqual(await reasonOf(await fetch(`${running.url}/2`)), [503, 'overloaded'])
  await respond.answer({})
  assert.equal((await first).status, 200)
  await until(() => limitOf(running, 'pool other').running === 0)
  assert.equal((await fetch(`${running.url}/3`)).status, 200)
  assert.equal(running.upstream.requests.length, 2)
})

test('a request waits for its fallback pool as for any other', bounded, async (t) => {
  const running = await twoPools(t, { concurrency: { max: 1, maxQueue: 5 } })
  const held = running.upstream.hold()
  const first = fetch(`${running.url}/1`)
  const { respond } = await held
  const second = fetch(`${running.url}/2`, { method: 'POST', body: 'hello' })
  await until(() => limitOf(running, 'pool other').waiting === 1)
  await respond.answer({})
  assert.deepEqual([(await first).status, (await second).status], [200, 200])
  assert.equal(running.upstream.requests[1]?.body.toString(), 'hello')
})

test(
  'while a request waits for its fallback pool its client may leave and its time may end',
  bounded,
  async (t) => {
    const running = await twoPools(
      t,
      { concurrency: { max: 1, maxQueue: 5, queueTimeout: '15s' } },
      {},
      { timeouts: { total: '500ms' } }
    )
    const exchanges = watchExchanges(running)
    const held = running.upstream.hold()
    const client = await rawClient(running.port, { t })
    await client.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n')
    const { respond } = await held
    await (await respond.stream({ headers: { 'content-type': 'text/event-stream' } })).write('a')
    await client.head()
    assert.deepEqual(await reasonOf(await fetch(`${running.url}/2`)), [504, 'deadline_exceeded'])
    const leaving = await rawClient(running.port, { t })
    await leaving.write('GET /3 HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => limitOf(running, 'pool other').waiting === 1)
    leaving.reset()
    const { reason, attempts } = await exchanges.nth(2)
    assert.deepEqual([reason, attempts.length], ['client_closed', 1])
    await until(() => limitOf(running, 'pool other').waiting === 0)
    client.reset()
    await until(() => limitOf(running, 'pool other').running === 0)
    assert.equal(running.upstream.requests.length, 1)
  }
)

test(
  'a pool that a hook has set lets in as many as it may, and the one before gets its place back',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const started = await startGateway(t, {
      pools: {
        first: { endpoints: [DEAD], concurrency: { max: 1 } },
        other: { endpoints: [upstream.url], concurrency: { max: 2 } }
      },
      routes: [
        {
          path: '/*',
          pool: 'first',
          hooks: {
            async preHandler({ exchange, server }) {
              if (exchange !== null) exchange.pool = server.gateway.pool('other')
            }
          }
        }
      ]
    })
    const held = [upstream.hold(), upstream.hold()]
    const answers = [fetch(`${started.url}/1`)]
    const one = await (held[0] as (typeof held)[number])
    answers.push(fetch(`${started.url}/2`))
    const two = await (held[1] as (typeof held)[number])
    assert.deepEqual([limitOf(started, 'pool first').running, limitOf(started, 'pool other').running], [0, 2])
    assert.deepEqual(await reasonOf(await fetch(`${started.url}/3`)), [503, 'overloaded'])
    await one.respond.answer({})
    await two.respond.answer({})
    for (const answer of answers) assert.equal((await answer).status, 200)
  }
)

test("a session's cookie does not come with the answer of another pool", bounded, async (t) => {
  const sticky = { type: 'sticky', secret: SECRET, cookie: 'first' } as const
  const plain = await twoPools(t, {}, { balancing: sticky })
  assert.deepEqual((await fetch(`${plain.url}/`)).headers.getSetCookie(), [])
  const both = await twoPools(
    t,
    { balancing: { type: 'sticky', secret: SECRET, cookie: 'other' } },
    { balancing: sticky }
  )
  const cookies = (await fetch(`${both.url}/`)).headers.getSetCookie()
  assert.deepEqual(
    cookies.map((cookie) => cookie.split('=')[0]),
    ['other']
  )
})
