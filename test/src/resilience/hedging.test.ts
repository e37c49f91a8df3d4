import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type FakeUpstream, fakeUpstream, gate, rawClient, type Script } from '@gatewright/testing'
import { inFlight } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { watchExchanges } from '../support/watch-exchanges.js'

const bounded = { timeout: 20_000 }

interface Hedged extends StartedGateway {
  readonly one: FakeUpstream
  readonly two: FakeUpstream
  readonly outcomes: string[]
}

async function hedged(
  t: TestContext,
  first: Script,
  second: Script,
  endpoints = 2,
  pool: object = {},
  route: object = {}
): Promise<Hedged> {
  const one = await fakeUpstream(t, first)
  const two = await fakeUpstream(t, second)
  const started = await startGateway(t, {
    pools: { upstream: { endpoints: [one.url, two.url].slice(0, endpoints), balancing: 'first', ...pool } },
    routes: [{ path: '/*', pool: 'upstream', hedge: { after: '30ms' }, ...route }]
  })
  const outcomes: string[] = []
  started.gateway.app.gateway.events.on('hedge', ({ outcome }) => void outcomes.push(outcome))
  return { ...started, one, two, outcomes }
}

const SILENT: Script = () => {}

test('a slow read is tried at a second endpoint, and the first attempt is aborted', bounded, async (t) => {
  const running = await hedged(t, SILENT, { body: 'two' })
  const exchanges = watchExchanges(running)
  const answer = await fetch(`${running.url}/x`)
  assert.deepEqual([answer.status, await answer.text()], [200, 'two'])
  await running.one.connectionClosed(1)
  const { attempts, reason } = await exchanges.nth(1)
  assert.deepEqual(
    attempts.map(({ cancelled, status, failure }) => [cancelled, status, failure]),
    [
      [true, 0, null],
      [false, 200, null]
    ]
  )
  assert.equal(reason, null)
  assert.deepEqual(running.outcomes, ['sent', 'won'])
  assert.equal(inFlight(running), 0)
})

test('the first attempt may still win, and the second is aborted', bounded, async (t) => {
  const answered = gate()
  const running = await hedged(
    t,
    async (_request, respond) => {
      await answered
      respond.answer({ body: 'one' })
    },
    () => answered.open()
  )
  assert.equal(await (await fetch(`${running.url}/x`)).text(), 'one')
  await running.two.connectionClosed(1)
  assert.deepEqual(running.outcomes, ['sent', 'lost'])
  assert.equal(inFlight(running), 0)
})

test('when one of the two fails, the other one goes on', bounded, async (t) => {
  const begun = gate()
  const failed = gate()
  const running = await hedged(
    t,
    async (_request, respond) => {
      await begun
      respond.answer({ cut: 'before-head', end: 'reset' })
    },
    async (_request, respond) => {
      begun.open()
      await failed
      respond.answer({ body: 'two' })
    }
  )
  running.gateway.app.gateway.snapshot.stages.observers.push({ ended: ({ hedge }) => hedge || failed.open() })
  assert.equal(await (await fetch(`${running.url}/x`)).text(), 'two')
  assert.deepEqual(running.outcomes, ['sent', 'won'])
  assert.equal(inFlight(running), 0)
})

test('a status to retry leaves the client to the other attempt, and is no retry', bounded, async (t) => {
  const answered = gate()
  const running = await hedged(
    t,
    async (_request, respond) => {
      await answered
      respond.answer({ body: 'one' })
    },
    { status: 429 },
    2,
    {},
    { retry: { attempts: 3, statuses: [429], budgetMinPerSecond: 10 } }
  )
  const told: string[] = []
  const { events, snapshot } = running.gateway.app.gateway
  snapshot.stages.observers.push({ ended: ({ hedge }) => hedge && answered.open() })
  events.on('retry', ({ outcome }) => void told.push(outcome))
  const exchanges = watchExchanges(running)
  assert.equal(await (await fetch(`${running.url}/x`)).text(), 'one')
  const { attempts, retries } = await exchanges.nth(1)
  assert.deepEqual(
    attempts.map(({ status, cancelled, superseded }) => [status, cancelled, superseded]),
    [
      [200, false, false],
      [429, false, true]
    ]
  )
  assert.deepEqual([retries, told, running.outcomes], [0, [], ['sent', 'lost']])
  assert.equal(inFlight(running), 0)
})

test('an error of the hedge is not preferred to the first attempt', bounded, async (t) => {
  const answered = gate()
  const running = await hedged(
    t,
    async (_request, respond) => {
      await answered
      respond.answer({ body: 'one' })
    },
    (_request, respond) => {
      respond.answer({ status: 500 })
      answered.open()
    }
  )
  const answer = await fetch(`${running.url}/x`)
  assert.deepEqual([answer.status, await answer.text()], [200, 'one'])
  assert.equal(inFlight(running), 0)
})

test('a client that leaves ends both', bounded, async (t) => {
  const running = await hedged(t, SILENT, SILENT)
  const client = await rawClient(running.port, { t })
  await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  await running.two.request(1)
  client.reset()
  await Promise.all([running.one.connectionClosed(1), running.two.connectionClosed(1)])
  assert.equal(inFlight(running), 0)
})

test('with one endpoint, and for other methods, there is no second attempt', bounded, async (t) => {
  const answer: Script = async (_request, respond) => {
    await wait(80)
    respond.answer({ body: 'slow' })
  }
  const alone = await hedged(t, answer, SILENT, 1)
  assert.equal((await fetch(`${alone.url}/x`)).status, 200)
  const posting = await hedged(t, answer, SILENT)
  assert.equal((await fetch(`${posting.url}/x`, { method: 'POST' })).status, 200)
  assert.deepEqual([...alone.outcomes, ...posting.outcomes], [])
  assert.equal(posting.two.requests.length, 0)
})

const STICKY = {
  balancing: { type: 'sticky', secret: 'a secret of thirty-two characters', inner: 'round-robin' }
} as const

// What only the second request to an upstream tells: where a session goes.
function homeOf({ one, two }: Hedged, before: readonly number[]): string {
  return [one, two].map(({ requests }, n) => (requests.length > (before[n] as number) ? 'x' : '')).join('|')
}

for (const winner of ['first', 'second'] as const)
  test(
    `a new session is that of the attempt whose answer the client got: the ${winner}`,
    bounded,
    async (t) => {
      const hedgeIsThere = gate()
      let number = 0
      const script: Script = async (_request, respond) => {
        const mine = ++number
        if (mine === 2) hedgeIsThere.open()
        if (mine === 1) await hedgeIsThere
        if (mine <= 2 && (mine === 1) !== (winner === 'first')) return
        respond.answer({ headers: { 'x-number': String(mine) }, body: 'x' })
      }
      const running = await hedged(t, script, script, 2, STICKY)
      const answer = await fetch(`${running.url}/x`)
      assert.equal(answer.headers.get('x-number'), winner === 'first' ? '1' : '2')
      const cookies = answer.headers.getSetCookie()
      assert.equal(cookies.length, 1)
      const before = [running.one.requests.length, running.two.requests.length]
      const cookie = (cookies[0] as string).split(';')[0] as string
      const again = await fetch(`${running.url}/x`, { headers: { cookie } })
      assert.deepEqual(again.headers.getSetCookie(), [])
      assert.equal(homeOf(running, before), winner === 'first' ? 'x|' : '|x')
    }
  )

test('a session stays where it is when a hedge elsewhere is faster once', bounded, async (t) => {
  let slow = false
  const answer: Script = (_request, respond) => {
    if (!slow) respond.answer({ body: 'one' })
  }
  const running = await hedged(t, answer, { body: 'two' }, 2, STICKY)
  const cookie = (await fetch(`${running.url}/x`)).headers.getSetCookie()[0]?.split(';')[0] as string
  slow = true
  const hedge = await fetch(`${running.url}/x`, { headers: { cookie } })
  assert.equal(await hedge.text(), 'two')
  assert.deepEqual(hedge.headers.getSetCookie(), [])
})

test('interim answers come from the attempt whose answer comes, once there are two', bounded, async (t) => {
  const both = gate()
  const told = gate()
  const early = (name: string) => ({ link: `</${name}.css>; rel=preload` })
  const running = await hedged(
    t,
    async (_request, respond) => {
      await both
      await respond.interim(103, early('loser'))
      told.open()
    },
    async (_request, respond) => {
      both.open()
      await told
      await respond.interim(103, early('winner'))
      respond.answer({ body: 'two' })
    }
  )
  const client = await rawClient(running.port, { t })
  await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  const { interim, text } = await client.response()
  assert.equal(text, 'two')
  assert.deepEqual(
    interim.map(({ headers }) => headers),
    [[['link', '</winner.css>; rel=preload']]]
  )
})

test('a hedge that cannot begin is not told and takes nothing from the budget', bounded, async (t) => {
  const slow = gate()
  const script: Script = async (request, respond) => {
    if (request.target === '/slow') await slow
    respond.answer(request.target === '/broken' && request.number < 3 ? { status: 503 } : { body: 'one' })
  }
  const budget = { retry: { budgetMinPerSecond: 1, budgetPercent: 0 } }
  const running = await hedged(t, script, SILENT, 2, { outlierDetection: false }, budget)
  const { app } = running.gateway
  app.health.force('upstream', running.two.url, 'down')
  const hedgeable = fetch(`${running.url}/slow`)
  await running.one.request(1)
  // Its 30 ms are over when a later request has had longer.
  await wait(60)
  assert.equal((await fetch(`${running.url}/broken`)).status, 200)
  slow.open()
  assert.equal((await hedgeable).status, 200)
  assert.deepEqual(running.outcomes, [])
  assert.equal(running.two.requests.length, 0)
})

test('behind hedges, an endpoint that hangs is ejected', bounded, async (t) => {
  const running = await hedged(t, SILENT, { body: 'two' }, 2, {}, { retry: { budgetMinPerSecond: 1_000 } })
  const { events } = running.gateway.app.gateway
  const ejected: string[] = []
  events.on(
    'endpoint_health',
    ({ endpoint, to, because }) => void ejected.push(`${endpoint.url} ${to}: ${because}`)
  )
  for (let n = 0; n < 50 && ejected.length === 0; n++)
    assert.equal(await (await fetch(`${running.url}/x`)).text(), 'two')
  assert.deepEqual(ejected, [
    `${running.one.url} ejected: 5 faults in a row, the last lost to a faster attempt; for 30 s`
  ])
  const before = running.one.requests.length
  assert.equal((await fetch(`${running.url}/x`)).status, 200)
  assert.equal(running.one.requests.length, before)
})
