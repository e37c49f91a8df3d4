import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type {
  AttemptRecord,
  BalancingContext,
  BalancingPolicy,
  Candidates,
  Endpoint,
  Exchange
} from '@gatewright/core'
import { fakeAttempt } from './fake-attempt.js'
import { endpoints } from './fake-endpoints.js'
import { fakeExchange } from './fake-exchange.js'
import { seededChance } from './seeded-chance.js'
import { simulateLoad } from './simulated-load.js'
import { type VirtualClock, virtualClock } from './virtual-clock.js'

/** Makes a fresh policy for every check. A policy may use no other time and chance than the context's. */
export type CreatePolicy = (context: BalancingContext) => BalancingPolicy

/**
 * What a policy claims of idle, equal endpoints. `spread`: requests, even from one client, are shared out among
 * all. `keyed`: requests that are alike meet the same endpoint, and clients are shared out among all. `any`: nothing.
 */
export type PolicyKind = 'spread' | 'keyed' | 'any'

/** One clause of the contract. `check` throws an AssertionError when a policy breaks it. */
export interface BalancingClause {
  /** A sentence that is true of a policy that keeps the contract. */
  readonly name: string
  check(create: CreatePolicy, kind: PolicyKind): void
}

/** The contract of `BalancingPolicy`, clause by clause. */
export const balancingContract: readonly BalancingClause[] = [
  {
    name: 'picks one of the candidates, whatever their weights and load',
    check(create) {
      const { policy } = setUp(create)
      const candidates = endpoints(4, [1, 65_535, 3, 0.1])
      for (let n = 0; n < 100; n++) {
        for (const [index, endpoint] of candidates.entries()) endpoint.inFlight = (n * (index + 1)) % 7
        assertMember(policy.pick(candidates, requestFrom(n)), candidates)
      }
    }
  },
  {
    name: 'picks the only candidate',
    check(create) {
      const { policy } = setUp(create)
      for (const candidate of endpoints(3))
        for (let n = 0; n < 5; n++) assert.equal(policy.pick([candidate], requestFrom(n)), candidate)
    }
  },
  {
    name: 'changes neither the list nor the endpoints',
    check(create) {
      const { policy } = setUp(create)
      const candidates = Object.freeze(endpoints(3, [3, 1, 2])) as Candidates
      const before = candidates.map((endpoint) => ({ ...endpoint }))
      for (let n = 0; n < 50; n++) policy.pick(candidates, requestFrom(n))
      assert.deepEqual(
        candidates.map((endpoint) => ({ ...endpoint })),
        before
      )
    }
  },
  {
    name: 'copes with candidates and weights that change between calls',
    check(create) {
      const { policy, time } = setUp(create)
      const all = endpoints(6)
      const chance = seededChance(11)
      for (let n = 0; n < 300; n++) {
        const some = all.filter(() => chance() < 0.5)
        const [first = all[0], ...others] = n % 2 === 0 ? some : some.reverse()
        first.weight = 1 + Math.floor(chance() * 100)
        const candidates: Candidates = [first, ...others]
        const request = (): Exchange => requestFrom(n)
        for (const picked of simulateLoad(policy, candidates, { requests: 2, concurrency: 2, request, time }))
          assertMember(picked, candidates)
      }
    }
  },
  {
    name: 'copes with attempts that end in any order, fail, or were never announced',
    check(create) {
      const { policy, time } = setUp(create)
      const candidates = endpoints(3)
      const exchange = requestFrom(1)
      for (const endpoint of candidates) {
        policy.started?.(endpoint, exchange)
        policy.started?.(endpoint, exchange)
      }
      for (const endpoint of candidates.toReversed())
        for (const change of ENDINGS) policy.ended?.(fakeAttempt(endpoint, change), exchange)
      const [stranger] = endpoints(['http://stranger.test'])
      policy.ended?.(fakeAttempt(stranger), exchange)
      time.advance(60_000)
      for (let n = 0; n < 20; n++) assertMember(policy.pick(candidates, requestFrom(n)), candidates)
    }
  },
  {
    name: 'copes with any request',
    check(create) {
      const { policy } = setUp(create)
      const candidates = endpoints(3)
      for (const exchange of ODD) assertMember(policy.pick(candidates, exchange()), candidates)
    }
  },
  {
    name: 'decides the same with the same time and chance',
    check(create) {
      const run = (): string[] => picks(create, 200, (n) => requestFrom(n % 20)).map(({ url }) => url)
      assert.deepEqual(run(), run())
    }
  },
  {
    name: 'shares out or keeps together what it says it does',
    check(create, kind) {
      if (kind === 'any') return
      const alike = new Set(picks(create, 200, () => requestFrom(1)))
      if (kind === 'keyed') assert.equal(alike.size, 1, 'requests that are alike met several endpoints')
      else assert.equal(alike.size, 4, 'the requests of one client did not reach all endpoints')
      const clients = new Set(picks(create, 200, requestFrom))
      assert.equal(clients.size, 4, 'the requests of many clients did not reach all endpoints')
    }
  }
]

/** Where a suite is registered: `node:test`, or `describe` and `test` of another runner, such as Vitest. */
export interface SuiteRunner {
  describe(name: string, body: () => void): unknown
  test(name: string, body: () => void): unknown
}

/**
 * Registers with `node:test`, or another runner, the contract that every balancing policy must keep: ours and any of yours.
 *
 * @example balancingSuite('nearest', () => new NearestPolicy(), 'any')
 */
export function balancingSuite(
  name: string,
  create: CreatePolicy,
  kind: PolicyKind = 'spread',
  runner: SuiteRunner = { describe, test }
): void {
  runner.describe(`balancing policy ${name}`, () => {
    for (const { name: clause, check } of balancingContract) runner.test(clause, () => check(create, kind))
  })
}

const ENDINGS: readonly Partial<AttemptRecord>[] = [
  {},
  { status: 503 },
  { status: 0, headAt: 0, failure: 'upstream_connect_failed', sent: false },
  { status: 0, headAt: 0, failure: 'upstream_timeout', endedAt: 31_000 },
  { status: 200, failure: 'client_closed' }
]

const ODD: readonly (() => Exchange)[] = [
  () => fakeExchange({ client: '' }),
  () => fakeExchange({ method: 'OPTIONS', path: '*' }),
  () => fakeExchange({ query: '&&=%&%zz=%&' }),
  () => fakeExchange({ headers: { cookie: '' } }),
  () => fakeExchange({ headers: { cookie: ['=;;= ;', 'a', 'a="b; c'] } }),
  () => fakeExchange({ headers: { __proto__: 'x', constructor: 'y', 'x-long': 'z'.repeat(4_000) } }),
  () => fakeExchange({ path: `/${'a/'.repeat(2_000)}`, client: '2001:db8::1' })
]

function setUp(create: CreatePolicy): { policy: BalancingPolicy; time: VirtualClock } {
  const time = virtualClock()
  const policy = create({ poolId: 'test', clock: time.clock, chance: seededChance(5) })
  return { policy, time }
}

function requestFrom(client: number): Exchange {
  return fakeExchange({ client: `198.51.100.${client % 256}`, path: `/${client}` })
}

function picks(create: CreatePolicy, count: number, request: (n: number) => Exchange): Endpoint[] {
  const { policy, time } = setUp(create)
  return simulateLoad(policy, endpoints(4), { requests: count, request, time })
}

function assertMember(picked: Endpoint, candidates: Candidates): void {
  assert.ok(candidates.includes(picked), `picked ${picked?.url}, which is no candidate`)
}
