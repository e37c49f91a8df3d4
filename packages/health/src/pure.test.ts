import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointHealth } from '@gatewright/core'
import { endpoints, fakeAttempt, virtualClock } from '@gatewright/testing'
import fc from 'fast-check'
import type { ProbeResult } from './config/callbacks.js'
import { Ejection, mayEject } from './ejection.js'
import { afterProbe, isTurning, type ProbeState, UNPROBED } from './probe-streak.js'
import { isWithin, rampAt, readRanges, resolveOutliers, resolveUnhealthy } from './settings.js'
import { Streaks } from './streaks.js'
import { Usable } from './usable.js'

const THRESHOLDS = { healthyThreshold: 2, unhealthyThreshold: 3 }

function walk(results: string, from: ProbeState = UNPROBED): ProbeState {
  const names: Record<string, ProbeResult> = { '+': 'healthy', '-': 'unhealthy', '~': 'degraded' }
  return [...results].reduce((state, sign) => afterProbe(state, names[sign] as ProbeResult, THRESHOLDS), from)
}

const WALKS: [results: string, health: string, turning: boolean][] = [
  ['', 'unknown', false],
  ['+', 'healthy', false],
  ['~', 'degraded', false],
  ['-', 'unknown', true],
  ['--', 'unknown', true],
  ['---', 'unhealthy', false],
  ['--+', 'healthy', false],
  ['+--', 'healthy', true],
  ['+--+--', 'healthy', true],
  ['+---', 'unhealthy', false],
  ['+---+', 'unhealthy', true],
  ['+---+-+', 'unhealthy', true],
  ['+---++', 'healthy', false],
  ['+---~~', 'degraded', false],
  ['+~', 'degraded', false],
  ['~+', 'healthy', false]
]

for (const [results, health, turning] of WALKS)
  test(`after probes '${results}' an endpoint is ${health}`, () => {
    const state = walk(results)
    assert.deepEqual([state.health, isTurning(state)], [health, turning])
  })

test('an endpoint turns only after as many results in a row as it takes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('+', '-'), { maxLength: 60 }), (results) => {
      let state = UNPROBED
      let run = ''
      for (const sign of results) {
        run = run.endsWith(sign) ? run + sign : sign
        const before = state.health
        state = walk(sign, state)
        if (before === 'healthy' && state.health === 'unhealthy') assert.ok(run.length >= 3)
        if (before === 'unhealthy' && state.health === 'healthy') assert.ok(run.length >= 2)
      }
    })
  )
})

test('ranges of statuses', () => {
  const ranges = readRanges('200-299,304')
  assert.deepEqual(
    [199, 200, 299, 300, 304].map((status) => isWithin(status, ranges)),
    [false, true, true, false, true]
  )
  assert.equal(isWithin(200, readRanges('')), false)
})

test('slow start is Envoy’s formula, from its least to 1', () => {
  const settings = { windowMs: 1_000, aggression: 1, minShare: 0.1 }
  assert.deepEqual(
    [0, 50, 500, 1_000, 5_000].map((ms) => rampAt(ms, settings)),
    [0.1, 0.1, 0.5, 1, 1]
  )
  assert.equal(rampAt(250, { ...settings, aggression: 2 }), 0.5)
})

test('ejections get longer each time, up to the longest, and are forgotten one by one', () => {
  const settings = { ejectionMs: 30_000, maxEjectionMs: 100_000 }
  const ejection = new Ejection()
  let now = 1_000
  const eject = (after: number): number => {
    now += after
    ejection.begin(now, settings)
    return ejection.lengthMs
  }
  assert.deepEqual([eject(0), eject(30_000), eject(60_000), eject(90_000)], [30_000, 60_000, 90_000, 100_000])
  // Four times by now; after two lengths of rest it is the third.
  assert.equal(eject(100_000 + 60_000), 90_000)
  assert.equal(ejection.isOn(now + 89_999), true)
  assert.equal(ejection.isOn(now + 90_000), false)
})

test('the last usable endpoint is never ejected, nor more than the share', () => {
  const rows: [ejected: number, usable: number, total: number, share: number, may: boolean][] = [
    [0, 1, 1, 1, false],
    [0, 2, 2, 0.5, true],
    [1, 1, 2, 1, false],
    [0, 3, 3, 0.1, true],
    [1, 2, 3, 0.1, false],
    [1, 9, 10, 0.2, true],
    [2, 8, 10, 0.2, false],
    [0, 3, 3, 0, false],
    [28, 22, 50, 0.58, true],
    [29, 21, 50, 0.58, false]
  ]
  for (const [ejected, usable, total, share, may] of rows)
    assert.equal(
      mayEject(ejected, usable, total, share),
      may,
      JSON.stringify([ejected, usable, total, share])
    )
})

test('faults are counted by kind, and only in a row', () => {
  const [endpoint] = endpoints(1)
  const settings = resolveOutliers({
    consecutiveErrors: 0,
    consecutiveGatewayErrors: 2,
    consecutiveLocalErrors: 2
  })
  assert.ok(settings !== null)
  const streaks = new Streaks()
  const count = (status: number, failure: 'upstream_reset' | null = null): string | null =>
    streaks.count(fakeAttempt(endpoint, { status, failure }), status === 200 ? 'success' : 'fault', settings)
  assert.equal(count(502), null)
  assert.equal(count(500), null)
  assert.equal(count(502), null)
  assert.match(count(504) ?? '', /^2 gateway errors in a row, the last 504$/)
  streaks.reset()
  assert.equal(count(0, 'upstream_reset'), null)
  assert.equal(count(200), null)
  assert.equal(count(0, 'upstream_reset'), null)
  assert.match(
    count(0, 'upstream_reset') ?? '',
    /^2 attempts without a response in a row, the last upstream_reset$/
  )
})

function usable(
  policy: 'trickle' | 'all' | 'none',
  healths: EndpointHealth[],
  panicThreshold = 0,
  failing: readonly number[] = []
) {
  const time = virtualClock()
  const all = endpoints(healths.length)
  for (const [index, endpoint] of all.entries()) endpoint.health = healths[index] as EndpointHealth
  const answers = new Usable(
    { policy, panicThreshold },
    time.clock,
    (endpoint) => !failing.includes(all.indexOf(endpoint))
  )
  return { all, answers, time, of: () => answers.of(all).map((endpoint) => all.indexOf(endpoint)) }
}

test('degraded endpoints are used when there is nothing better', () => {
  assert.deepEqual(usable('none', ['healthy', 'degraded', 'unknown', 'ejected']).of(), [0, 2])
  assert.deepEqual(usable('none', ['unhealthy', 'degraded', 'ejected']).of(), [1])
})

test('when nobody is left out, the list is the same', () => {
  const { all, answers } = usable('none', ['healthy', 'unknown'])
  assert.equal(answers.of(all), all)
})

test('when none is usable: none, all, or one a second, in turn', () => {
  assert.deepEqual(usable('none', ['unhealthy', 'unhealthy']).of(), [])
  assert.deepEqual(usable('all', ['unhealthy', 'ejected']).of(), [0, 1])
  const { all, answers, time, of } = usable('trickle', ['unhealthy', 'ejected'], 0, [1])
  const seen: number[][] = []
  for (let n = 0; n < 4; n++) {
    const [one] = of()
    seen.push(of())
    if (one !== undefined) answers.started(all[one] as (typeof all)[0])
    time.advance(500)
  }
  assert.deepEqual(seen, [[0], [], [1], []])
})

test('the ejected ones are used when there are no others, but for those whose probes fail', () => {
  const { all, answers, of } = usable('none', ['unhealthy', 'ejected', 'ejected', 'ejected'], 0, [2])
  assert.deepEqual(of(), [1, 3])
  assert.deepEqual(
    all.map((endpoint) => answers.uses(endpoint, all)),
    [false, true, false, true]
  )
  assert.deepEqual(usable('trickle', ['degraded', 'ejected']).of(), [0])
})

test('below the panic threshold all are used', () => {
  assert.deepEqual(usable('all', ['healthy', 'ejected', 'ejected'], 0.5).of(), [0, 1, 2])
  assert.deepEqual(usable('all', ['healthy', 'healthy', 'ejected'], 0.5).of(), [0, 1])
})

test('attempts that were given up too late count as attempts without an answer', () => {
  const [endpoint] = endpoints(1)
  const settings = resolveOutliers({ consecutiveErrors: 3 })
  const streaks = new Streaks()
  const overdue = fakeAttempt(endpoint, { cancelled: true, overdue: true, status: 0, headAt: 0 })
  const told = [1, 2, 3].map(() => streaks.count(overdue, 'fault', settings as NonNullable<typeof settings>))
  assert.deepEqual(told, [null, null, '3 faults in a row, the last lost to a faster attempt'])
})

test('at the panic threshold only those that work are used; what is degraded works', () => {
  const rows: [EndpointHealth[], number, number[]][] = [
    [['healthy', 'ejected'], 0.5, [0]],
    [['healthy', 'ejected'], 0.51, [0, 1]],
    [['healthy', 'degraded', 'ejected', 'unhealthy'], 0.5, [0]],
    [['degraded', 'degraded', 'ejected', 'unhealthy'], 0.5, [0, 1]],
    [['degraded', 'ejected', 'unhealthy', 'unhealthy'], 0.5, [0, 1, 2, 3]],
    [['unknown', 'degraded', 'unhealthy'], 0.7, [0, 1, 2]],
    [['healthy', 'unhealthy'], 0, [0]]
  ]
  for (const [healths, threshold, expected] of rows)
    assert.deepEqual(usable('all', healths, threshold).of(), expected, `${healths} at ${threshold}`)
})

test('panic is for the policy that uses all', () => {
  for (const policy of ['trickle', 'none'] as const)
    assert.deepEqual(usable(policy, ['healthy', 'ejected', 'ejected'], 1).of(), [0])
})

test('a percentage becomes a share', () => {
  assert.equal(resolveUnhealthy({ policy: 'all', panicThresholdPercent: 35 }).panicThreshold, 0.35)
  assert.deepEqual(resolveUnhealthy(undefined), { policy: 'trickle', panicThreshold: 0 })
})
