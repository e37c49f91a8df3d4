import {
  allRoutes,
  type InSteps,
  type Prepared,
  type Route,
  type RouteSlot,
  type Snapshot
} from '@gatewright/core'
import type { RetryBudget } from './budget.js'
import { type BudgetRequest, Budgets } from './budgets.js'
import { hedgeKey, retryKey } from './keys.js'
import { LatencyHistogram } from './latency.js'
import type { HedgeSettings, RetrySettings } from './settings.js'

/** The settings of a route, with the state it shares with other routes. */
export interface Plan {
  readonly retry: RetrySettings | null
  readonly hedge: HedgeSettings | null
  /** Shared by the routes of the pool with the same budget settings. */
  readonly budget: RetryBudget
  /** Shared by the routes of the pool. */
  readonly latency: LatencyHistogram
}

/** The plans of the next configuration. */
interface NextPlans extends Prepared {
  readonly count: number
}

interface Planned extends BudgetRequest {
  readonly route: Route
  readonly retry: RetrySettings | null
  readonly hedge: HedgeSettings | null
}

const DEFAULT_BUDGET = { budgetShare: 0.1, budgetPerSecond: 3 }

/** Plans of routes, and state per pool id that survives configuration changes. */
export class Plans {
  /** In the route, so that a request keeps the plan it began with. */
  readonly #plans: RouteSlot<Plan>
  readonly #budgets = new Budgets()
  #byRoute: ReadonlyMap<string, Plan> = new Map()
  #latencies: ReadonlyMap<string, LatencyHistogram> = new Map()

  constructor(plans: RouteSlot<Plan>) {
    this.#plans = plans
  }

  /** The plans of the running configuration, by route id. */
  all(): ReadonlyMap<string, Plan> {
    return this.#byRoute
  }

  /** Prepares the plans of the next configuration. Changes nothing in use before the commit. */
  *prepare(snapshot: Snapshot): InSteps<NextPlans> {
    const planned: Planned[] = []
    for (const route of allRoutes(snapshot)) {
      const one = plannedOf(route)
      if (one !== null) planned.push(one)
      yield
    }
    const budgets = yield* this.#budgets.prepare(planned)
    const latencies = new Map<string, LatencyHistogram>()
    const byRoute = new Map<string, Plan>()
    for (const { route, routeId, poolId, retry, hedge } of planned) {
      const latency = latencies.get(poolId) ?? this.#latencies.get(poolId) ?? new LatencyHistogram()
      latencies.set(poolId, latency)
      const plan = { retry, hedge, budget: budgets.of(routeId), latency }
      this.#plans.set(route, plan)
      byRoute.set(routeId, plan)
      yield
    }
    return {
      count: byRoute.size,
      commit: () => {
        budgets.commit()
        this.#byRoute = byRoute
        this.#latencies = latencies
      }
    }
  }

  of(route: Route): Plan | undefined {
    return this.#plans.of(route)
  }
}

function plannedOf(route: Route): Planned | null {
  const { id, pool } = route
  if (pool === null) return null
  const retry = route.setting(retryKey)
  const hedge = route.setting(hedgeKey)
  if (retry === null && hedge === null) return null
  const { budgetShare, budgetPerSecond } = retry ?? DEFAULT_BUDGET
  return { route, routeId: id, poolId: pool.id, retry, hedge, budgetShare, budgetPerSecond }
}
