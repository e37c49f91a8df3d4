import { RetryBudget } from './budget.js'
import type { RetrySettings } from './settings.js'

/** Of whom a budget is wanted, and with which numbers. */
export interface BudgetRequest extends Pick<RetrySettings, 'budgetShare' | 'budgetPerSecond'> {
  readonly routeId: string
  readonly poolId: string
}

/** The budgets of the next configuration. */
export interface NextBudgets {
  readonly byRoute: ReadonlyMap<string, RetryBudget>
  /** The next configuration takes over: its numbers hold. */
  commit(): void
}

interface Held {
  readonly poolId: string
  /** Tells the budgets of a pool apart. */
  readonly key: string
  readonly budget: RetryBudget
}

/**
 * Budgets, one for all routes of a pool that are configured alike: every budget has a floor, and one for each of many routes
 * would add up to a flood for the pool. What was earned and spent stays when its numbers change.
 */
export class Budgets {
  #byKey: ReadonlyMap<string, Held> = new Map()
  #byRoute: ReadonlyMap<string, Held> = new Map()

  /** Makes ready the budgets of the next configuration. Changes nothing before the commit. */
  prepare(requests: readonly BudgetRequest[]): NextBudgets {
    const keys = new Set(requests.map(keyOf))
    const byKey = new Map<string, Held>()
    const byRoute = new Map<string, Held>()
    const taken = new Set<RetryBudget>()
    const changes: BudgetRequest[] = []
    for (const request of requests) {
      const key = keyOf(request)
      let held = byKey.get(key) ?? this.#byKey.get(key)
      if (held === undefined) {
        const before = this.#byRoute.get(request.routeId)
        // Of one that others go on with, a second one would allow the same again.
        const stays = before?.poolId === request.poolId && !keys.has(before.key) && !taken.has(before.budget)
        const { budgetShare, budgetPerSecond } = request
        const budget = stays ? before.budget : new RetryBudget(budgetShare, budgetPerSecond)
        taken.add(budget)
        if (stays) changes.push(request)
        held = { poolId: request.poolId, key, budget }
      }
      byKey.set(key, held)
      byRoute.set(request.routeId, held)
    }
    return {
      byRoute: new Map([...byRoute].map(([id, { budget }]) => [id, budget])),
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
