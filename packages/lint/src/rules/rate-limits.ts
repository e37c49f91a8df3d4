import type { GatewayServerConfig, RateLimitConfig, RateLimitOptions } from '@gatewright/gateway'
import { authOf, schemesIn } from '../view/auth.js'
import type { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'
import type { LintRule } from './rule.js'

interface Limit {
  readonly path: string
  readonly limit: RateLimitOptions
  /** The limits that hold beside it. */
  readonly beside: readonly RateLimitOptions[]
  /** The route that it is of; `undefined` for the top's. */
  readonly route: RouteView | undefined
}

function listed(value: RateLimitConfig | undefined): readonly RateLimitOptions[] {
  return value === undefined || value === false ? [] : ([value].flat() as RateLimitOptions[])
}

/** Every limit of a configuration, with those beside it. */
function* limitsIn({ config, routes }: ConfigView): Iterable<Limit> {
  const atTop = listed(config.rateLimit)
  yield* placed(config.rateLimit, 'rateLimit', [], undefined)
  for (const route of routes) {
    const given = route.given('rateLimit')
    if (given !== undefined) yield* placed(given.value, given.path, atTop, route)
  }
}

function* placed(
  value: RateLimitConfig | undefined,
  path: string,
  beside: readonly RateLimitOptions[],
  route: RouteView | undefined
): Iterable<Limit> {
  const all = listed(value)
  for (const [index, limit] of all.entries())
    yield {
      path: Array.isArray(value) ? `${path}[${index}]` : path,
      limit,
      beside: [...beside, ...all.filter((other) => other !== limit)],
      route
    }
}

export const forgeableKey: LintRule = {
  id: 'rate-limit.forgeable-key',
  severity: 'warning',
  title: 'A client chooses what it is counted by',
  explanation:
    'The limit counts by a header or cookie that nobody has checked. Whoever sends another value with each request has a count of its own each time, and no limit.',
  fix: 'Count by `client`, `consumer` or `subject`; or add a limit by one of them beside it; or list the header in `reservedHeaders` where a proxy of yours sets it. A header that `auth` takes its credential from is no finding.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, rateLimit: { requestsPerSecond: 10, key: { header: x-tenant } } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    rateLimit:
      - { name: tenant, requestsPerSecond: 10, key: { header: x-tenant } }
      - { name: client, requestsPerSecond: 50 }`,
  *find(view) {
    for (const { path, limit, beside, route } of limitsIn(view)) {
      const forged = chosenByClients(limit)
      if (forged === undefined || isChecked(forged, route, view.config)) continue
      if (beside.some((other) => other.mode !== 'observe' && chosenByClients(other) === undefined)) continue
      yield {
        path: `${path}.key`,
        message: `each value of the ${forged.kind} '${forged.name}' has a count of its own, and clients choose it`
      }
    }
  }
}

interface Forged {
  readonly kind: 'header' | 'cookie'
  readonly name: string
}

// A list counts together: one part that clients choose makes a new count.
function chosenByClients({ key }: RateLimitOptions): Forged | undefined {
  for (const part of [key ?? 'client'].flat() as readonly unknown[]) {
    if (typeof part !== 'object' || part === null) continue
    const { header, cookie } = part as { readonly header?: string; readonly cookie?: string }
    if (header !== undefined) return { kind: 'header', name: header.toLowerCase() }
    if (cookie !== undefined) return { kind: 'cookie', name: cookie }
  }
  return undefined
}

function isChecked(
  { kind, name }: Forged,
  route: RouteView | undefined,
  config: GatewayServerConfig
): boolean {
  const reserved = (config.reservedHeaders ?? []).map((one) => one.toLowerCase())
  if (kind === 'header' && reserved.includes(name)) return true
  const auth = route === undefined ? undefined : authOf(route)
  if (auth === undefined || auth.optional || auth.observe) return false
  const asked = auth.ways.flat()
  return [...schemesIn(config)].some(({ name: scheme, scheme: { type, ...options } }) => {
    if (!asked.includes(scheme)) return false
    const usual = type === 'apiKey' ? 'x-api-key' : 'authorization'
    const { from = [{ header: usual }] } = options as {
      from?: readonly { header?: string; cookie?: string }[]
    }
    return from.some((place) => (kind === 'header' ? place.header?.toLowerCase() : place.cookie) === name)
  })
}

export const exemptWithoutKey: LintRule = {
  id: 'rate-limit.exempt-without-key',
  severity: 'warning',
  title: 'Whoever leaves the key out has no limit',
  explanation:
    'With `withoutKey: exempt` a request without the header, cookie or identity that it is counted by is not counted at all.',
  fix: 'Leave `withoutKey` at `by-client`, or say `reject`.',
  found: `
authentication: { schemes: { clients: { type: mtls } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    auth: { any: [clients], optional: true }
    rateLimit: { requestsPerSecond: 10, key: subject, withoutKey: exempt }`,
  clean: `
authentication: { schemes: { clients: { type: mtls } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    auth: { any: [clients], optional: true }
    rateLimit: { requestsPerSecond: 10, key: subject }`,
  *find(view) {
    for (const { path, limit, beside } of limitsIn(view))
      if (limit.withoutKey === 'exempt' && !beside.some((other) => other.withoutKey !== 'exempt'))
        yield { path: `${path}.withoutKey`, message: 'a request without the key is not counted' }
  }
}

export const openOnFailure: LintRule = {
  id: 'rate-limit.open-on-failure',
  severity: 'warning',
  title: 'Without its store a limit admits everything',
  explanation:
    'With `onStoreFailure: open` nothing is limited while the store cannot be reached, which is mostly when load is highest.',
  fix: 'Leave it at `local`: each process then admits its share of the limit (`rateLimitStore.instances`).',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, rateLimit: { requestsPerSecond: 10, onStoreFailure: open } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, rateLimit: { requestsPerSecond: 10, onStoreFailure: local } }`,
  *find(view) {
    for (const { path, limit } of limitsIn(view))
      if (limit.onStoreFailure === 'open')
        yield { path: `${path}.onStoreFailure`, message: 'nothing is limited while the store is away' }
  }
}

export const narrowPrefix: LintRule = {
  id: 'rate-limit.narrow-ipv6',
  severity: 'warning',
  title: 'A client of IPv6 has more addresses than counts matter',
  explanation:
    'A network of IPv6 has a /64 at least, and each of its machines takes any address in it. With a longer `ipv6Prefix` a client changes its address with each request, and has a count of its own each time.',
  fix: 'Leave `ipv6Prefix` at 64, or make it 56 or 48.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, rateLimit: { requestsPerSecond: 10, ipv6Prefix: 128 } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, rateLimit: { requestsPerSecond: 10, ipv6Prefix: 56 } }`,
  *find(view) {
    for (const { path, limit } of limitsIn(view))
      if ((limit.ipv6Prefix ?? 64) > 64)
        yield {
          path: `${path}.ipv6Prefix`,
          message: `a client has as many counts as addresses, 2^${128 - 64} of them`
        }
  }
}
