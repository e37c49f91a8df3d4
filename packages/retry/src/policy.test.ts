import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AttemptRecord,
  Events,
  type Exchange,
  finish,
  type Key,
  Pool,
  type PoolConfig,
  type Reason,
  type Route,
  RouteSlot,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import { endpoints, fakeAttempt, fakeExchange, virtualClock } from '@gatewright/testing'
import { Plans } from './plans.js'
import { Retrying } from './policy.js'

const WALL = Date.parse('2026-01-01T00:00:00Z')

interface Setup {
  readonly policy: Retrying
  readonly events: string[]
  readonly delays: number[]
  readonly advance: (ms: number) => void
  exchange(options?: {
    method?: string
    headers?: Record<string, string>
    attempts?: number
    retries?: number
  }): Exchange
  attempt(changes: Partial<AttemptRecord>): AttemptRecord
}

function routeOf(id: string, pool: Pool, config: object): Route {
  const setting = <S>(key: Key<unknown, S>): S => settingIn(key, config)
  return { id, pool, setting, slots: [] } as unknown as Route
}

function setUp(config: PoolConfig): Setup {
  const time = virtualClock()
  const events = new Events()
  const told: string[] = []
  const delays: number[] = []
  events.on('retry', ({ outcome, delayMs }) => {
    told.push(outcome)
    delays.push(delayMs)
  })
  events.on('hedge', ({ outcome }) => void told.push(`hedge ${outcome}`))
  events.on('observed', ({ because }) => void told.push(because))
  const all = endpoints(3)
  const pool = new Pool('p', all, { pick: ([first]) => first }, {} as never, config)
  const route = routeOf('r', pool, config)
  const plans = new Plans(new RouteSlot(0))
  finish(plans.prepare({ routes: [route], native: new Map() } as unknown as Snapshot)).commit?.()
  const policy = new Retrying({ plans, events, clock: time.clock, wallClock: () => WALL, chance: () => 0.5 })
  return {
    policy,
    events: told,
    delays,
    advance: time.advance,
    exchange({ attempts = 1, retries = attempts - 1, ...request } = {}) {
      const exchange = fakeExchange({ pool, ...request })
      exchange.retries = retries
      exchange.route = route
      for (let n = 0; n < attempts; n++) exchange.attempts.push(fakeAttempt(all[n % 3] as (typeof all)[0]))
      return exchange
    },
    attempt: (changes) => fakeAttempt(all[0], changes)
  }
}

const RESET = { failure: 'upstream_reset', status: 0 } as const
const REFUSED = { failure: 'upstream_connect_failed', status: 0, sent: false } as const

test('what was never sent may be tried again whatever the method; the rest only if it does no harm', () => {
  const { policy, attempt, exchange } = setUp({ retry: { budgetMinPerSecond: 100 } })
  const decides = (changes: Partial<AttemptRecord>, options = {}): boolean =>
    policy.decide(attempt(changes), exchange(options)) !== null
  assert.equal(decides(REFUSED, { method: 'POST' }), true)
  assert.equal(decides(RESET), true)
  assert.equal(decides(RESET, { method: 'POST' }), false)
  assert.equal(decides(RESET, { method: 'POST', headers: { 'idempotency-key': '1' } }), true)
  for (const none of ['', '  ', '""', ', ', '"" , '])
    assert.equal(decides(RESET, { method: 'POST', headers: { 'idempotency-key': none } }), false, none)
  const upload = exchange({ method: 'PUT', headers: { 'content-length': '5' } })
  assert.equal(policy.decide(attempt(RESET), upload), null)
  upload.bodyKept = true
  assert.notEqual(policy.decide(attempt(RESET), upload), null)
})

test('the short forms choose methods, and a list names them', () => {
  for (const [retry, method, again] of [
    ['safe', 'GET', true],
    ['safe', 'PUT', false],
    ['idempotent', 'PUT', true],
    [{ methods: ['POST'] }, 'POST', true],
    [{ methods: ['POST'] }, 'GET', false]
  ] as const) {
    const { policy, attempt, exchange } = setUp({ retry: retry as never })
    assert.equal(policy.decide(attempt(RESET), exchange({ method })) !== null, again, `${method}`)
  }
})

const CONDITIONS: [Reason | number, string | null][] = [
  ['upstream_connect_failed', 'connect_failure'],
  ['upstream_connect_timeout', 'connect_failure'],
  ['upstream_tls_failed', 'connect_failure'],
  ['upstream_reset', 'reset'],
  ['upstream_timeout', 'timeout'],
  [502, 'status'],
  [503, 'status'],
  [504, 'status'],
  [500, null],
  [200, null],
  ['upstream_protocol_error', null],
  ['pool_queue_full', 'connect_failure'],
  ['pool_queue_timeout', 'connect_failure'],
  ['client_closed', null],
  ['deadline_exceeded', null],
  ['body_too_large', null]
]

for (const [outcome, condition] of CONDITIONS)
  test(`${outcome} as a reason to try again: ${condition}`, () => {
    const changes = typeof outcome === 'number' ? { status: outcome } : { failure: outcome, status: 0 }
    for (const on of ['connect_failure', 'reset', 'timeout', 'status'] as const) {
      const { policy, attempt, exchange } = setUp({ retry: { on: [on] } })
      assert.equal(policy.decide(attempt(changes), exchange()) !== null, on === condition, on)
    }
  })

test('what found no connection goes on elsewhere, at once and whatever the budget, but not to where it was', () => {
  const { policy, attempt, exchange, events } = setUp({
    retry: { attempts: 4, budgetPercent: 1, budgetMinPerSecond: 0 }
  })
  const FULL = { failure: 'pool_queue_full', status: 0, sent: false } as const
  const one = exchange({ method: 'POST' })
  for (let n = 0; n < 20; n++) assert.equal(policy.decide(attempt(FULL), one), 0)
  assert.equal(policy.decide(attempt(REFUSED), one), null, 'there is no budget')
  events.length = 0
  const all = exchange({ attempts: 3 })
  assert.equal(policy.decide(attempt(FULL), all), null)
  assert.deepEqual(events, [])
  // Health may leave only the endpoint that was tried.
  const tried = exchange({ attempts: 0 })
  tried.attempts.push(attempt(FULL))
  const candidates = tried.attempts.map(({ endpoint }) => endpoint)
  assert.deepEqual(policy.narrow(candidates, tried), [])
})

test('after the last attempt there is no other, and that is told', () => {
  const { policy, attempt, exchange, events } = setUp({ retry: { attempts: 3 } })
  assert.notEqual(policy.decide(attempt(RESET), exchange({ attempts: 2 })), null)
  assert.equal(policy.decide(attempt(RESET), exchange({ attempts: 3 })), null)
  assert.deepEqual(events, ['again', 'exhausted'])
})

test('only what was tried again has succeeded or failed by it: not a hedge, and not the fallback', () => {
  const { policy, events, attempt, exchange } = setUp({ retry: { attempts: 2 } })
  const second = attempt({ number: 2 })
  policy.ended(second, exchange({ attempts: 2, retries: 0 }))
  assert.equal(policy.decide(attempt(RESET), exchange({ attempts: 2, retries: 0 })), null)
  policy.ended(second, Object.assign(exchange({ attempts: 2 }), { fallback: 'upstream_reset' }))
  assert.deepEqual(events, [])
  policy.ended(second, exchange({ attempts: 2 }))
  assert.deepEqual(events, ['success'])
})

test('an answer that is tried again, or should have been, is no success and pays nothing', () => {
  const retry = { statuses: [429], budgetPercent: 100, budgetMinPerSecond: 0 }
  const { policy, events, attempt, exchange } = setUp({ retry })
  for (let n = 0; n < 10; n++) {
    policy.ended(attempt({ status: 429, superseded: true }), exchange())
    policy.ended(attempt({ status: 404, superseded: true }), exchange())
    policy.ended(attempt({ status: 429 }), exchange({ attempts: 2 }))
  }
  assert.equal(policy.decide(attempt({ status: 429 }), exchange()), null)
  assert.deepEqual(events, ['budget'])
  policy.ended(attempt({ status: 404, number: 2 }), exchange({ attempts: 2 }))
  assert.notEqual(policy.decide(attempt({ status: 429 }), exchange()), null)
  assert.deepEqual(events, ['budget', 'success', 'again'])
})

test('beside another attempt, what would be tried again yields, and nothing is counted', () => {
  const { policy, events, attempt, exchange } = setUp({ retry: { statuses: [429], budgetMinPerSecond: 1 } })
  const one = exchange({ attempts: 2, retries: 0 })
  assert.equal(policy.yields(attempt({ status: 429 }), one), true)
  assert.equal(policy.yields(attempt({ status: 404 }), one), false)
  assert.deepEqual([one.retries, events], [0, []])
  assert.notEqual(policy.decide(attempt({ status: 429 }), exchange()), null)
  const observing = setUp({ retry: { statuses: [429], mode: 'observe' } })
  assert.equal(observing.policy.yields(attempt({ status: 429 }), observing.exchange()), false)
  assert.equal(setUp({ hedge: { after: '1ms' } }).policy.yields(attempt({ status: 503 }), one), false)
})

test('a hedge has lost or won only when the other one has an answer', () => {
  const { policy, events, attempt, exchange } = setUp({ hedge: { after: '1ms' } })
  const pending = { cancelled: true, status: 0, headAt: 0 } as const
  const left = exchange({ attempts: 0, retries: 0 })
  left.attempts.push(attempt({ ...pending, failure: 'client_closed' }), attempt({ ...pending, number: 2 }))
  policy.ended(left.attempts[1] as AttemptRecord, left)
  assert.deepEqual(events, [])
  const answered = exchange({ attempts: 0, retries: 0 })
  answered.attempts.push(attempt({}), attempt({ ...pending, number: 2, hedge: true }))
  policy.ended(answered.attempts[1] as AttemptRecord, answered)
  policy.answered(answered.attempts[0] as AttemptRecord, answered)
  assert.deepEqual(events, ['hedge lost'])
})

test('a hedge that found no place in the line for a connection has not lost', () => {
  const { policy, events, attempt, exchange } = setUp({ hedge: { after: '1ms' } })
  const one = exchange({ attempts: 0, retries: 0 })
  one.attempts.push(
    attempt({}),
    attempt({ failure: 'pool_queue_full', status: 0, sent: false, number: 2, hedge: true })
  )
  policy.answered(one.attempts[0] as AttemptRecord, one)
  assert.deepEqual(events, [])
})

test('a hedge whose answer the client gets has won, though the first attempt had failed before', () => {
  const { policy, events, attempt, exchange } = setUp({ hedge: { after: '1ms' } })
  const one = exchange({ attempts: 0, retries: 0 })
  one.attempts.push(attempt(RESET), attempt({ number: 2, hedge: true }), attempt({ number: 3 }))
  policy.answered(one.attempts[1] as AttemptRecord, one)
  assert.deepEqual(events, ['hedge won'])
  // Neither did, where both have failed.
  policy.answered(one.attempts[2] as AttemptRecord, one)
  policy.answered(attempt({ number: 2, hedge: true, status: 503 }), one)
  assert.deepEqual(events, ['hedge won'])
})

test('Retry-After is waited for, but not for ever', () => {
  const { policy, attempt, exchange } = setUp({ retry: { maxRetryAfter: '2s' } })
  const wait = (retryAfter: string): number | null =>
    policy.decide(attempt({ status: 503, retryAfter }), exchange())
  assert.equal(wait('1'), 1_000)
  assert.equal(wait('Thu, 01 Jan 2026 00:00:02 GMT'), 2_000)
  assert.equal(wait('3'), null)
  assert.equal(wait('9999999999'), null)
  assert.equal(wait(''), 13)
})

test('there is no attempt that cannot be over in time', () => {
  const { policy, attempt, exchange, advance } = setUp({ retry: { budgetMinPerSecond: 100 } })
  const late = exchange()
  late.deadlineAt = 1_020
  assert.equal(policy.decide(attempt(RESET), late), 13)
  for (let n = 0; n < 50; n++) policy.ended(attempt({ startedAt: 1_000, headAt: 1_100 }), exchange())
  assert.equal(policy.decide(attempt(RESET), late), null)
  late.deadlineAt = 1_200
  assert.equal(policy.decide(attempt(RESET), late), 13)
  advance(150)
  assert.equal(policy.decide(attempt(RESET), late), null)
})

test('routes of a pool share a budget, whoever configured it; another share or floor is another budget', () => {
  const pools = [0, 1].map((n) => new Pool(`p${n}`, endpoints(2), { pick: ([first]) => first }, {} as never))
  const route = (id: string, pool: number, options: object): Route =>
    routeOf(id, pools[pool] as Pool, options)
  const plans = new Plans(new RouteSlot(0))
  const routes = [
    route('by policy', 0, { retry: { attempts: 3 } }),
    route('by itself', 0, { retry: 'safe' }),
    route('hedged', 0, { hedge: { after: '10ms' } }),
    route('generous', 0, { retry: { budgetPercent: 50 } }),
    route('elsewhere', 1, { retry: 'safe' })
  ]
  finish(plans.prepare({ routes, native: new Map() } as unknown as Snapshot)).commit?.()
  const budgets = [...plans.all().values()].map(({ budget }) => budget)
  assert.deepEqual(
    budgets.map((budget) => budgets.indexOf(budget)),
    [0, 0, 0, 3, 4]
  )
})

test('the budget bounds retries and hedges together', () => {
  const { policy, attempt, exchange, events } = setUp({
    retry: { budgetMinPerSecond: 2 },
    hedge: { after: '10ms' }
  })
  assert.notEqual(policy.decide(attempt(RESET), exchange()), null)
  assert.equal(policy.mayHedge(exchange()), true)
  policy.hedged(exchange())
  assert.equal(policy.decide(attempt(RESET), exchange()), null)
  assert.equal(policy.mayHedge(exchange()), false)
  assert.deepEqual(events, ['again', 'hedge sent', 'budget', 'hedge budget'])
})

test('a hedge begins after the time given, for reads without a body, where there is another endpoint', () => {
  const { policy, exchange } = setUp({ hedge: { after: '10ms' } })
  assert.equal(policy.hedgeDelay(exchange()), 10)
  assert.equal(policy.hedgeDelay(exchange({ method: 'PUT' })), null)
  assert.equal(policy.hedgeDelay(exchange({ headers: { 'content-length': '3' } })), null)
  const alone = exchange()
  alone.pool?.replaceEndpoints(['http://endpoint-1.test'])
  assert.equal(policy.hedgeDelay(alone), null)
})

test('the successes of a fallback add nothing to the budget, and its times nothing to the percentile', () => {
  const { policy, attempt, exchange } = setUp({ retry: { budgetMinPerSecond: 0 }, hedge: { after: 'p90' } })
  for (let n = 0; n < 100; n++)
    policy.ended(
      attempt({ startedAt: 1_000, headAt: 1_010, endedAt: 1_010 }),
      Object.assign(exchange(), { fallback: 'upstream_reset' })
    )
  assert.equal(policy.decide(attempt(RESET), exchange()), null)
  assert.equal(policy.hedgeDelay(exchange()), null)
})

test('a hedge by percentile waits for enough samples', () => {
  const { policy, attempt, exchange } = setUp({ hedge: { after: 'p90', minDelay: '20ms' } })
  assert.equal(policy.hedgeDelay(exchange()), null)
  for (let n = 0; n < 100; n++) policy.ended(attempt({ startedAt: 0, headAt: n < 85 ? 5 : 50 }), exchange())
  const delay = policy.hedgeDelay(exchange()) ?? 0
  assert.ok(delay >= 50 && delay < 57, String(delay))
})

test('endpoints that were tried are left out while there are others', () => {
  const { policy, exchange } = setUp({ retry: 'safe' })
  const all = exchange().pool?.endpoints ?? []
  assert.equal(policy.narrow(all, exchange({ attempts: 0 })), all)
  assert.deepEqual(policy.narrow(all, exchange({ attempts: 2 })), [all[2]])
  assert.equal(policy.narrow(all, exchange({ attempts: 3 })), all)
  const hedging = exchange({ attempts: 3 })
  hedging.hedging = true
  assert.deepEqual(policy.narrow(all, hedging), [])
})

test('observing tells of attempts and hedges that there would have been, and makes none', () => {
  const { policy, attempt, exchange, events } = setUp({
    retry: { mode: 'observe' },
    hedge: { after: '10ms', mode: 'observe' }
  })
  assert.equal(policy.decide(attempt(RESET), exchange()), null)
  assert.equal(policy.mayHedge(exchange()), false)
  assert.deepEqual(events, ['another attempt', 'a second attempt beside the first'])
})

test('what is noted of another attempt has its delay, and what is noted of none has no delay', () => {
  const { policy, attempt, exchange, events, delays } = setUp({
    retry: { attempts: 3, budgetPercent: 0, budgetMinPerSecond: 1 }
  })
  const [again, refused] = [exchange(), exchange()]
  assert.deepEqual([policy.decide(attempt(RESET), again), policy.decide(attempt(RESET), refused)], [13, null])
  assert.deepEqual([again.retries, refused.retries], [1, 0])
  assert.equal(policy.decide(attempt(RESET), exchange({ attempts: 3, retries: 1 })), null)
  assert.equal(policy.decide(attempt(RESET), exchange({ attempts: 3, retries: 0 })), null)
  policy.ended(attempt({}), again)
  policy.ended(attempt({}), refused)
  assert.deepEqual(events, ['again', 'budget', 'exhausted', 'success'])
  assert.deepEqual(delays, [13, 0, 0, 0])
})

test('an attempt that fails again takes from the burst, and a first one that fails does not', () => {
  for (const [changes, allowed] of [
    [{ ...RESET, number: 1 }, 10],
    [{ ...RESET, number: 2 }, 8],
    [{ ...RESET, number: 3 }, 8],
    [{ status: 429, number: 2 }, 10]
  ] as const) {
    const { policy, attempt, exchange } = setUp({ retry: { budgetPercent: 100, budgetMinPerSecond: 0 } })
    for (let n = 0; n < 30; n++) policy.ended(attempt({}), exchange())
    policy.ended(attempt(changes), exchange())
    let spent = 0
    while (policy.decide(attempt(RESET), exchange()) !== null) spent++
    assert.equal(spent, allowed, JSON.stringify(changes))
  }
})

test('an endpoint that always loses is too slow after so many times, unless it has answered in between', () => {
  const { policy, attempt, exchange } = setUp({ hedge: { after: '10ms' } })
  for (let n = 0; n < 100; n++) policy.ended(attempt({ headAt: 2_000, endedAt: 2_000 }), exchange())
  const loser = attempt({ cancelled: true, status: 0, headAt: 0, endedAt: 1_100 })
  const overdueAfter = (): number => {
    for (let n = 1; ; n++) if (policy.isOverdue(loser, attempt({ number: 2 }), exchange())) return n
  }
  assert.equal(overdueAfter(), 21)
  for (const [changes, after] of [
    [RESET, 1],
    [{ status: 503 }, 1],
    [{ cancelled: true, status: 0, headAt: 0 }, 1],
    [{}, 21]
  ] as const) {
    policy.ended(attempt(changes), exchange())
    assert.equal(overdueAfter(), after, JSON.stringify(changes))
  }
})

test('a request without a route, and one whose route neither tries again nor hedges, is left alone', () => {
  const only = { retry: setUp({ retry: 'safe' }), hedge: setUp({ hedge: { after: '1ms' } }) }
  const { attempt } = only.hedge
  assert.equal(only.hedge.policy.decide(attempt(RESET), only.hedge.exchange()), null)
  assert.equal(only.retry.policy.hedgeDelay(only.retry.exchange()), null)
  assert.equal(only.retry.policy.mayHedge(only.retry.exchange()), false)
  for (const { policy, exchange, events } of Object.values(only)) {
    const lost = Object.assign(exchange(), { route: null })
    assert.equal(policy.decide(attempt(RESET), lost), null)
    assert.deepEqual([policy.hedgeDelay(lost), policy.mayHedge(lost)], [null, false])
    assert.equal(policy.isOverdue(attempt({}), attempt({}), lost), false)
    policy.hedged(lost)
    policy.ended(attempt(RESET), lost)
    assert.equal(events.includes('again'), false)
  }
})

test('two endpoints are enough for a hedge', () => {
  const { policy, exchange } = setUp({ hedge: { after: '10ms' } })
  const one = exchange()
  one.pool?.replaceEndpoints(['http://endpoint-1.test', 'http://endpoint-2.test'])
  assert.equal(policy.hedgeDelay(one), 10)
})

test('an attempt begins when there is more time than the wait for it, and not when there is just as much', () => {
  const { policy, attempt, exchange } = setUp({ retry: { budgetMinPerSecond: 100 } })
  for (const [deadlineAt, delay] of [
    [1_010, null],
    [1_013, null],
    [1_014, 13]
  ] as const)
    assert.equal(policy.decide(attempt(RESET), Object.assign(exchange(), { deadlineAt })), delay)
})
