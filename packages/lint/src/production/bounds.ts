import { durationMs } from '@gatewright/core'
import type { LintRule } from '../rules/rule.js'

export const noTotal: LintRule = {
  id: 'production.no-total-timeout',
  severity: 'warning',
  title: 'A request may take for ever',
  explanation:
    'The route has no `timeouts.total`. The limits of its parts hold, but a response that drips, or one attempt after another, may go on for as long as it likes, and a stop cuts it off.',
  fix: 'Give the route, a policy or the pool `timeouts.total`. Server-sent events are exempt from it once their stream has begun.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], timeouts: { total: 10s } }
routes:
  - { path: /*, pool: users }`,
  *find({ forwarding }) {
    for (const route of forwarding)
      if (route.timeoutMs('total') === 0)
        yield {
          path: route.timeout('total')?.path ?? route.path,
          message: `route '${route.id}' has no limit for the whole request`
        }
  }
}

export const noBodyLimit: LintRule = {
  id: 'production.no-body-limit',
  severity: 'warning',
  title: 'A request may be of any size',
  explanation:
    'With `bodyLimit: false` one client keeps a connection to an endpoint busy for as long as it sends, and fills what is behind it.',
  fix: 'Give the route the largest size that it takes. The default is 10MiB.',
  found: `
pools:
  files: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: files, bodyLimit: false }`,
  clean: `
pools:
  files: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: files, bodyLimit: 1GiB }`,
  *find({ routes }) {
    for (const route of routes) {
      const given = route.given('bodyLimit')
      if (given?.value === false)
        yield { path: given.path, message: `route '${route.id}' has no limit of the body` }
    }
  }
}

export const clientTimeoutsOff: LintRule = {
  id: 'production.client-timeouts-off',
  severity: 'error',
  title: 'A client that sends nothing keeps its connection for ever',
  explanation:
    'A time limit of the client side is off: clients that send a byte a minute, or nothing, take all connections that the process may have.',
  fix: 'Leave `server.requestTimeout` at its default of 5m and `server.keepAliveTimeout` at 72s, or give them other times.',
  found: `
server: { requestTimeout: 0ms }`,
  clean: `
server: { requestTimeout: 10m }`,
  *find({ config }) {
    for (const name of ['requestTimeout', 'keepAliveTimeout'] as const) {
      const given = config.server?.[name]
      if (given !== undefined && durationMs(given) === 0)
        yield { path: `server.${name}`, message: 'there is no limit' }
    }
  }
}
