import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type FakeUpstream, fakeUpstream, gate, rawClient, type Script } from '@gatewright/testing'
import { inFlight } from './support/single-pool.js'
import { type StartedGateway, startGateway } from './support/start-gateway.js'
import { watchExchanges } from './support/watch-exchanges.js'

const bounded = { timeout: 20_000 }

interface Hedged extends StartedGateway {
  readonly one: FakeUpstream
  readonly two: FakeUpstream
  readonly outcomes: string[]
}

async function hedged(t: TestContext, first: Script, second: Script, endpoints = 2): Promise<Hedged> {
  const one = await fakeUpstream(t, first)
  const two = await fakeUpstream(t, second)
  const started = await startGateway(t, {
    pools: { upstream: { endpoints: [one.url, two.url].slice(0, endpoints), balancing: 'first' } },
    routes: [{ path: '/*', pool: 'upstream', hedge: { after: '30ms' } }]
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
      failed.open()
    },
    async (_request, respond) => {
      begun.open()
      await failed
      respond.answer({ body: 'two' })
    }
  )
  assert.equal(await (await fetch(`${running.url}/x`)).text(), 'two')
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
