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
    const reached = reachedPools(view)
    for (const { id, path } of view.pools.values())
      if (!reached.has(id)) yield { path, message: `nothing leads to the pool '${id}'` }
  }
}
