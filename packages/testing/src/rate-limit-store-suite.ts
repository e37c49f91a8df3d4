import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { SuiteRunner } from './balancing-suite.js'

/** What a store is asked of one limit: `RateLimitRequest` of `@gatewright/rate-limit`. */
export interface StoreRequest {
  readonly key: string
  readonly algorithm: 'token-bucket' | 'fixed-window' | 'sliding-window'
  readonly capacity: number
  readonly intervalMs: number
  readonly cost: number
  readonly asks: number
  readonly enforces: boolean
}

/** A store under test: `RateLimitStore` of `@gatewright/rate-limit`. */
export interface StoreUnderTest {
  take(
    requests: readonly StoreRequest[]
  ): Promise<readonly { readonly waitMs: number; readonly left: number; readonly resetMs: number }[]>
  charge(requests: readonly StoreRequest[]): Promise<void>
}

/** One clause of the contract. `check` rejects with an AssertionError when a store breaks it. */
export interface RateLimitStoreClause {
  /** A sentence that is true of a store that keeps the contract. */
  readonly name: string
  /** `key` begins the keys that the clause may use; no other clause of the same store has them. */
  check(store: StoreUnderTest, key: string): Promise<void>
}

const ALGORITHMS = ['token-bucket', 'fixed-window', 'sliding-window'] as const
const HOUR = 3_600_000

/** So many an hour. */
function hourly(key: string, capacity: number, more: Partial<StoreRequest> = {}): StoreRequest {
  const algorithm = more.algorithm ?? 'fixed-window'
  const intervalMs = algorithm === 'token-bucket' ? HOUR / capacity : HOUR
  const { cost = 1 } = more
  return { key, algorithm, capacity, intervalMs, cost, asks: cost, enforces: true, ...more }
}

/** What a store of rate limits keeps, clause by clause. */
export const rateLimitStoreContract: readonly RateLimitStoreClause[] = [
  {
    name: 'of many requests at once exactly the limit is admitted, by every algorithm',
    async check(store, key) {
      for (const algorithm of ALGORITHMS) {
        const request = hourly(`${key}${algorithm}`, 20, { algorithm })
        const states = await Promise.all(Array.from({ length: 100 }, () => store.take([request])))
        assert.equal(states.filter(([state]) => state?.waitMs === 0).length, 20, algorithm)
      }
    }
  },
  {
    name: 'tells what is left, when it would admit, and when the limit is whole',
    async check(store, key) {
      for (const algorithm of ALGORITHMS) {
        const request = hourly(`${key}${algorithm}`, 3, { algorithm })
        const lefts: unknown[] = []
        for (let n = 0; n < 3; n++) lefts.push((await store.take([request]))[0]?.left)
        assert.deepEqual(lefts, [2, 1, 0], algorithm)
        const [refused] = await store.take([request])
        assert.ok(refused !== undefined && refused.waitMs > 0 && refused.waitMs <= 2 * HOUR, algorithm)
        assert.equal(refused.left, 0)
        assert.ok(refused.resetMs > 0 && refused.resetMs <= 2 * HOUR, algorithm)
      }
    }
  },
  {
    name: 'admits again after the time that it told',
    async check(store, key) {
      for (const algorithm of ALGORITHMS) {
        const intervalMs = algorithm === 'token-bucket' ? 20 : 40
        const request = hourly(`${key}${algorithm}`, 1, { algorithm, intervalMs })
        let [state] = await store.take([request])
        while (state?.waitMs === 0) [state] = await store.take([request])
        assert.ok(state !== undefined && state.waitMs <= 80, algorithm)
        await setTimeout(Math.ceil(state.waitMs) + 1)
        assert.equal((await store.take([request]))[0]?.waitMs, 0, algorithm)
      }
    }
  },
  {
    name: 'keys do not count together',
    async check(store, key) {
      for (const name of ['a', 'b', 'a:b', '', ' ', '\u00fc', 'x'.repeat(200)])
        assert.equal((await store.take([hourly(`${key}/${name}`, 1)]))[0]?.waitMs, 0, name)
    }
  },
  {
    name: 'a cost is taken as a whole or not at all; nothing costs nothing, and more than the limit never passes',
    async check(store, key) {
      for (const algorithm of ALGORITHMS) {
        const ask = async (cost: number) =>
          (await store.take([hourly(`${key}${algorithm}`, 10, { algorithm, cost })]))[0]
        assert.deepEqual([(await ask(4))?.left, (await ask(0))?.left], [6, 6], algorithm)
        const refused = await ask(7)
        assert.ok(refused !== undefined && refused.waitMs > 0 && refused.left === 6, algorithm)
        assert.equal((await ask(11))?.waitMs, Number.POSITIVE_INFINITY, algorithm)
        assert.equal((await ask(6))?.left, 0, algorithm)
      }
    }
  },
  {
    name: 'when one of several limits refuses, nothing is taken from the others',
    async check(store, key) {
      const [small, large] = [hourly(`${key}small`, 1), hourly(`${key}large`, 10)]
      assert.deepEqual(
        (await store.take([large, small])).map(({ left }) => left),
        [9, 0]
      )
      for (let n = 0; n < 3; n++) await store.take([large, small])
      assert.equal((await store.take([large]))[0]?.left, 8)
    }
  },
  {
    name: 'a limit that only observes does not stand in the way of the others',
    async check(store, key) {
      const [small, large] = [hourly(`${key}small`, 1, { enforces: false }), hourly(`${key}large`, 10)]
      await store.take([small, large])
      const [observed, taken] = await store.take([small, large])
      assert.ok(observed !== undefined && observed.waitMs > 0)
      assert.deepEqual([taken?.waitMs, taken?.left], [0, 8])
    }
  },
  {
    name: 'a charge is taken whatever is left, and what is asked for must be there',
    async check(store, key) {
      for (const algorithm of ALGORITHMS) {
        const request = hourly(`${key}${algorithm}`, 10, { algorithm, cost: 0, asks: 1 })
        assert.equal((await store.take([request]))[0]?.waitMs, 0, algorithm)
        await store.charge([{ ...request, cost: 25 }])
        const [state] = await store.take([request])
        assert.ok(state !== undefined && state.waitMs > 0 && state.left === 0, algorithm)
      }
    }
  }
]

/**
 * Runs the contract of stores of rate limits. `create` makes the store that all clauses are checked with.
 *
 * @example rateLimitStoreSuite('my store', () => new MyStore())
 */
export function rateLimitStoreSuite(
  name: string,
  create: () => StoreUnderTest | Promise<StoreUnderTest>,
  runner: SuiteRunner = { describe, test }
): void {
  runner.describe(`the store of rate limits: ${name}`, () => {
    for (const [index, clause] of rateLimitStoreContract.entries())
      runner.test(clause.name, async () => clause.check(await create(), `suite ${index} `))
  })
}
