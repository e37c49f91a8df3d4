import { hostOf, isLoopback, isLoopbackHost } from '../view/addresses.js'
import type { ConfigView } from '../view/config-view.js'
import type { LintRule } from './rule.js'

/** The ids of all pools that something leads to: routes, fallbacks, schemes and filters that ask a pool. */
function reachedPools({ config, routes, policies }: ConfigView): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const route of routes) {
    const fallback = route.given('fallback')?.value.pool
    for (const id of [route.given('pool')?.value, fallback]) if (id !== undefined) ids.add(id)
  }
  for (const scheme of Object.values(config.authentication?.schemes ?? {}))
    if (scheme.type === 'forward') ids.add(scheme.pool)
  const layers = [config, ...[...policies.values()].map((policy) => policy.config), ...(config.routes ?? [])]
  for (const { filters } of layers)
    for (const filter of filters || []) if (filter.type === 'ext_authz_http') ids.add(filter.pool)
  return ids
}

export const unreachable: LintRule = {
  id: 'pools.unreachable',
  severity: 'warning',
  title: 'Nothing leads to a pool',
  explanation:
    'No route, fallback, scheme or filter names the pool. Mostly a route still names the old one, or the pool is a remainder whose endpoints are probed for nobody.',
  fix: 'Name it where it was meant, or take it out. Routes of Fastify with `config.gateway.pool` are not seen from here: waive it for them.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
  users-v2: { endpoints: [http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
  users-v2: { endpoints: [http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, fallback: { pool: users-v2 } }`,
  *find(view) {
    // Without a table the routes are Fastify's own.
    if (view.routes.length === 0) return
    const reached = reachedPools(view)
    for (const { id, path } of view.pools.values())
      if (!reached.has(id)) yield { path, message: `nothing leads to the pool '${id}'` }
  }
}

export const isGateway: LintRule = {
  id: 'pools.endpoint-is-gateway',
  severity: 'error',
  title: 'The gateway forwards to itself',
  explanation:
    'An endpoint is the address that the gateway listens on: a request goes round until it is refused for its size or its time, and takes a connection each time.',
  fix: 'Give the address of the upstream, or let the gateway listen on another port. `via` ends such rounds with 508 after the first.',
  found: `
listen: { port: 8080 }
pools:
  users: { endpoints: [http://localhost:8080] }
routes:
  - { path: /*, pool: users }`,
  clean: `
listen: { port: 8080 }
pools:
  users: { endpoints: [http://localhost:3000] }
routes:
  - { path: /*, pool: users }`,
  *find({ pools, config }) {
    const { port, host = '' } = config.listen ?? {}
    if (port === undefined || port === 0) return
    const isAll = ['', '0.0.0.0', '::'].includes(host)
    for (const { endpoints } of pools.values())
      for (const { url, path } of endpoints) {
        if (!URL.canParse(url)) continue
        const own = new URL(url)
        if (Number(own.port || (own.protocol === 'https:' ? 443 : 80)) !== port) continue
        if (hostOf(url) === host.toLowerCase() || ((isAll || isLoopbackHost(host)) && isLoopback(url)))
          yield { path, message: `the gateway itself listens there (listen.port ${port})` }
      }
  }
}

export const ejectsAll: LintRule = {
  id: 'outliers.ejects-all',
  severity: 'warning',
  title: 'All endpoints but one may be ejected at once',
  explanation:
    'When something behind all endpoints fails, such as a database, each looks like an outlier. With `maxEjectionPercent` near 100 all but the last are taken out, and that one gets the traffic of all.',
  fix: 'Leave it at 50, or below: the endpoints that stay share the load.',
  found: `
pools:
  users:
    endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000, http://10.0.0.3:3000]
    outlierDetection: { maxEjectionPercent: 100 }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users:
    endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000, http://10.0.0.3:3000]
    outlierDetection: { maxEjectionPercent: 34 }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config, endpoints, isDiscovered } of pools.values()) {
      const { outlierDetection } = config
      if (outlierDetection === undefined || outlierDetection === false) continue
      const { maxEjectionPercent = 50 } = outlierDetection
      if (maxEjectionPercent >= 90 && (endpoints.length > 2 || isDiscovered))
        yield {
          path: `${path}.outlierDetection.maxEjectionPercent`,
          message: `${maxEjectionPercent} % of the endpoints may be out, and the rest gets their traffic`
        }
    }
  }
}
