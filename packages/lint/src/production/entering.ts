import type { LintRule } from '../rules/rule.js'
import { authOf, isSentAlong, schemesIn } from '../view/auth.js'

export const authUndecided: LintRule = {
  id: 'production.auth-undecided',
  severity: 'error',
  title: 'A route that says nothing lets everybody in',
  explanation:
    'The top level says nothing about `auth`: a new route is open to all until somebody remembers to close it.',
  fix: 'Set `auth: { default: deny }`, and say on each route who may come; or name the scheme that holds for all. Where the gateway is not to ask anybody, say so: `auth: false`.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
auth: { default: deny }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, auth: false }`,
  *find({ config }) {
    if (config.auth === undefined) yield { path: 'auth', message: 'who may come is not decided' }
  }
}

export const proxiesUndecided: LintRule = {
  id: 'production.proxies-undecided',
  severity: 'warning',
  title: 'Nobody has said who stands in front of the gateway',
  explanation:
    'Behind a load balancer that is not in `trustedProxies` all requests come from one address: limits by client count all clients as one, and the log and upstreams see the load balancer.',
  fix: 'List the addresses of the load balancers; without any in front, write `trustedProxies: []`.',
  found: `
listen: { port: 8080 }`,
  clean: `
trustedProxies: []`,
  *find({ config }) {
    if (config.trustedProxies === undefined)
      yield { path: 'trustedProxies', message: 'whose forwarding headers are believed is not decided' }
  }
}

/** Of no key that anybody has. */
const HASH = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'

export const plainCredentials: LintRule = {
  id: 'production.plain-credentials',
  severity: 'warning',
  title: 'Credentials may come in plain text',
  explanation:
    'The route asks for a credential that is sent with every request, and has no `requireTls`: a client that uses http sends it in plain text, and nobody notices.',
  fix: 'Set `requireTls: refuse` at the top, with the proxies that end TLS in `trustedProxies`. Where plain text cannot reach the gateway, say so: `requireTls: false`.',
  found: `
authentication: { schemes: { keys: { type: apiKey, keys: [{ hash: '${HASH}' }] } } }
auth: keys
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
authentication: { schemes: { keys: { type: apiKey, keys: [{ hash: '${HASH}' }] } } }
auth: keys
requireTls: refuse
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  *find({ config, routes }) {
    const schemes = new Map([...schemesIn(config)].map(({ name, scheme }) => [name, scheme]))
    for (const route of routes) {
      const auth = authOf(route)
      if (auth === undefined || route.given('requireTls') !== undefined) continue
      const sent = auth.ways.flat().find((name) => isSentAlong(schemes.get(name)))
      if (sent !== undefined)
        yield { path: route.path, message: `route '${route.id}' takes '${sent}' in plain text too` }
    }
  }
}
