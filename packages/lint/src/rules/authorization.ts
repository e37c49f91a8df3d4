import type { AuthorizeOptions } from '@gatewright/gateway'
import { authOf, schemesIn } from '../view/auth.js'
import type { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'
import type { LintRule } from './rule.js'

type Authorize = AuthorizeOptions

function* authorizing({ routes }: ConfigView): Iterable<{
  readonly route: RouteView
  readonly path: string
  readonly rule: Authorize
}> {
  for (const route of routes) {
    const given = route.given('authorize')
    if (given !== undefined && given.value !== false) yield { route, path: given.path, rule: given.value }
  }
}

export const unknownScheme: LintRule = {
  id: 'authorize.unasked-scheme',
  severity: 'error',
  title: 'A scheme is demanded that is not asked',
  explanation:
    '`authorize.schemes` names only schemes that the `auth` of the route does not have: nobody is ever identified by them, and every request gets 403.',
  fix: 'Name schemes of `auth`, or add them there.',
  found: `
authentication: { schemes: { clients: { type: mtls }, partners: { type: mtls } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, auth: clients, authorize: { schemes: [partners] } }
  - { path: /partners/*, pool: users, auth: partners }`,
  clean: `
authentication: { schemes: { clients: { type: mtls }, partners: { type: mtls } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, auth: { any: [clients, partners] }, authorize: { schemes: [partners] } }`,
  *find(view) {
    for (const { route, path, rule } of authorizing(view)) {
      const asked = authOf(route)?.ways.flat()
      const { schemes = [] } = rule
      if (asked !== undefined && schemes.length > 0 && !schemes.some((name) => asked.includes(name)))
        yield {
          path: `${path}.schemes`,
          message: `route '${route.id}' asks ${asked.join(', ')}, and none of these`
        }
    }
  }
}

export const unknownConsumer: LintRule = {
  id: 'authorize.unknown-consumer',
  severity: 'warning',
  title: 'A consumer is let in that there is not',
  explanation:
    'The name is in neither `authentication.consumers` nor any key or user, and no scheme takes consumers from elsewhere. Mostly it is misspelt, and the consumer that was meant gets 403.',
  fix: 'Name a consumer that there is.',
  found: `
authentication:
  schemes: { clients: { type: mtls, allow: [{ dns: a.test, consumer: acme }] } }
  consumers: { acme: {} }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, auth: clients, authorize: { consumers: [amce] } }`,
  clean: `
authentication:
  schemes: { clients: { type: mtls, allow: [{ dns: a.test, consumer: acme }] } }
  consumers: { acme: {} }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, auth: clients, authorize: { consumers: [acme] } }`,
  *find(view) {
    const known = consumersOf(view)
    if (known === null) return
    for (const { path, rule } of authorizing(view))
      for (const [index, name] of (rule.consumers ?? []).entries())
        if (!known.has(name))
          yield { path: `${path}.consumers[${index}]`, message: `there is no consumer '${name}'` }
  }
}

// `null` where others than those that are written down may come.
function consumersOf({ config }: ConfigView): ReadonlySet<string> | null {
  const known = new Set(Object.keys(config.authentication?.consumers ?? {}))
  for (const { scheme } of schemesIn(config)) {
    if (scheme.type === 'custom' || scheme.type === 'forward') return null
    const { consumer, file, lookup, keys, users, allow } = scheme as object as Readonly<
      Record<string, unknown>
    >
    if ((scheme.type === 'jwt' || scheme.type === 'introspection') && consumer !== undefined) return null
    if (file !== undefined || lookup !== undefined) return null
    const credentials = [
      scheme,
      ...(Array.isArray(keys) ? keys : []),
      ...(Array.isArray(allow) ? allow : []),
      ...Object.values((users ?? {}) as object)
    ] as { readonly consumer?: unknown }[]
    for (const one of credentials) if (typeof one.consumer === 'string') known.add(one.consumer)
  }
  return known
}

export const forgeableAddress: LintRule = {
  id: 'proxies.trusts-everybody',
  severity: 'error',
  title: 'Every client may say what its address is',
  explanation:
    'A range in `trustedProxies` is so wide that clients are in it. X-Forwarded-For of anybody is then believed: limits by client, `authorize.clients`, logs and the protocol (`requireTls`) go by what the client says.',
  fix: 'List the addresses of the proxies, or the network that only they are in.',
  found: `
trustedProxies: [0.0.0.0/0]
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
trustedProxies: [10.0.0.0/16]
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  *find({ config }) {
    for (const [index, range] of (config.trustedProxies ?? []).entries()) {
      const [address = '', prefix] = range.split('/')
      // The shortest prefix that is one organisation's own: 10.0.0.0/8, fc00::/7.
      if (prefix !== undefined && Number(prefix) < (address.includes(':') ? 7 : 8))
        yield { path: `trustedProxies[${index}]`, message: `${range} contains addresses of clients` }
    }
  }
}
