import { durationMs } from '@gatewright/core'
import type { LintRule } from './rule.js'

export const probeEqualsTraffic: LintRule = {
  id: 'health.probe-equals-traffic',
  severity: 'warning',
  title: 'Probes ask for what clients ask for',
  explanation:
    'The path of the probe is one that a route forwards to the same pool: every probe does the work of a request, appears in its figures, and an endpoint counts as healthy only as long as this one page works.',
  fix: 'Give the upstream a path for probes alone, such as /healthz, that says whether it can serve.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /users } }
routes:
  - { path: /users, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz } }
routes:
  - { path: /users, pool: users }`,
  *find({ pools, forwarding }) {
    for (const { id, path, config } of pools.values()) {
      const { path: probed, protocol = 'http', check, method = 'GET' } = config.health ?? {}
      if (probed === undefined || protocol !== 'http' || check !== undefined) continue
      const [plain = ''] = probed.split('?')
      const route = forwarding.find(
        (one) =>
          one.pool?.id === id &&
          one.given('rewrite') === undefined &&
          (one.config.methods ?? [method]).includes(method as never) &&
          (one.config.path === plain || (plain.length > 1 && one.config.path === `${plain}/*`))
      )
      if (route !== undefined)
        yield { path: `${path}.health.path`, message: `clients get ${plain} by route '${route.id}'` }
    }
  }
}

export const timeoutExceedsInterval: LintRule = {
  id: 'health.timeout-exceeds-interval',
  severity: 'warning',
  title: 'A probe takes longer than the time to the next',
  explanation:
    '`timeout` is longer than `interval`: with an endpoint that hangs, the next probe is due while the one before still waits, and it takes longer to be noticed than `interval` says.',
  fix: 'Make `timeout` shorter than `interval`.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz, interval: 1s, timeout: 5s } }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz, interval: 5s, timeout: 1s } }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config } of pools.values()) {
      const { interval = '10s', timeout = '2s' } = config.health ?? {}
      const said = config.health?.timeout === undefined ? 'interval' : 'timeout'
      if ((durationMs(timeout) ?? 0) > (durationMs(interval) ?? 0))
        yield {
          path: `${path}.health.${said}`,
          message: `timeout (${timeout}) is longer than interval (${interval})`
        }
    }
  }
}

export const unsafeProbe: LintRule = {
  id: 'health.unsafe-method',
  severity: 'warning',
  title: 'Probes change something',
  explanation:
    'The probe is sent by a method that is not safe, every few seconds, to every endpoint, by every gateway.',
  fix: 'Probe by GET or HEAD.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz, method: POST } }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz, method: HEAD } }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config } of pools.values()) {
      const method = config.health?.method ?? 'GET'
      if (!['GET', 'HEAD', 'OPTIONS'].includes(method.toUpperCase()))
        yield { path: `${path}.health.method`, message: `${method} is not safe (RFC 9110, section 9.2.1)` }
    }
  }
}

export const acceptsErrors: LintRule = {
  id: 'health.accepts-errors',
  severity: 'error',
  title: 'An endpoint that fails counts as healthy',
  explanation:
    '`expectedStatus` contains statuses from 500 on: an endpoint that answers every probe with an error gets traffic.',
  fix: 'List the statuses that mean healthy, such as 200-299.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz, expectedStatus: 200-599 } }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz, expectedStatus: '200-299,401' } }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config } of pools.values())
      for (const part of (config.health?.expectedStatus ?? '').split(',')) {
        const [from = 0, to = from] = part.split('-').map(Number)
        if (to >= 500) {
          yield {
            path: `${path}.health.expectedStatus`,
            message: `${part} means that an endpoint with errors is healthy`
          }
          break
        }
      }
  }
}

/** Longest time in which a dead endpoint should still get traffic by probes. */
const SLOWEST_MS = 300_000

export const slowDetection: LintRule = {
  id: 'health.slow-detection',
  severity: 'warning',
  title: 'A dead endpoint gets traffic for long',
  explanation:
    '`interval`, and `fastInterval` for the probes after the first that fails, make it more than five minutes until `unhealthyThreshold` probes have failed.',
  fix: 'Make `interval` shorter.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz, interval: 10m } }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], health: { path: /healthz, interval: 30s } }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config } of pools.values()) {
      if (config.health === undefined) continue
      const { interval = '10s', fastInterval = '1s', unhealthyThreshold = 3 } = config.health
      const every = durationMs(interval) ?? 0
      const worst = every + (unhealthyThreshold - 1) * Math.min(every, durationMs(fastInterval) ?? 0)
      if (worst > SLOWEST_MS)
        yield {
          path: `${path}.health.interval`,
          message: `it takes up to ${Math.round(worst / 1000)} s until ${unhealthyThreshold} probes have failed`
        }
    }
  }
}

export const nobodyLooks: LintRule = {
  id: 'health.nobody-looks',
  severity: 'warning',
  title: 'An endpoint that is broken gets its share for ever',
  explanation:
    'The pool has several endpoints, no probes, and `outlierDetection` is off: nothing ever takes a broken one out, and its share of the requests fails.',
  fix: 'Leave `outlierDetection` on, or give the pool `health`.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000], outlierDetection: false }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000], outlierDetection: false, health: { path: /healthz } }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config, endpoints, isDiscovered } of pools.values())
      if (
        config.outlierDetection === false &&
        config.health === undefined &&
        (endpoints.length > 1 || isDiscovered)
      )
        yield { path: `${path}.outlierDetection`, message: 'nothing takes a broken endpoint out' }
  }
}
