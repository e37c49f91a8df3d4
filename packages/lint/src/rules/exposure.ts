import { isSecretName } from '@gatewright/core'
import { schemesIn } from '../view/auth.js'
import type { LintRule } from './rule.js'

export const metricsExposed: LintRule = {
  id: 'metrics.exposed',
  severity: 'warning',
  title: 'Everybody who reaches the gateway reads its metrics',
  explanation:
    'With `listener: app` the metrics stand beside the routes, without a token: names of routes and pools, addresses of endpoints, rates and errors.',
  fix: 'Leave them on the probe listener, or set `requireToken: true`.',
  found: `
metrics: { listener: app }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /users/*, pool: users }`,
  clean: `
metrics: { listener: probes }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /users/*, pool: users }`,
  *find({ config }) {
    const { metrics } = config
    if (typeof metrics !== 'object' || metrics.enabled === false) return
    if (metrics.listener === 'app' && metrics.requireToken !== true)
      yield { path: 'metrics.listener', message: `${metrics.path ?? '/metrics'} is open to all clients` }
  }
}

/** Of no key that anybody has. */
const HASH = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'

export const logsCredentials: LintRule = {
  id: 'access-log.logs-credentials',
  severity: 'error',
  title: 'Credentials of clients stand in the access log',
  explanation:
    'A scheme takes its credential from a header or a query parameter that the log writes down as it is: its name does not say that it is secret. Whoever reads the log can be any of the clients.',
  fix: 'Name it in `redactHeaders` or `redactQuery`, or leave it out of the log.',
  found: `
authentication: { schemes: { keys: { type: apiKey, from: [{ header: x-partner }], keys: [{ hash: '${HASH}' }] } } }
auth: keys
accessLog: { headers: [x-partner] }`,
  clean: `
authentication: { schemes: { keys: { type: apiKey, from: [{ header: x-partner }], keys: [{ hash: '${HASH}' }] } } }
auth: keys
accessLog: { headers: [x-partner], redactHeaders: [x-partner] }`,
  *find({ config }) {
    const { accessLog } = config
    if (typeof accessLog !== 'object') return
    const { query: logsQuery = false, redactQuery = [], headers = [], redactHeaders = [] } = accessLog
    const has = (names: readonly string[], name: string): boolean =>
      names.some((one) => one.toLowerCase() === name.toLowerCase())
    for (const { name, scheme } of schemesIn(config))
      for (const { header, query } of ('from' in scheme ? scheme.from : undefined) ?? []) {
        if (
          header !== undefined &&
          has(headers, header) &&
          !has(redactHeaders, header) &&
          !isSecretName(header)
        )
          yield { path: 'accessLog.headers', message: `'${header}' has the credentials of '${name}'` }
        if (query !== undefined && logsQuery && !has(redactQuery, query) && !isSecretName(query))
          yield { path: 'accessLog.query', message: `'${query}' has the credentials of '${name}'` }
      }
  }
}

export const portTaken: LintRule = {
  id: 'probes.port-taken',
  severity: 'error',
  title: 'Probes and clients on one port',
  explanation: 'The probe listener has the port of the gateway itself, which then cannot start.',
  fix: 'Give `probes` a port of its own (default 8085), that clients do not reach.',
  found: `
listen: { port: 8080 }
probes: { port: 8080 }`,
  clean: `
listen: { port: 8080 }
probes: { port: 8085 }`,
  *find({ config }) {
    const { listen, probes, metrics } = config
    const isOn = probes !== undefined ? probes !== false : metrics !== undefined && metrics !== false
    const { port = 8085, host } = typeof probes === 'object' ? probes : {}
    if (!isOn || listen?.port === undefined || port === 0 || port !== listen.port) return
    if (host === undefined || listen.host === undefined || host === listen.host)
      yield {
        path: typeof probes === 'object' ? 'probes.port' : 'listen.port',
        message: `both have port ${port}`
      }
  }
}

export const encodedSlashes: LintRule = {
  id: 'paths.encoded-slashes-kept',
  severity: 'warning',
  title: 'Upstreams may see another path than the one that was routed',
  explanation:
    'With `encodedSlashes: keep`, `/public%2F..%2Fadmin` is one segment here, and a path to `/admin` for an upstream that decodes it: past the routes and the rules for `/admin`.',
  fix: 'Leave it at `reject`; where ids contain slashes, make sure that no upstream decodes them.',
  found: `
paths: { encodedSlashes: keep }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /public/*, pool: users }
  - { path: /admin/*, respond: { status: 404 } }`,
  clean: `
paths: { encodedSlashes: reject }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /public/*, pool: users }
  - { path: /admin/*, respond: { status: 404 } }`,
  *find({ config, forwarding }) {
    // One route for everything tells no paths apart.
    if (
      config.paths?.encodedSlashes !== 'keep' ||
      forwarding.length === 0 ||
      (config.routes ?? []).length < 2
    )
      return
    yield {
      path: 'paths.encodedSlashes',
      message: 'a path may mean something else to the upstream than to the routes'
    }
  }
}

export const underscores: LintRule = {
  id: 'headers.underscores-kept',
  severity: 'warning',
  title: 'A reserved header gets through in another spelling',
  explanation:
    'Upstreams of the CGI kind (PHP, WSGI, Rack) take `x_user_id` for `x-user-id`. With `underscores: keep` a client sends the one, and the upstream believes that the gateway has set the other.',
  fix: 'Leave `underscores` at `reject`, or say `drop`.',
  found: `
underscores: keep
reservedHeaders: [x-user-id]
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
underscores: drop
reservedHeaders: [x-user-id]
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  *find({ config }) {
    const name = (config.reservedHeaders ?? []).find((one) => one.includes('-'))
    if (config.underscores === 'keep' && name !== undefined)
      yield { path: 'underscores', message: `'${name.replaceAll('-', '_')}' of a client reaches upstreams` }
  }
}
