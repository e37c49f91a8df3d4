import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Exchange, Gateway, type GatewayConfig, type GatewayError } from '@gatewright/core'
import { fakeExchange, virtualClock } from '@gatewright/testing'
import { concurrencyKey, importanceKey, overloadKey } from './keys.js'
import { Overload } from './overload.js'

function setUp(config: GatewayConfig) {
  const time = virtualClock()
  const timers = { after: () => () => {}, every: () => () => {} }
  const gateway = new Gateway({ config, clock: time.clock, chance: () => 0, timers })
  gateway.keys.add(overloadKey, concurrencyKey, importanceKey)
  gateway.router = () => ({ find: () => null, allowed: () => [], explain: () => [] })
  const overload = new Overload(gateway)
  gateway.changes.push({ name: 'overload', prepare: (next) => overload.prepare(next) })
  const snapshot = gateway.compile()
  const limits = snapshot.stages.admissions.length > 0
  const route = snapshot.routes[0] ?? null
  const told: (GatewayError | undefined)[] = []
  /** A request that asks to be let in; what it is told is in `told`. */
  const enter = (changes: Partial<Exchange> = {}): Exchange => {
    const exchange = Object.assign(fakeExchange(), { route, pool: route?.pool ?? null, ...changes })
    overload.admit(exchange, (refusal) => void told.push(refusal))
    return exchange
  }
  return { overload, limits, time, enter, told }
}

const POOL = { endpoints: ['http://a.test'] }

test('where nothing is limited there is nothing to ask', () => {
  const routes = [{ id: 'r', path: '/*', pool: 'p' }]
  assert.equal(setUp({ pools: { p: POOL }, routes }).limits, false)
  assert.equal(setUp({ pools: { p: { ...POOL, concurrency: { max: 1 } } }, routes }).limits, true)
  const own = setUp({
    pools: { p: POOL },
    routes: [{ id: 'r', path: '/*', pool: 'p', concurrency: { max: 1 } }]
  })
  assert.equal(own.limits, true)
  assert.equal(setUp({ pools: { p: POOL }, routes, overload: { maxHeapPercent: 90 } }).limits, true)
})

test("a pool's limit holds for its requests, and says whose it is", () => {
  const { enter, told, overload } = setUp({
    pools: { p: { ...POOL, concurrency: { max: 1 } } },
    routes: [{ id: 'r', path: '/*', pool: 'p' }]
  })
  const first = enter()
  enter()
  assert.deepEqual(
    told.map((refusal) => refusal?.reason),
    [undefined, 'overloaded']
  )
  assert.equal(told[1]?.detail, "pool 'p': 1 run, 0 wait")
  overload.closed(first)
  enter()
  assert.equal(told[2], undefined)
})

test('before the process has been measured nobody is refused', () => {
  const { enter, told, overload } = setUp({
    pools: { p: POOL },
    routes: [{ id: 'r', path: '/*', pool: 'p', importance: 'bulk' }],
    overload: { maxEventLoopDelay: '10ms', maxEventLoopUtilization: 50, maxHeapPercent: 50 }
  })
  enter()
  assert.deepEqual([told, overload.refusedByProcess], [[undefined], 0])
})

/** What an adaptive limit of 20 becomes after many requests, fifteen at a time, that ended so. */
function limitAfter(changes: Partial<Exchange>): number {
  const { enter, overload, time } = setUp({
    routes: [
      {
        id: 'r',
        path: '/*',
        respond: { status: 200 },
        concurrency: { adaptive: { min: 1, initial: 20, remeasure: '0ms' } }
      }
    ]
  })
  for (let n = 0; n < 200; n++) {
    const batch = Array.from({ length: 15 }, () => enter())
    time.advance(20)
    for (const exchange of batch)
      overload.closed(Object.assign(exchange, { endedAt: time.now(), status: 200 }, changes))
  }
  return overload.state().limits[0]?.limit ?? 0
}

test('the limit of a handler finds itself by the answers that the handler made, and by no others', () => {
  assert.ok(limitAfter({}) > 20)
  assert.equal(limitAfter({ status: 500 }), 20)
  assert.equal(limitAfter({ reason: 'client_closed' }), 20)
  assert.equal(limitAfter({ fallback: 'overloaded' }), 20)
})

test('a request that was refused counts for nothing when it closes', () => {
  const { enter, overload, told } = setUp({
    routes: [{ id: 'r', path: '/*', respond: { status: 200 }, concurrency: { max: 1 } }]
  })
  enter()
  overload.closed(enter())
  enter()
  assert.deepEqual(
    told.map((refusal) => refusal?.reason),
    [undefined, 'overloaded', 'overloaded']
  )
  assert.equal(overload.state().limits[0]?.running, 1)
})
