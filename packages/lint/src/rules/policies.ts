import { sameConfig } from '@gatewright/core'
import type { LintRule } from './rule.js'

export const unused: LintRule = {
  id: 'policies.unused',
  severity: 'warning',
  title: 'No route uses a policy',
  explanation: 'Mostly a route was meant to have it, and goes without its limits or its authentication.',
  fix: 'Name it in `use`, or take it out. Routes of Fastify with `config.gateway.use` are not seen from here: waive it for them.',
  found: `
policies: { guarded: { timeout: 5s } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
policies: { guarded: { timeout: 5s } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, use: [guarded], pool: users }`,
  *find({ policies, routes }) {
    const used = new Set(routes.flatMap(({ config }) => config.use ?? []))
    // Without a table the routes are Fastify's own.
    if (routes.length === 0) return
    for (const { id, path } of policies.values())
      if (!used.has(id)) yield { path, message: `no route uses '${id}'` }
  }
}

const GUARDS = ['auth', 'authorize', 'rateLimit', 'filters', 'validation', 'requireTls'] as const

export const undone: LintRule = {
  id: 'policies.undone',
  severity: 'warning',
  title: 'A policy takes away what the one before it has given',
  explanation:
    'Policies hold from left to right, and each key whole: a later one that says `auth`, `rateLimit` or the like takes the place of an earlier one, and does not add to it. One of them then guards nothing here.',
  fix: 'Put what both say into one policy, or the one that shall hold last.',
  found: `
policies:
  strict: { rateLimit: { requestsPerSecond: 1 } }
  fair: { rateLimit: { requestsPerSecond: 100 } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, use: [strict, fair], pool: users }`,
  clean: `
policies:
  strict: { rateLimit: { requestsPerSecond: 1 } }
  fair: { bodyLimit: 1MiB }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, use: [strict, fair], pool: users }`,
  *find({ routes }) {
    for (const route of routes)
      for (const key of GUARDS) {
        const saying = route.policies.filter(({ config }) => config[key] !== undefined)
        const [last] = saying.slice(-1)
        if (last === undefined || route.config[key] !== undefined) continue
        const lost = saying.find(
          ({ config }) => config[key] !== false && !sameConfig(config[key], last.config[key])
        )
        if (lost !== undefined)
          yield {
            path: `${route.path}.use`,
            message: `${key} of '${last.id}' takes the place of that of '${lost.id}'`
          }
      }
  }
}
