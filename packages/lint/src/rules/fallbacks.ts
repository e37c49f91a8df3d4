import type { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'
import type { LintRule } from './rule.js'

export const loop: LintRule = {
  id: 'fallback.loop',
  severity: 'error',
  title: 'A fallback leads to what has just failed',
  explanation:
    'The fallback pool has no endpoint that the pool of the route does not have: when that one has failed, the request is sent to the same machines again, past their retries and their breaker.',
  fix: 'Give the fallback pool endpoints of its own, or answer by `respond`.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
  spare: { endpoints: [http://10.0.0.2:3000/] }
routes:
  - { path: /*, pool: users, fallback: { pool: spare } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
  spare: { endpoints: [http://10.0.0.3:3000] }
routes:
  - { path: /*, pool: users, fallback: { pool: spare } }`,
  *find({ forwarding, pools }) {
    for (const route of forwarding) {
      const given = route.given('fallback')
      const spare = given?.value.pool === undefined ? undefined : pools.get(given.value.pool)
      const { pool } = route
      if (given === undefined || spare === undefined || pool === undefined) continue
      if (spare.isDiscovered || pool.isDiscovered || spare.endpoints.length === 0) continue
      const failed = new Set(pool.endpoints.map(({ url }) => normal(url)))
      if (spare !== pool && spare.endpoints.every(({ url }) => failed.has(normal(url))))
        yield {
          path: `${given.path}.pool`,
          message: `every endpoint of '${spare.id}' is one of '${pool.id}' too`
        }
    }
  }
}

function normal(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url
}

export const neverHappens: LintRule = {
  id: 'fallback.reason-never-happens',
  severity: 'warning',
  title: 'A fallback for a reason that there is never',
  explanation:
    '`on` names a reason of a part that the route does not have: a breaker that is off, a limit that is not there. What it was meant for then has no fallback.',
  fix: 'Switch that part on, or name the reasons that happen.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, fallback: { on: [circuit_open], respond: { status: 503 } } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], circuitBreaker: true }
routes:
  - { path: /*, pool: users, fallback: { on: [circuit_open], respond: { status: 503 } } }`,
  *find(view) {
    for (const route of view.forwarding) {
      const given = route.given('fallback')
      for (const [index, reason] of (given?.value.on ?? []).entries())
        if (Object.hasOwn(NEEDS, reason) && NEEDS[reason]?.(route, view) === false)
          yield {
            path: `${given?.path}.on[${index}]`,
            message: `'${reason}' never happens to route '${route.id}'`
          }
    }
  }
}

type Needed = (route: RouteView, view: ConfigView) => boolean

const NEEDS: Readonly<Record<string, Needed>> = {
  circuit_open(route) {
    const value = route.given('circuitBreaker')?.value
    return value !== undefined && value !== false && !(typeof value === 'object' && value.mode === 'observe')
  },
  overloaded: (route, { config }) =>
    route.given('concurrency') !== undefined || config.overload !== undefined,
  queue_timeout: (route) => (route.given('concurrency')?.value.maxQueue ?? 0) > 0,
  deadline_exceeded: (route) => route.timeoutMs('total') > 0
}
