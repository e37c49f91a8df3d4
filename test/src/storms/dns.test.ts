import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Endpoint } from '@gatewright/core'
import { ensureCommand } from '../support/debian.js'
import { type DnsServer, startDnsmasq } from '../support/dnsmasq.js'
import { until } from '../support/leaks.js'
import { type StartedGateway, startGateway } from '../support/start-gateway.js'
import { SteadyLoad } from '../support/steady-load.js'
import { HELD_PATH } from '../support/upstream-faults.js'
import { UpstreamProcess } from '../support/upstream-process.js'

// With time to install dnsmasq.
const bounded = { timeout: 200_000 }

// The records live for a second, and the gateway asks again a tenth later at most. An answer that the restart of the
// DNS server swallows costs a time limit and another second.
const APPLIED_WITHIN_MS = 10_000

interface Named extends StartedGateway {
  readonly dns: DnsServer
  /** At 127.0.0.1, 127.0.0.2 and 127.0.0.3, all on one port. The name has the first two. */
  readonly upstreams: readonly [UpstreamProcess, UpstreamProcess, UpstreamProcess]
  readonly load: SteadyLoad
  endpoint(upstream: UpstreamProcess): Endpoint
  urls(): string[]
}

async function named(t: TestContext): Promise<Named | null> {
  const command = await ensureCommand(t, 'dnsmasq', { package: 'dnsmasq-base' })
  if (command === null) return null
  const one = await UpstreamProcess.start(t)
  const { port } = one
  const [two, three] = await Promise.all([
    UpstreamProcess.start(t, { host: '127.0.0.2', port }),
    UpstreamProcess.start(t, { host: '127.0.0.3', port })
  ])
  const dns = await startDnsmasq(t, command, ...records(one, two))
  const started = await startGateway(t, {
    pools: {
      upstream: { discovery: { dns: 'app.test', port, server: dns.address, minRefresh: '100ms' } }
    },
    // Nothing that is lost is hidden by another attempt.
    routes: [{ path: '/*', pool: 'upstream', retry: false }]
  })
  const pool = started.gateway.app.gateway.pool('upstream')
  const load = new SteadyLoad(t, started.url)
  await load.more(200)
  return {
    ...started,
    dns,
    upstreams: [one, two, three],
    load,
    endpoint: ({ url }) => pool.endpoint(url),
    urls: () => pool.endpoints.map(({ url }) => url)
  }
}

function records(...upstreams: readonly UpstreamProcess[]): string[] {
  return upstreams.map(({ host }) => `address=/app.test/${host}`)
}

test('when one address leaves and another comes under load, no request is lost', bounded, async (t) => {
  const running = await named(t)
  if (running === null) return
  const { dns, upstreams, load, gateway, url, endpoint, urls } = running
  const [one, two, three] = upstreams
  const leaving = endpoint(one)
  const staying = endpoint(two)
  const startedBefore = staying.started
  gateway.app.health.force('upstream', two.url, 'up')

  const held = Array.from({ length: 16 }, () => fetch(url + HELD_PATH))
  let heldThere = 0
  for (let all = 0; all < held.length; ) {
    const [its, others] = [await one.counts(), await two.counts()]
    heldThere = its.held
    all = its.held + others.held
  }
  assert.ok(heldThere > 0 && heldThere < held.length)

  await dns.knows(...records(two, three))
  const changedAt = performance.now()
  const elapsedMs = (): number => performance.now() - changedAt
  const applied = (): boolean => urls().join() === [two.url, three.url].join()
  await until(() => applied() || elapsedMs() > APPLIED_WITHIN_MS)
  assert.ok(applied(), urls().join())

  // What was on its way there is over, but for those that are held; and nothing comes any more.
  await until(() => leaving.inFlight === heldThere)
  const served = await one.served()
  await load.more(500)
  assert.equal(await one.served(), served)
  assert.equal(leaving.inFlight, heldThere)
  while ((await three.served()) < 50) await load.more(50)

  await one.release()
  await until(() => leaving.inFlight === 0)
  await two.release()
  const answers = await Promise.all(held)
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])

  assert.equal(endpoint(two), staying)
  assert.ok(staying.started > startedBefore)
  const [its] = gateway.app.health.states()
  assert.deepEqual([its?.endpoint, its?.forced, its?.health], [two.url, 'up', 'healthy'])
  await load.stop()
  assert.deepEqual(Object.keys(load.tally), ['200'])
})

test('an ejection survives a change of the other addresses', bounded, async (t) => {
  const running = await named(t)
  if (running === null) return
  const { dns, upstreams, load, endpoint, urls } = running
  const [one, two, three] = upstreams
  await two.has('errors')
  await until(() => endpoint(two).health === 'ejected')
  await two.has('none')
  const served = await two.served()
  await dns.knows(...records(one, two, three))
  await until(() => urls().length === 3)
  await load.more(300)
  assert.equal(endpoint(two).health, 'ejected')
  assert.equal(await two.served(), served)
  while ((await three.served()) < 50) await load.more(50)
  await load.stop()
  // Five faults in a row, those that were under way by then, and those before which a last success came in.
  const { 503: failed = 0 } = load.tally
  assert.ok(failed >= 5 && failed <= 5 + 2 * 8, `${failed} failed`)
  assert.deepEqual(Object.keys(load.tally), ['200', '503'])
})
