import { isIP } from 'node:net'
import type { LintRule } from '../rules/rule.js'
import { hostOf } from '../view/addresses.js'

export const singleEndpoint: LintRule = {
  id: 'production.single-endpoint',
  severity: 'info',
  title: 'One machine behind a pool',
  explanation:
    'The pool has one endpoint, by its address: while it restarts there is nobody to send a request to, and a retry has nowhere to go. Names are not judged, as many may stand behind one.',
  fix: 'Run two or more, or name what balances between them.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, endpoints, isDiscovered } of pools.values()) {
      const [only] = endpoints
      if (!isDiscovered && endpoints.length === 1 && only !== undefined && isIP(hostOf(only.url)) !== 0)
        yield { path: `${path}.endpoints`, message: `${only.url} is all there is` }
    }
  }
}

export const noProbing: LintRule = {
  id: 'production.no-health-checks',
  severity: 'info',
  title: 'Clients find out which endpoints are down',
  explanation:
    'The pool has several endpoints and no `health`: an endpoint that is down is noticed by requests that fail at it, and is tried by others when its ejection is over.',
  fix: 'Give the pool `health: { path: /healthz }`, a path that says whether the service can serve.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000], health: { path: /healthz } }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config, endpoints, isDiscovered } of pools.values())
      if (config.health === undefined && (endpoints.length > 1 || isDiscovered))
        yield { path: `${path}.health`, message: 'no endpoint is probed' }
  }
}
