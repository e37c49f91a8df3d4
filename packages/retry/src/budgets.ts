import type { InSteps } from '@gatewright/core'
import { RetryBudget } from './budget.js'
import type { RetrySettings } from './settings.js'

/** A request for the budget of a route, with its settings. */
export interface BudgetRequest extends Pick<RetrySettings, 'budgetShare' | 'budgetPerSecond'> {
  readonly routeId: string
  readonly poolId: string
}

/** The budgets of the next configuration. */
export interface NextBudgets {
  /** The budget of a route that was asked for. */
  of(routeId: string): RetryBudget
  /** Applies the settings of the next configuration. */
  commit(): void
}

interface Held {
  readonly poolId: string
  /** Distinguishes the budgets of a pool. */
  readonly key: string
  readonly budget: RetryBudget
}

/**
 * Retry budgets. Routes of a pool with the same budget settings share one: each budget has a minimum, and one budget per
 * route would add up to a flood of retries. A budget keeps its balance when its settings change.
 */
export class Budgets {
  #byKey: ReadonlyMap<string, Held> = new Map()
  #byRoute: ReadonlyMap<string, Held> = new Map();

  /** Prepares the budgets of the next configuration. Changes nothing before the commit. */
  *prepare(requests: readonly BudgetRequest[]): InSteps<NextBudgets> {
    const keys = new Set<string>()
    for (const request of requests) {
      keys.add(keyOf(request))
      yield
    }
    const byKey = new Map<string, Held>()
    const byRoute = new Map<string, Held>()
    const taken = new Set<RetryBudget>()
    const changes: BudgetRequest[] = []
    for (const request of requests) {
      const key = keyOf(request)
      let held = byKey.get(key) ?? this.#byKey.get(key)
      if (held === undefined) {
        const before = this.#byRoute.get(request.routeId)
        // Not when other routes keep using it: a copy of the budget would double the allowance.
        const stays = before?.poolId === request.poolId && !keys.has(before.key) && !taken.has(before.budget)
        const { budgetShare, budgetPerSecond } = request
        const budget = stays ? before.budget : new RetryBudget(budgetShare, budgetPerSecond)
        taken.add(budget)
        if (stays) changes.push(request)
        held = { poolId: request.poolId, key, budget }
      }
      byKey.set(key, held)
      byRoute.set(request.routeId, held)
      yield
    }
    return {
      of: (routeId) => (byRoute.get(routeId) as Held).budget,
      commit: () => {
        this.#byKey = byKey
        this.#byRoute = byRoute
        for (const { routeId, budgetShare, budgetPerSecond } of changes)
          byRoute.get(routeId)?.budget.follow(budgetShare, budgetPerSecond)
      }
    }
  }
}

function keyOf({ poolId, budgetShare, budgetPerSecond }: BudgetRequest): string {
  return `${budgetShare} ${budgetPerSecond} ${poolId}`
}
