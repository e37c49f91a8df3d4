import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type Endpoint, Events, Pool, resolvePool } from '@gatewright/core'
import { endpoints, seededChance, virtualTime } from '@gatewright/testing'
import type { HealthConfig } from './config/config.js'
import { PoolHealth } from './pool-health.js'
import { type Probe, Prober } from './prober.js'
import { type ProbeSettings, resolveProbes } from './settings.js'
import { SlowStart } from './slow-start.js'

const PASSED = { result: 'healthy', because: 'passed' } as const
const FAILED = { result: 'unhealthy', because: 'failed' } as const

/** Probes on virtual time: endpoints whose index `hangs` names never answer, the others take `ms`. */
async function probing(
  count: number,
  config: HealthConfig,
  { hangs = () => false, ms = 5 }: { hangs?: (index: number) => boolean; ms?: number } = {}
) {
  const time = virtualTime()
  const { clock, timers } = time
  const all: readonly Endpoint[] = endpoints(count)
  const pool = new Pool('main', all, { pick: ([one]) => one }, resolvePool({ endpoints: [] }))
  const chance = seededChance(7)
  const slowStart = new SlowStart(clock, timers)
  const context = {
    clock,
    timers,
    chance,
    events: new Events(),
    slowStart,
    warn: assert.fail,
    threw: assert.fail
  }
  const health = new PoolHealth(pool, context)
  const settings = resolveProbes(config) as ProbeSettings
  const begun: { readonly endpoint: Endpoint; readonly at: number }[] = []
  let running = 0
  let most = 0
  const probe: Probe = ({ endpoint }, _settings, signal) => {
    begun.push({ endpoint, at: time.now() })
    most = Math.max(most, ++running)
    return new Promise((resolve) => {
      const end = (outcome: typeof PASSED | typeof FAILED): void => {
        running--
        resolve(outcome)
      }
      if (hangs(all.indexOf(endpoint))) signal.addEventListener('abort', () => end(FAILED), { once: true })
      else timers.after(ms, () => end(PASSED))
    })
  }
  const prober = new Prober(health, settings, context, probe)
  const startedAt = time.now()
  for (const endpoint of all) prober.add(endpoint)
  /** Lets so many milliseconds pass, with turns in between for what follows a probe. */
  const pass = async (forMs: number): Promise<void> => {
    const until = time.now() + forMs
    while (time.now() < until) {
      time.advance(Math.min(Math.max(0, time.nextAt() - time.now()), until - time.now()))
      await setImmediate()
    }
  }
  return { all, prober, begun, pass, startedAt, most: () => most, time }
}

test('of 500 endpoints of which 60 hang, these are found within ten seconds, and the others asked in time', async () => {
  const { all, begun, pass, most } = await probing(
    500,
    { interval: '5s' },
    { hangs: (n) => n % 8 === 3 && n < 480 }
  )
  await pass(10_000)
  const unhealthy = all.filter(({ health }) => health === 'unhealthy').length
  const healthy = all.filter(({ health }) => health === 'healthy').length
  assert.deepEqual([unhealthy, healthy], [60, 440])
  await pass(30_000)
  for (const endpoint of all) {
    const times = begun.filter((one) => one.endpoint === endpoint).map(({ at }) => at)
    const gaps = times.slice(1).map((at, index) => at - (times[index] as number))
    assert.ok(Math.max(...gaps) < 8_000, `${Math.max(...gaps)} ms between two probes`)
  }
  assert.ok(most() <= 8 + 60, `${most()} at once`)
})

test('more endpoints than may be probed at one time wait in line, and each has its turn', async () => {
  const { all, begun, pass, most } = await probing(20, { interval: '10s', concurrency: 2 }, { ms: 10 })
  await pass(1_500)
  assert.equal(most(), 2)
  assert.equal(new Set(begun.map(({ endpoint }) => endpoint)).size, 20)
  assert.ok(all.every(({ health }) => health === 'healthy'))
})

test('endpoints that all hang are asked again and again, however many they are', async () => {
  const { all, begun, pass } = await probing(200, { interval: '4s', concurrency: 1 }, { hangs: () => true })
  await pass(20_000)
  assert.ok(all.every(({ health }) => health === 'unhealthy'))
  assert.ok(begun.length >= 200 * 4, `${begun.length} probes`)
})

test('a slow probe is counted once, however often its place is given away', async () => {
  const { all, begun, pass, most } = await probing(4, { interval: '2s', concurrency: 1 }, { ms: 1_500 })
  await pass(40_000)
  assert.ok(all.every(({ health }) => health === 'healthy'))
  const each = all.map((endpoint) => begun.filter((one) => one.endpoint === endpoint).length)
  assert.ok(Math.min(...each) >= 10 && Math.max(...each) <= 13, each.join())
  assert.ok(most() <= 4)
})

test('an endpoint that is removed is probed no more, wherever its probe is', async () => {
  for (const afterMs of [0, 300, 1_500]) {
    const { all, prober, begun, pass } = await probing(3, { concurrency: 1 }, { ms: 700 })
    await pass(afterMs)
    const [gone, ...others] = all as [Endpoint, ...Endpoint[]]
    prober.remove(gone)
    const { length } = begun.filter(({ endpoint }) => endpoint === gone)
    const { health } = gone
    await pass(60_000)
    assert.equal(begun.filter(({ endpoint }) => endpoint === gone).length, length)
    assert.equal(gone.health, health)
    for (const other of others) assert.ok(begun.filter(({ endpoint }) => endpoint === other).length > 4)
    prober.stop()
    const before = begun.length
    await pass(60_000)
    assert.equal(begun.length, before)
  }
})

test('an endpoint that is added twice is probed once, wherever its probe is', async () => {
  for (const afterMs of [0, 990, 1_500]) {
    const { all, prober, begun, pass } = await probing(3, { interval: '10s', concurrency: 1 }, { ms: 700 })
    await pass(afterMs)
    for (const endpoint of all) prober.add(endpoint)
    begun.length = 0
    await pass(60_000)
    for (const endpoint of all) {
      const { length } = begun.filter((one) => one.endpoint === endpoint)
      assert.ok(length === 5 || length === 6 || length === 7, `${length} probes`)
    }
  }
})
