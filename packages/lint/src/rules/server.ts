import { durationMs } from '@gatewright/core'
import type { LintRule } from './rule.js'

export const headExceedsRequest: LintRule = {
  id: 'server.head-exceeds-request',
  severity: 'warning',
  title: 'A head may take longer than the whole request',
  explanation:
    '`headersTimeout` is longer than `requestTimeout`, which contains it, and so is never reached.',
  fix: 'Make `headersTimeout` shorter. Where only `requestTimeout` is given, it is 15s.',
  found: `
server: { headersTimeout: 30s, requestTimeout: 20s }`,
  clean: `
server: { headersTimeout: 10s, requestTimeout: 20s }`,
  *find({ config }) {
    const { headersTimeout = '15s', requestTimeout = '5m' } = config.server ?? {}
    const most = durationMs(requestTimeout) ?? 0
    if (most > 0 && (durationMs(headersTimeout) ?? 0) > most)
      yield {
        path: config.server?.headersTimeout === undefined ? 'server.requestTimeout' : 'server.headersTimeout',
        message: `headersTimeout (${headersTimeout}) is longer than requestTimeout (${requestTimeout})`
      }
  }
}

/** What load balancers keep idle connections for: AWS and Azure 60 s, and more. */
const OF_BALANCERS_MS = 60_000

export const keptTooShort: LintRule = {
  id: 'server.kept-too-short',
  severity: 'warning',
  title: 'The gateway closes connections that its load balancer still uses',
  explanation:
    'There are proxies in front (`trustedProxies`), and idle connections are closed after less than a minute. Most load balancers keep them for 60 s: a request that is sent while the gateway closes fails with 502 there.',
  fix: 'Make `keepAliveTimeout` longer than that of the load balancer; the default is 72s.',
  found: `
trustedProxies: [10.0.0.0/16]
server: { keepAliveTimeout: 5s }`,
  clean: `
trustedProxies: [10.0.0.0/16]
server: { keepAliveTimeout: 75s }`,
  *find({ config }) {
    const given = config.server?.keepAliveTimeout
    const ms = durationMs(given ?? '72s') ?? 0
    const isBehind = (config.trustedProxies ?? []).some((range) => !/^(?:127\.|::1)/.test(range))
    if (given !== undefined && isBehind && ms > 0 && ms <= OF_BALANCERS_MS)
      yield {
        path: 'server.keepAliveTimeout',
        message: `${given} is no longer than load balancers keep a connection`
      }
  }
}

export const drainTooShort: LintRule = {
  id: 'shutdown.drain-too-short',
  severity: 'info',
  title: 'Requests are cut off at every restart',
  explanation:
    'A route lets requests take longer than `shutdown.drain` waits for them: those under way at a restart are cut off.',
  fix: 'Make `drain` as long as the longest `total`, and the grace period of the process manager longer than `wait` and `drain` together.',
  found: `
pools:
  reports: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: reports, timeout: 2m }`,
  clean: `
shutdown: { drain: 2m }
pools:
  reports: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: reports, timeout: 2m }`,
  *find({ config, forwarding }) {
    const drain = config.shutdown?.drain ?? '30s'
    const ms = durationMs(drain) ?? 0
    for (const route of forwarding) {
      const total = route.timeout('total')
      if (total !== undefined && route.timeoutMs('total') > ms)
        yield { path: total.path, message: `total (${total.value}) is longer than shutdown.drain (${drain})` }
    }
  }
}
