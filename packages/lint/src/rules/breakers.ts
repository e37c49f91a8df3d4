import { durationMs } from '@gatewright/core'
import type { BreakerOptions } from '@gatewright/gateway'
import type { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'
import { nearer } from './places.js'
import type { LintRule } from './rule.js'

function* breakersIn({ forwarding }: ConfigView): Iterable<{
  readonly route: RouteView
  readonly path: string
  readonly from: 'route' | 'policy' | 'pool' | 'gateway'
  readonly options: BreakerOptions
}> {
  for (const route of forwarding) {
    const given = route.given('circuitBreaker')
    if (given !== undefined && typeof given.value === 'object')
      yield { route, path: given.path, from: given.from, options: given.value }
  }
}

export const neverOpens: LintRule = {
  id: 'breaker.never-opens',
  severity: 'warning',
  title: 'A breaker that nearly never opens',
  explanation:
    'With a threshold of 100 percent one success in the window keeps it closed, however many requests fail. An upstream that answers its health page and nothing else is never left alone.',
  fix: 'Give `errorThresholdPercent` 50 (the default) or so.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], circuitBreaker: { errorThresholdPercent: 100 } }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], circuitBreaker: { errorThresholdPercent: 60 } }
routes:
  - { path: /*, pool: users }`,
  *find(view) {
    for (const { path, options } of breakersIn(view))
      if ((options.errorThresholdPercent ?? 50) >= 100)
        yield { path: `${path}.errorThresholdPercent`, message: 'one success in the window keeps it closed' }
  }
}

export const opensAtOnce: LintRule = {
  id: 'breaker.opens-at-once',
  severity: 'warning',
  title: 'A single failure opens the breaker',
  explanation:
    '`minRequests` is so low that the first failure of a quiet minute is above the threshold: all requests are refused for `openDuration` because of one.',
  fix: 'Give `minRequests` 10 or more (default 20), or a longer `window` where there are few requests.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], circuitBreaker: { minRequests: 1 } }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], circuitBreaker: { minRequests: 10 } }
routes:
  - { path: /*, pool: users }`,
  *find(view) {
    for (const { path, options } of breakersIn(view)) {
      const { minRequests = 20, errorThresholdPercent = 50 } = options
      if (100 / minRequests >= errorThresholdPercent)
        yield {
          path: `${path}.minRequests`,
          message: `one failure of ${minRequests} is ${Math.round(100 / minRequests)} %`
        }
    }
  }
}

export const neverSlow: LintRule = {
  id: 'breaker.never-slow',
  severity: 'warning',
  title: 'No response is ever slow enough',
  explanation:
    '`slowCall` is as long as the time limit for a response head: what would be slow has timed out before, and counts as a fault instead.',
  fix: 'Make `slowCall` shorter than `perTry`, `firstByte` and `total`.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], circuitBreaker: { slowCall: 5s } }
routes:
  - { path: /*, pool: users, timeout: 3s }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], circuitBreaker: { slowCall: 2s } }
routes:
  - { path: /*, pool: users, timeout: 3s }`,
  *find(view) {
    for (const { route, path, from, options } of breakersIn(view)) {
      const slow = durationMs(options.slowCall ?? '0ms') ?? 0
      if (slow === 0) continue
      for (const name of ['perTry', 'firstByte', 'total'] as const) {
        const most = route.timeoutMs(name)
        if (most === 0 || slow < most) continue
        const limit = route.timeout(name)
        yield {
          path: nearer({ path: `${path}.slowCall`, from }, limit ?? { path: '', from: 'gateway' }),
          message: `slowCall (${options.slowCall}) is as long as ${name} (${limit?.value ?? '30s'}) of route '${route.id}'`
        }
        break
      }
    }
  }
}

export const hedgeTooLate: LintRule = {
  id: 'hedge.too-late',
  severity: 'warning',
  title: 'The second attempt comes when the first is over',
  explanation:
    '`hedge.after` is as long as the time limit for a response head: the first attempt has ended before a second one would begin.',
  fix: 'Make `after` a percentile of the latency, such as `p95`, or much shorter than the limit.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, timeout: 1s, hedge: { after: 2s } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, timeout: 1s, hedge: { after: p95 } }`,
  *find({ forwarding }) {
    for (const route of forwarding) {
      const given = route.given('hedge')
      if (given === undefined || given.value === false) continue
      const after = durationMs(given.value.after) ?? 0
      for (const name of ['perTry', 'firstByte', 'total'] as const) {
        const limit = route.timeout(name)
        if (after === 0 || route.timeoutMs(name) === 0 || after < route.timeoutMs(name)) continue
        yield {
          path: nearer(
            { path: `${given.path}.after`, from: given.from },
            limit ?? { path: '', from: 'gateway' }
          ),
          message: `after (${given.value.after}) is as long as ${name} (${limit?.value ?? '30s'}) of route '${route.id}'`
        }
        break
      }
    }
  }
}

export const hedgeAlone: LintRule = {
  id: 'hedge.single-endpoint',
  severity: 'warning',
  title: 'There is no other endpoint to hedge with',
  explanation:
    'A second attempt goes to another endpoint, and the pool has one: `hedge` never does anything.',
  fix: 'Add an endpoint, or take `hedge` out.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, hedge: { after: p95 } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, hedge: { after: p95 } }`,
  *find({ forwarding }) {
    for (const route of forwarding) {
      const given = route.given('hedge')
      const { pool } = route
      if (given === undefined || given.value === false || pool === undefined || pool.isDiscovered) continue
      const usable = pool.endpoints.filter(({ config }) => config.weight !== 0)
      if (usable.length === 1) yield { path: given.path, message: `pool '${pool.id}' has one endpoint` }
    }
  }
}
