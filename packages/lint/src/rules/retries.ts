import type { RetryOptions } from '@gatewright/gateway'
import type { ConfigView } from '../view/config-view.js'
import type { Given, RouteView } from '../view/route-view.js'
import type { LintRule } from './rule.js'

/** What a route retries by, with the short forms written out; nothing where it does not. */
export function retryOf(route: RouteView): (Given & { readonly options: RetryOptions }) | undefined {
  const given = route.given('retry')
  if (given === undefined || given.value === false || route.action !== 'forward') return undefined
  const { value } = given
  return { ...given, options: typeof value === 'string' ? { methods: value } : value }
}

/** Routes with their retries. */
export function* retriesIn({
  forwarding
}: ConfigView): Iterable<{ route: RouteView; path: string; options: RetryOptions }> {
  for (const route of forwarding) {
    const retry = retryOf(route)
    if (retry !== undefined) yield { route, path: retry.path, options: retry.options }
  }
}

/** From where on a budget limits nothing that matters: half as many requests again, or a hundred a second. */
const MOST_PERCENT = 50
const MOST_PER_SECOND = 100

export const noBudget: LintRule = {
  id: 'retry.no-budget',
  severity: 'error',
  title: 'Retries without a budget that holds',
  explanation:
    'When an upstream fails, every request fails, and each is sent again. Without a budget the load is then a multiple of the usual one, and the upstream does not recover.',
  fix: 'Leave `budgetPercent` at its default of 10 and `budgetMinPerSecond` at 3, or set them to what the upstream can bear besides its usual load.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { attempts: 3, budgetPercent: 100 } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { attempts: 3, budgetPercent: 20 } }`,
  *find(view) {
    for (const { path, options } of retriesIn(view)) {
      const { budgetPercent = 10, budgetMinPerSecond = 3 } = options
      if (budgetPercent > MOST_PERCENT)
        yield {
          path: `${path}.budgetPercent`,
          message: `${budgetPercent} % of the requests that succeed may be retries and hedges; above ${MOST_PERCENT} % a failing upstream gets up to twice its usual load`
        }
      if (budgetMinPerSecond > MOST_PER_SECOND)
        yield {
          path: `${path}.budgetMinPerSecond`,
          message: `${budgetMinPerSecond} retries a second are allowed however many fail`
        }
    }
  }
}
