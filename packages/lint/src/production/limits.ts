import type { LintRule } from '../rules/rule.js'
import { limits } from '../view/operations.js'

export const noRateLimit: LintRule = {
  id: 'production.no-rate-limit',
  severity: 'warning',
  title: 'One client may take all that there is',
  explanation:
    'Neither the gateway nor the route has a `rateLimit` that is enforced: one client, or a loop in one, gets what all others need.',
  fix: 'Give the top level a generous `rateLimit` by client, and routes that cost more their own. Where only services of your own call, or the load balancer limits, waive this.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
rateLimit: { requestsPerSecond: 100, burst: 200 }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  *find({ config, forwarding }) {
    if (limits(config.rateLimit)) return
    for (const route of forwarding)
      if (!limits(route.given('rateLimit')?.value))
        yield { path: route.path, message: `route '${route.id}' has no rate limit` }
  }
}

export const limitsPerProcess: LintRule = {
  id: 'production.limits-per-process',
  severity: 'info',
  title: 'Each process counts its own requests',
  explanation:
    'Rate limits are counted in memory. Workers of one gateway share a limit; several machines do not: three let three times as much in.',
  fix: 'Set `rateLimitStore` where a limit must be exact, or divide the limit by the number of machines.',
  found: `
rateLimit: { requestsPerSecond: 100 }`,
  clean: `
rateLimit: { requestsPerSecond: 100 }
rateLimitStore: { redis: redis://redis.internal:6379 }`,
  *find({ config, routes }) {
    if (config.rateLimitStore !== undefined && config.rateLimitStore !== false) return
    if (limits(config.rateLimit) || routes.some((route) => limits(route.given('rateLimit')?.value)))
      yield { path: 'rateLimitStore', message: 'every machine counts for itself' }
  }
}

export const noOverload: LintRule = {
  id: 'production.no-overload-protection',
  severity: 'warning',
  title: 'A process without CPU or memory goes on accepting',
  explanation:
    'Without an enforced `overload` a process that is short of CPU makes everybody wait, and one that is short of memory is killed with all its requests.',
  fix: 'Set `overload: { maxEventLoopDelay: 500ms, maxHeapPercent: 90 }`; with `mode: observe` first, where you want to see what it would do.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
overload: { maxEventLoopDelay: 500ms, maxHeapPercent: 90 }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  *find({ config: { overload }, forwarding }) {
    if (forwarding.length === 0) return
    if (overload === undefined)
      yield { path: 'overload', message: 'nothing is refused for lack of CPU or memory' }
    else if (overload.mode === 'observe')
      yield { path: 'overload.mode', message: 'it only counts what it would refuse' }
  }
}
