import type { Pool, Route, Snapshot } from '@gatewright/core'
import { RetryBudget } from './budget.js'
import { hedgeKey, retryKey } from './keys.js'
import { LatencyHistogram } from './latency.js'
import type { HedgeSettings, RetrySettings } from './settings.js'

/** What holds for a route, with the state it shares with others. */
export interface Plan {
  readonly retry: RetrySettings | null
  readonly hedge: HedgeSettings | null
  /** That of all routes of the pool whose budgets are configured alike. */
  readonly budget: RetryBudget
  /** The pool's. */
  readonly latency: LatencyHistogram
}

const DEFAULT_BUDGET = { budgetShare: 0.1, budgetPerSecond: 3 }

/** Plans of routes, and the state of pools, which a new snapshot keeps by their ids. */
export class Plans {
  readonly #plans = new WeakMap<Route, Plan>()
  readonly #byRoute = new Map<string, Plan>()
  readonly #budgets = new Map<string, RetryBudget>()
  readonly #latencies = new Map<string, LatencyHistogram>()

  /** Makes the plans of a snapshot's routes. Returns whether there are any. */
  compile({ routes, native }: Snapshot): boolean {
    this.#byRoute.clear()
    for (const route of [...routes, ...native.values()]) {
      const { pool } = route
      if (pool === null) continue
      const retry = route.setting(retryKey)
      const hedge = route.setting(hedgeKey)
      if (retry === null && hedge === null) continue
      const budget = this.#budgetOf(pool, retry)
      const plan = { retry, hedge, budget, latency: this.#latencyOf(pool) }
      this.#plans.set(route, plan)
      this.#byRoute.set(route.id, plan)
    }
    return this.#byRoute.size > 0
  }

  /** The plans of the running snapshot, by route id. */
  all(): ReadonlyMap<string, Plan> {
    return this.#byRoute
  }

  of(route: Route): Plan | undefined {
    return this.#plans.get(route)
  }

  // Every budget has a floor: one for each of many routes would add up to a flood for the pool.
  #budgetOf({ id }: Pool, retry: RetrySettings | null): RetryBudget {
    const { budgetShare: share, budgetPerSecond: perSecond } = retry ?? DEFAULT_BUDGET
    return remembered(this.#budgets, `${share} ${perSecond} ${id}`, () => new RetryBudget(share, perSecond))
  }

  #latencyOf({ id }: Pool): LatencyHistogram {
    return remembered(this.#latencies, id, () => new LatencyHistogram())
  }
}

function remembered<T>(map: Map<string, T>, key: string, create: () => T): T {
  const known = map.get(key) ?? create()
  map.set(key, known)
  return known
}
