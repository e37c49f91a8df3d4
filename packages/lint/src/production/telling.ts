import type { LintRule } from '../rules/rule.js'
import { isLoopbackHost } from '../view/addresses.js'
import { hasMetrics, hasProbes, servesMetricsInApp } from '../view/operations.js'

export const noMetrics: LintRule = {
  id: 'production.no-metrics',
  severity: 'error',
  title: 'Nobody is told when the gateway fails',
  explanation: 'Without metrics there are no alerts, no dashboard and no figures to decide by.',
  fix: 'Set `metrics: true`, scrape it, and load the alerts from `/metrics/rules.yml`.',
  found: `
metrics: false`,
  clean: `
metrics: true`,
  *find({ config }) {
    if (!hasMetrics(config)) yield { path: 'metrics', message: 'nothing is counted, and nothing alerts' }
  }
}

const ALL_ADDRESSES: readonly string[] = ['0.0.0.0', '::', '']

export const metricsUnprotected: LintRule = {
  id: 'production.metrics-unprotected',
  severity: 'warning',
  title: 'Whoever reaches the port of the probes reads the metrics',
  explanation:
    'The probe listener has the address of the gateway, on which everybody comes, and the metrics on it ask for no token: names of routes and pools, addresses of endpoints, rates and errors.',
  fix: 'Give `probes.host` an address that only the scraper reaches, or set `metrics.requireToken: true` and GW_METRICS_TOKEN. Where a firewall or a NetworkPolicy closes the port, waive this and say so.',
  found: `
metrics: true`,
  clean: `
metrics: true
probes: { host: 127.0.0.1 }`,
  *find({ config }) {
    const { metrics, probes, listen } = config
    if (!hasMetrics(config) || servesMetricsInApp(config) || !hasProbes(config)) return
    if (typeof metrics === 'object' && metrics.requireToken === true) return
    const own = typeof probes === 'object' ? probes.host : undefined
    const host = own ?? listen?.host ?? ''
    // An address of its own is a decision; that of the gateway is not, unless it is this machine's alone.
    if (isLoopbackHost(host) || (own !== undefined && !ALL_ADDRESSES.includes(own) && own !== listen?.host))
      return
    yield {
      path: typeof metrics === 'object' ? 'metrics.requireToken' : 'metrics',
      message: `the metrics are open to whoever reaches ${host === '' ? 'the gateway' : host} on the port of the probes`
    }
  }
}

export const noObjectives: LintRule = {
  id: 'production.no-objectives',
  severity: 'warning',
  title: 'Nobody has said what the gateway promises',
  explanation:
    'The alerts that wake people go by `metrics.slo`. Where it says nothing, they go by 99.9 % of answers without a server error and 99 % of heads within 500 ms, which may be more or less than your users need.',
  fix: 'Write down `metrics.slo`, if only with the defaults.',
  found: `
metrics: true`,
  clean: `
metrics: { slo: { availability: 99.9, latency: 500ms } }`,
  *find({ config }) {
    const { metrics } = config
    if (hasMetrics(config) && (typeof metrics !== 'object' || metrics.slo === undefined))
      yield { path: 'metrics.slo', message: 'the alerts go by objectives that nobody has chosen' }
  }
}

export const noAccessLog: LintRule = {
  id: 'production.no-access-log',
  severity: 'warning',
  title: 'Nobody can say who asked for what',
  explanation: 'Without an access log an incident cannot be followed to single requests afterwards.',
  fix: 'Leave `accessLog` on. `successes: 1` logs one in a hundred that went well, and all that did not.',
  found: `
accessLog: false`,
  clean: `
accessLog: { successes: 1 }`,
  *find({ config }) {
    if (config.accessLog === false) yield { path: 'accessLog', message: 'no request is logged' }
  }
}

export const prettyLog: LintRule = {
  id: 'production.pretty-log',
  severity: 'warning',
  title: 'The access log is for eyes, not for programs',
  explanation: 'Coloured lines cannot be searched by field, and cost more than JSON.',
  fix: "Leave `accessLog.format` at 'json'.",
  found: `
accessLog: { format: pretty }`,
  clean: `
accessLog: { format: json }`,
  *find({ config: { accessLog } }) {
    if (typeof accessLog === 'object' && accessLog.format === 'pretty')
      yield { path: 'accessLog.format', message: 'lines are coloured text' }
  }
}

export const logFile: LintRule = {
  id: 'production.log-file',
  severity: 'info',
  title: 'A log that fills a disk unless somebody rotates it',
  explanation:
    'The access log goes to a file, which the gateway does not rotate. In a container it is gone with the container.',
  fix: 'Leave `accessLog.destination` out, and let whoever runs the process collect its standard output; or rotate the file with logrotate and `copytruncate`, and waive this.',
  found: `
accessLog: { destination: /var/log/gateway.log }`,
  clean: `
accessLog: true`,
  *find({ config: { accessLog } }) {
    if (typeof accessLog === 'object' && typeof accessLog.destination === 'string')
      yield { path: 'accessLog.destination', message: 'nothing of the gateway rotates it' }
  }
}

export const logLevel: LintRule = {
  id: 'production.log-level',
  severity: 'warning',
  title: 'The log says nothing, or everything',
  explanation:
    'Without a log nobody learns of a refused reload, a failing source or a breaker that opens. With `debug` and `trace` those drown, and writing costs more than serving.',
  fix: 'Set the level to `info` or `warn`. `--log-level` or PROXY_LOG_LEVEL changes it for one run.',
  found: `
logger: { level: debug }`,
  clean: `
logger: { level: info }`,
  *find({ config }) {
    const { logger } = config as { readonly logger?: unknown }
    if (logger === false) yield { path: 'logger', message: 'there is no log' }
    const { level } = (typeof logger === 'object' ? (logger ?? {}) : {}) as { readonly level?: string }
    if (level !== undefined && ['trace', 'debug', 'silent'].includes(level))
      yield { path: 'logger.level', message: `the level is ${level}` }
  }
}
