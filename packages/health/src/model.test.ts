import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Endpoint, type EndpointHealth, Events, Pool, resolvePool } from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange, seededChance, virtualTime } from '@gatewright/testing'
import fc from 'fast-check'
import type { ProbeResult } from './config/callbacks.js'
import type { Forced } from './endpoint-state.js'
import { PoolHealth } from './pool-health.js'
import { type ProbeSettings, resolveProbes } from './settings.js'
import { SlowStart } from './slow-start.js'

const BASE_MS = 10_000
const LONGEST_MS = 25_000
const PROBES = resolveProbes({ unhealthyThreshold: 3, healthyThreshold: 2 }) as ProbeSettings
const exchange = fakeExchange()

/** What an attempt comes to: a success, a response of 500, no response at all, or nothing that says anything. */
type Came = 'success' | 'status' | 'local' | 'neutral'

type Step = { readonly at: number } & (
  | { readonly do: 'attempt'; readonly came: Came }
  | { readonly do: 'probe'; readonly result: ProbeResult }
  | { readonly do: 'force'; readonly forced: Forced }
  | { readonly do: 'drain'; readonly draining: boolean }
  | { readonly do: 'wait'; readonly ms: number }
)

/** The second model of one endpoint: what the README says, as plainly as it can be said. */
interface Model {
  probed: ProbeResult | 'unknown'
  /** Probes in a row that speak against `probed`. */
  against: number
  /** Faults since the last success, a letter each. */
  faults: string
  times: number
  began: number
  until: number
  forced: Forced
  draining: boolean
}

function healthOf({ forced, until, probed }: Model, now: number): EndpointHealth {
  if (forced !== null) return forced === 'up' ? 'healthy' : 'unhealthy'
  return now < until ? 'ejected' : probed
}

function probed(model: Model, result: ProbeResult): void {
  const turns = (result === 'unhealthy') !== (model.probed === 'unhealthy')
  const needed = result === 'unhealthy' ? 3 : 2
  const waits = turns && !(model.probed === 'unknown' && result !== 'unhealthy')
  model.against = waits ? model.against + 1 : 0
  if (waits && model.against < needed) return
  model.against = 0
  model.probed = result
}

/** The models of a pool's endpoints, and when one was let back. */
interface PoolModel {
  readonly all: readonly Model[]
  relievedAt: number
}

// The one that has been out for longest, of those that are out for a second and whose last probe did not fail.
function relieved(pool: PoolModel, now: number): boolean {
  const [back] = pool.all
    .filter((one) => !one.draining && healthOf(one, now) === 'ejected')
    .filter(({ probed, against, began }) => probed !== 'unhealthy' && against === 0 && began <= now - 1_000)
    .toSorted((a, b) => a.began - b.began)
  if (back === undefined || now - pool.relievedAt < 1_000) return false
  pool.relievedAt = back.until = now
  back.times--
  return true
}

function attempted(pool: PoolModel, model: Model, came: Came, percent: number, now: number): void {
  const { all } = pool
  if (came === 'neutral') return
  model.faults = came === 'success' ? '' : model.faults + came[0]
  if (came === 'success' || !/.{4}$|ll$/.test(model.faults)) return
  const usable = all.filter((one) => !one.draining && !/unhealthy|ejected/.test(healthOf(one, now)))
  const ejected = all.filter(({ until }) => now < until)
  const most = percent === 0 ? 0 : Math.max(1, Math.floor((all.length * percent) / 100))
  if (model.forced !== null || now < model.until) return
  if (usable.length < 2 || ejected.length >= most) {
    if (usable.includes(model) && relieved(pool, now)) model.faults = ''
    return
  }
  const rested = model.until === 0 ? 0 : Math.floor((now - model.until) / BASE_MS)
  model.faults = ''
  model.times = Math.max(0, model.times - rested) + 1
  model.began = now
  model.until = now + Math.min(LONGEST_MS, BASE_MS * model.times)
}

function forced(model: Model, to: Forced, now: number): void {
  model.forced = to
  if (to === 'up') model.until = Math.min(model.until, now)
}

const ATTEMPTS = { success: { status: 200 }, status: { status: 500 } } as const
const FAILURES = { local: 'upstream_reset', neutral: 'client_closed' } as const

/** The real thing on virtual time, with a watch on every ejection. */
function setUp(count: number, percent: number) {
  const time = virtualTime()
  const all = endpoints(count)
  const config = {
    outlierDetection: {
      consecutiveErrors: 4,
      consecutiveLocalErrors: 2,
      ejection: '10s',
      maxEjection: '25s',
      maxEjectionPercent: percent
    }
  } as const
  const pool = new Pool('main', all, { pick: ([one]) => one }, resolvePool({ endpoints: [] }), config)
  const events = new Events()
  const { clock, timers } = time
  const slowStart = new SlowStart(clock, timers)
  const health = new PoolHealth(pool, {
    clock,
    timers,
    events,
    chance: seededChance(),
    slowStart,
    warn: assert.fail,
    threw: assert.fail
  })
  const ended = new Map<Endpoint, { readonly at: number; readonly ms: number }>()
  let ejections = 0
  let returned = 0
  events.on('endpoint_health', ({ endpoint, from, to, because }) => {
    if (/^readmitted/.test(because)) {
      returned++
      ended.delete(endpoint)
    }
    if (to !== 'ejected' || from === 'unhealthy') return
    ejections++
    const left = all.filter((one) => one.open && one.health !== 'ejected' && one.health !== 'unhealthy')
    assert.ok(left.length > 0, 'the last endpoint was ejected')
    const out = all.filter((one) => one.health === 'ejected')
    assert.ok(out.length <= Math.max(1, Math.floor((count * percent) / 100)), `${out.length} are ejected`)
    const { lengthMs, until } = health.stateOf(endpoint).ejection
    assert.ok(lengthMs >= BASE_MS && lengthMs <= LONGEST_MS, `${lengthMs} ms`)
    const before = ended.get(endpoint)
    if (before !== undefined && time.now() - before.at < BASE_MS)
      assert.equal(lengthMs, Math.min(LONGEST_MS, before.ms + BASE_MS))
    ended.set(endpoint, { at: until, ms: lengthMs })
  })
  return { time, all, pool, health, ejections: () => ejections, returned: () => returned }
}

type Real = ReturnType<typeof setUp>

function really({ time, pool, health }: Real, endpoint: Endpoint, step: Step): void {
  if (step.do === 'wait') time.advance(step.ms)
  else if (step.do === 'probe') health.probed(endpoint, step.result, 'probe', PROBES)
  else if (step.do === 'force') health.force(endpoint, step.forced)
  else if (step.do === 'attempt') {
    const { came } = step
    const record =
      came === 'success' || came === 'status'
        ? ATTEMPTS[came]
        : { status: 0, headAt: 0, failure: FAILURES[came] }
    health.observe(fakeAttempt(endpoint, { ...record, endedAt: time.now() }), exchange)
  } else if (step.draining) pool.drain(endpoint.url)
  else pool.undrain(endpoint.url)
}

function supposedly(pool: PoolModel, model: Model, step: Step, percent: number, now: number): void {
  if (step.do === 'probe') probed(model, step.result)
  else if (step.do === 'force') forced(model, step.forced, now)
  else if (step.do === 'attempt') attempted(pool, model, step.came, percent, now)
  else if (step.do === 'drain') model.draining = step.draining
}

const at = fc.nat(4)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        at,
        do: fc.constant('attempt' as const),
        came: fc.constantFrom<Came[]>('local', 'local', 'local', 'status', 'status', 'success', 'neutral')
      })
    },
    {
      weight: 4,
      arbitrary: fc.record({
        at,
        do: fc.constant('probe' as const),
        result: fc.constantFrom<ProbeResult[]>('unhealthy', 'healthy', 'degraded')
      })
    },
    { weight: 3, arbitrary: fc.record({ at, do: fc.constant('wait' as const), ms: fc.nat(12_000) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        at,
        do: fc.constant('force' as const),
        forced: fc.constantFrom<Forced[]>('up', 'down', null, null)
      })
    },
    {
      weight: 1,
      arbitrary: fc.record({
        at,
        do: fc.constant('drain' as const),
        draining: fc.constantFrom(true, false, false)
      })
    }
  ),
  { minLength: 50, maxLength: 300, size: 'max' }
)

test('whatever happens, endpoints have the health the README says, and ejections are few, bounded and end', () => {
  let ejections = 0
  let returned = 0
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(0, 20, 50, 67, 100),
      steps,
      (count, percent, sequence) => {
        const real = setUp(count, percent)
        const all = real.all.map(
          (): Model => ({
            probed: 'unknown',
            against: 0,
            faults: '',
            times: 0,
            began: 0,
            until: 0,
            forced: null,
            draining: false
          })
        )
        const pool: PoolModel = { all, relievedAt: Number.NEGATIVE_INFINITY }
        for (const [number, step] of sequence.entries()) {
          const index = step.at % count
          really(real, real.all[index] as Endpoint, step)
          supposedly(pool, all[index] as Model, step, percent, real.time.now())
          assert.deepEqual(
            real.all.map(({ health, draining }) => ({ health, draining })),
            all.map((model) => ({ health: healthOf(model, real.time.now()), draining: model.draining })),
            `after step ${number + 1}, ${JSON.stringify(step)}`
          )
        }
        for (const endpoint of real.all) real.health.force(endpoint, null)
        real.time.advance(LONGEST_MS)
        assert.ok(real.all.every(({ health }) => health !== 'ejected'))
        ejections += real.ejections()
        returned += real.returned()
      }
    ),
    { numRuns: 300 }
  )
  // Else the sequences were too tame to prove anything.
  assert.ok(ejections > 300 && returned > 30, `${ejections} ejections, ${returned} tried again`)
})
