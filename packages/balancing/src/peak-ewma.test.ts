import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttemptRecord, BalancingPolicy, Endpoint } from '@gatewright/core'
import {
  balancingSuite,
  endpoints,
  fakeAttempt,
  fakeExchange,
  type SimulatedResponse,
  seededChance,
  simulateLoad,
  tally,
  type VirtualClock,
  virtualClock
} from '@gatewright/testing'
import { type PeakEwmaOptions, peakEwma } from './peak-ewma.js'

const exchange = fakeExchange()

function setUp(options: PeakEwmaOptions = {}): { policy: BalancingPolicy; time: VirtualClock } {
  const time = virtualClock()
  return {
    time,
    policy: peakEwma.create(options, { poolId: 'test', clock: time.clock, chance: seededChance(3) })
  }
}

// Notifies the policy of an attempt that ended now and took this long.
function tell(
  policy: BalancingPolicy,
  time: VirtualClock,
  endpoint: Endpoint,
  ms: number,
  changes = {}
): void {
  const startedAt = time.now() - ms
  const record: Partial<AttemptRecord> = { startedAt, headAt: time.now(), endedAt: time.now(), ...changes }
  policy.ended?.(fakeAttempt(endpoint, record), exchange)
}

// With two endpoints the cheaper one is picked always, as the two choices are distinct.
function cheaper(policy: BalancingPolicy, pair: readonly [Endpoint, Endpoint]): Endpoint | 'equal' {
  const picked = new Set(Array.from({ length: 40 }, () => policy.pick(pair, exchange)))
  return picked.size === 2 ? 'equal' : ([...picked][0] as Endpoint)
}

balancingSuite('peak-ewma', (context) => peakEwma.create({}, context))

test('the endpoint with the lower latency is picked', () => {
  const { policy, time } = setUp()
  const [a, b] = endpoints(2)
  tell(policy, time, a, 80)
  tell(policy, time, b, 20)
  assert.equal(cheaper(policy, [a, b]), b)
})

test('what the gateway itself stood still is no latency', () => {
  const { policy, time } = setUp()
  const [a, b] = endpoints(2)
  tell(policy, time, a, 1_520, { stalledMs: 1_500 })
  tell(policy, time, b, 80)
  assert.equal(cheaper(policy, [a, b]), a)
})

test('requests in flight multiply the latency', () => {
  const { policy, time } = setUp()
  const [a, b] = endpoints(2)
  tell(policy, time, a, 50)
  tell(policy, time, b, 20)
  b.inFlight = 1
  assert.equal(cheaper(policy, [a, b]), b)
  b.inFlight = 2
  assert.equal(cheaper(policy, [a, b]), a)
})

test('weight divides the latency', () => {
  const { policy, time } = setUp()
  const [a, b] = endpoints(2, [3, 1])
  tell(policy, time, a, 50)
  tell(policy, time, b, 20)
  assert.equal(cheaper(policy, [a, b]), a)
  a.weight = 2
  assert.equal(cheaper(policy, [a, b]), b)
})

test('latency is the time to the response head, not to the end of the body', () => {
  const { policy, time } = setUp()
  const [a, b] = endpoints(2)
  tell(policy, time, a, 30_000, { headAt: time.now() - 29_990 })
  tell(policy, time, b, 20)
  assert.equal(cheaper(policy, [a, b]), a)
})

test('a peak counts at once and then fades with the decay', () => {
  const { policy, time } = setUp({ decay: '10s' })
  const [a, b] = endpoints(2)
  tell(policy, time, a, 20)
  tell(policy, time, a, 1_000)
  const keepUp = () => tell(policy, time, b, 100)
  keepUp()
  assert.equal(cheaper(policy, [a, b]), b)
  time.advance(22_000)
  keepUp()
  assert.equal(cheaper(policy, [a, b]), b)
  time.advance(2_000)
  keepUp()
  assert.equal(cheaper(policy, [a, b]), a)
})

test('a new endpoint is tried at once, but with one request until it has been measured', () => {
  const { policy, time } = setUp()
  const [old, fresh] = endpoints(2)
  tell(policy, time, old, 50)
  assert.equal(cheaper(policy, [old, fresh]), fresh)
  fresh.inFlight = 1
  assert.equal(cheaper(policy, [old, fresh]), old)
  tell(policy, time, fresh, 10)
  assert.equal(cheaper(policy, [old, fresh]), fresh)
})

test('the latency assumed of a new endpoint can be set', () => {
  const { policy, time } = setUp({ assumed: '10ms' })
  const [old, fresh] = endpoints(2)
  tell(policy, time, old, 50)
  fresh.inFlight = 1
  assert.equal(cheaper(policy, [old, fresh]), fresh)
})

test('an endpoint that was not asked for long is tried with one request, not flooded', () => {
  const { policy, time } = setUp()
  const [slow, quick] = endpoints(2)
  tell(policy, time, slow, 30_000)
  time.advance(180_000)
  tell(policy, time, quick, 20)
  assert.equal(cheaper(policy, [slow, quick]), slow)
  slow.inFlight = 1
  assert.equal(cheaper(policy, [slow, quick]), quick)
})

const faults: Partial<AttemptRecord>[] = [
  { headAt: 0, status: 0, failure: 'upstream_connect_failed' },
  { status: 503 }
]
for (const fault of faults) {
  test(`failing fast costs the penalty: ${fault.failure ?? fault.status}`, () => {
    const { policy, time } = setUp()
    const [failing, working] = endpoints(2)
    tell(policy, time, failing, 1, fault)
    tell(policy, time, working, 4_000)
    assert.equal(cheaper(policy, [failing, working]), working)
    tell(policy, time, working, 6_000)
    assert.equal(cheaper(policy, [failing, working]), failing)
  })
}

test('the penalty can be set', () => {
  const { policy, time } = setUp({ penalty: '0s' })
  const [failing, working] = endpoints(2)
  tell(policy, time, failing, 1, { status: 503 })
  tell(policy, time, working, 20)
  assert.equal(cheaper(policy, [failing, working]), failing)
})

for (const failure of ['client_closed', 'pool_queue_full'] as const) {
  test(`${failure} is not the endpoint's fault and changes nothing`, () => {
    const { policy, time } = setUp()
    const [a, b] = endpoints(2)
    tell(policy, time, a, 20)
    tell(policy, time, b, 30)
    tell(policy, time, a, 9_000, { failure })
    assert.equal(cheaper(policy, [a, b]), a)
  })
}

test('a fault now and then moves no traffic, five in a row do', () => {
  const { policy, time } = setUp()
  const [a, b] = endpoints(2)
  const failing = { status: 503 }
  for (let n = 0; n < 100; n++) {
    time.advance(10)
    tell(policy, time, a, 20)
    tell(policy, time, b, 21)
  }
  for (let n = 0; n < 4; n++) tell(policy, time, a, 20, failing)
  assert.equal(cheaper(policy, [a, b]), a)
  tell(policy, time, a, 20, failing)
  assert.equal(cheaper(policy, [a, b]), b)
})

for (const perSecond of [10, 50, 200])
  test(`two that fail 1 % of ${perSecond} requests a second share the traffic as two that never fail`, () => {
    const least = [0, 0.01].map((faults) => {
      const { policy, time } = setUp()
      const candidates = endpoints(2)
      const chance = seededChance(5)
      const shares: number[] = []
      for (let window = 0; window < 60; window++) {
        // One at a time, with a pause after each.
        const answer = (): SimulatedResponse => {
          time.advance(1_000 / perSecond)
          return { ms: 10 + 10 * chance(), status: chance() < faults ? 503 : 200 }
        }
        const picked = simulateLoad(policy, candidates, { requests: 10 * perSecond, time, answer })
        const [a = 0, b = 0] = tally(picked, candidates)
        shares.push(Math.min(a, b) / (a + b))
      }
      return Math.min(...shares)
    })
    const [healthy = 0, failing = 0] = least
    assert.ok(failing >= 0.3 && failing > healthy - 0.1, `${failing}, without faults ${healthy}`)
  })

test('an endpoint that fails often gets little', () => {
  const { policy, time } = setUp()
  const candidates = endpoints(3)
  const chance = seededChance(5)
  const answer = (endpoint: Endpoint): SimulatedResponse => ({
    ms: 20,
    status: endpoint === candidates[0] && chance() < 0.3 ? 503 : 200
  })
  const picked = simulateLoad(policy, candidates, { requests: 20_000, concurrency: 4, time, answer })
  const [failing = 0] = tally(picked, candidates)
  assert.ok(failing < 2_000, `${failing} of 20000 went to the one that fails`)
})

test('an endpoint that fails fast does not attract traffic', () => {
  const { policy, time } = setUp()
  const candidates = endpoints(3)
  const answer = (endpoint: Endpoint): SimulatedResponse =>
    endpoint === candidates[0] ? { ms: 1, status: 503 } : { ms: 50 }
  const picked = simulateLoad(policy, candidates, { requests: 10_000, concurrency: 10, time, answer })
  const [failing = 0] = tally(picked, candidates)
  assert.ok(failing >= 1 && failing <= 10, `${failing} of 10000 went to the failing endpoint`)
})

test('a slow endpoint gets far less than the quick ones, but is tried again', () => {
  const { policy, time } = setUp()
  const candidates = endpoints(3)
  const answer = (endpoint: Endpoint): SimulatedResponse => ({ ms: endpoint === candidates[0] ? 500 : 20 })
  const picked = simulateLoad(policy, candidates, { requests: 20_000, concurrency: 6, time, answer })
  const [slow = 0] = tally(picked, candidates)
  assert.ok(slow > 0 && slow < 300, `${slow} of 20000 went to the slow endpoint`)
})

test('an endpoint that works again gets its share back', () => {
  const { policy, time } = setUp()
  const candidates = endpoints(3)
  let broken = true
  const answer = (endpoint: Endpoint): SimulatedResponse =>
    broken && endpoint === candidates[0] ? { ms: 1, status: 503 } : { ms: 50 }
  simulateLoad(policy, candidates, { requests: 1_000, concurrency: 10, time, answer })
  broken = false
  simulateLoad(policy, candidates, { requests: 12_000, concurrency: 10, time, answer })
  const picked = simulateLoad(policy, candidates, { requests: 3_000, concurrency: 10, time, answer })
  const [recovered = 0] = tally(picked, candidates)
  assert.ok(recovered > 800, `${recovered} of 3000 went to the recovered endpoint`)
})
