import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type FakeUpstream, fakeUpstream, type Held } from '@gatewright/testing'
import { until } from '../support/leaks.js'
import { inFlight } from '../support/single-pool.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 20_000 }

interface Narrow extends StartedGateway {
  readonly one: FakeUpstream
  readonly two: FakeUpstream
  readonly outcomes: string[]
  /** What has the only connection to an endpoint, and the client that asked for it. */
  readonly held: Held
  readonly holder: Promise<Response>
}

/** Two endpoints with a connection each, the one named held by another request; later requests go to `one` first. */
async function narrow(t: TestContext, busy: 'one' | 'two'): Promise<Narrow> {
  const one = await fakeUpstream(t, { body: 'one' })
  const two = await fakeUpstream(t, { body: 'two' })
  const started = await startGateway(t, {
    pools: {
      upstream: {
        endpoints: [one.url, two.url],
        balancing: 'first',
        outlierDetection: false,
        connections: { max: 1, queueTimeout: '20s' }
      }
    },
    routes: [{ path: '/*', pool: 'upstream', hedge: { after: '30ms' } }]
  })
  const outcomes: string[] = []
  started.gateway.app.gateway.events.on('hedge', ({ outcome }) => void outcomes.push(outcome))
  const upstream = busy === 'one' ? one : two
  const { health } = started.gateway.app
  if (busy === 'two') health.force('upstream', one.url, 'down')
  const holding = upstream.hold()
  const holder = fetch(`${started.url}/holds`, { method: 'POST' })
  const held = await holding
  if (busy === 'two') health.force('upstream', one.url, null)
  return { ...started, one, two, outcomes, held, holder }
}

const targets = ({ requests }: FakeUpstream): string[] => requests.map(({ target }) => target)

test(
  'a hedge that waits for a connection when the first attempt answers leaves the line',
  bounded,
  async (t) => {
    const { one, two, url, outcomes, held, holder, ...running } = await narrow(t, 'two')
    const first = one.hold()
    const answer = fetch(`${url}/x`)
    await until(() => inFlight(running) === 3)
    await (await first).respond.answer({ body: 'one' })
    assert.equal(await (await answer).text(), 'one')
    assert.equal(inFlight(running), 1)
    assert.deepEqual(outcomes, ['sent', 'lost'])
    await held.respond.answer({ body: 'held' })
    assert.equal(await (await holder).text(), 'held')
    running.gateway.app.health.force('upstream', one.url, 'down')
    assert.equal(await (await fetch(`${url}/next`)).text(), 'two')
    assert.deepEqual(targets(two), ['/holds', '/next'])
    assert.equal(two.connections.length, 1)
  }
)

test('when the first attempt fails, the hedge that waits for a connection goes on', bounded, async (t) => {
  const { one, two, url, held, holder, ...running } = await narrow(t, 'two')
  const first = one.hold()
  const answer = fetch(`${url}/x`)
  await until(() => inFlight(running) === 3)
  await (await first).respond.answer({ cut: 'before-head', end: 'reset' })
  await until(() => inFlight(running) === 2)
  await held.respond.answer({ body: 'held' })
  assert.equal(await (await holder).text(), 'held')
  assert.equal(await (await answer).text(), 'two')
  assert.deepEqual(targets(two), ['/holds', '/x'])
  assert.equal(inFlight(running), 0)
})

test('when the hedge fails, the first attempt that waits for a connection goes on', bounded, async (t) => {
  const { one, two, url, held, holder, ...running } = await narrow(t, 'one')
  two.answers({ cut: 'before-head', end: 'reset' })
  const answer = fetch(`${url}/x`)
  await two.request(1)
  await until(() => inFlight(running) === 2)
  await held.respond.answer({ body: 'held' })
  assert.equal(await (await holder).text(), 'held')
  assert.equal(await (await answer).text(), 'one')
  assert.deepEqual([targets(one), targets(two)], [['/holds', '/x'], ['/x']])
  assert.equal(inFlight(running), 0)
})
