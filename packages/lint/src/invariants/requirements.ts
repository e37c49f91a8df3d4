import { durationMs, type RequirementsConfig, sizeBytes } from '@gatewright/core'
import { authOf } from '../view/auth.js'
import type { ConfigView } from '../view/config-view.js'
import type { OptionKey, RouteView } from '../view/route-view.js'

type Check<K extends keyof RequirementsConfig> = (
  route: RouteView,
  wanted: NonNullable<RequirementsConfig[K]>,
  view: ConfigView
) => string | undefined

/** What is wrong with a route by each requirement; nothing where it is met. */
export const REQUIREMENTS: { readonly [K in keyof Required<RequirementsConfig>]: Check<K> } = {
  auth(route, wanted, { config }) {
    const auth = authOf(route)
    if (wanted === false) return auth === undefined ? undefined : 'has authentication'
    if (auth === undefined) return 'has no authentication'
    if (auth.observe) return 'only observes authentication'
    if (auth.optional) return 'lets requests without credentials through'
    if (wanted === true) return undefined
    const schemes = config.authentication?.schemes ?? {}
    const names = [wanted].flat()
    const open = auth.ways.find(
      (way) => !way.some((name) => names.includes(name) || names.includes(schemes[name]?.type ?? ''))
    )
    return open === undefined ? undefined : `lets in by ${open.join(' and ')}, without ${names.join(' or ')}`
  },
  authorize: has('authorize', 'has no rule for who may', 'has a rule for who may'),
  rateLimit(route, wanted, { config }) {
    const limits = [route.given('rateLimit')?.value ?? [], config.rateLimit ?? []]
      .flat()
      .filter((one) => one !== false)
    const holding = limits.filter((limit) => limit.mode !== 'observe')
    return onlyIf(
      holding.length > 0,
      wanted,
      limits.length > 0 ? 'only observes its rate limit' : 'has no rate limit',
      'has a rate limit'
    )
  },
  requireTls: has('requireTls', 'takes requests without TLS', 'requires TLS'),
  securityHeaders: has('securityHeaders', 'has no security headers', 'has security headers'),
  validation: has('validation', 'does not validate requests', 'validates requests'),
  circuitBreaker: has('circuitBreaker', 'has no circuit breaker', 'has a circuit breaker'),
  cors: has('cors', 'has no CORS', 'answers pages of other origins'),
  retry: has('retry', 'does not retry', 'retries'),
  upstreamTls(route, wanted) {
    const { pool } = route
    if (pool === undefined || route.action !== 'forward') return undefined
    const plain = pool.endpoints.find(({ url }) => !/^https:/i.test(url))
    const isPlainDns =
      pool.config.discovery !== undefined &&
      'dns' in pool.config.discovery &&
      pool.config.discovery.protocol !== 'https'
    const unverified = pool.config.tls?.insecureBecause !== undefined
    const because =
      plain !== undefined || isPlainDns
        ? `reaches pool '${pool.id}' in plain text`
        : `does not verify certificates of pool '${pool.id}'`
    return onlyIf(
      plain === undefined && !isPlainDns && !unverified,
      wanted,
      because,
      `reaches pool '${pool.id}' by TLS`
    )
  },
  filters(route, wanted, { config }) {
    const own = route.given('filters')?.value
    const all = own === false ? [] : [...(config.filters || []), ...(own ?? [])]
    const names = all
      .filter((filter) => !('mode' in filter && filter.mode === 'observe'))
      .map(({ name, type }) => name ?? type)
    const missing = wanted.filter((name) => !names.includes(name))
    return missing.length === 0 ? undefined : `does not ask the filter ${missing.join(', ')}`
  },
  policies(route, wanted) {
    const missing = wanted.filter((id) => !route.policies.some((policy) => policy.id === id))
    return missing.length === 0 ? undefined : `does not use the policy ${missing.join(', ')}`
  },
  pool(route, wanted) {
    const id = route.given('pool')?.value
    if (route.action !== 'forward') return 'does not forward'
    return id !== undefined && [wanted].flat().includes(id) ? undefined : `goes to pool '${id}'`
  },
  maxTimeout(route, wanted) {
    const total = route.timeoutMs('total')
    if (total === 0) return 'has no timeouts.total'
    return total <= (durationMs(wanted) ?? 0) ? undefined : `may take ${route.timeout('total')?.value}`
  },
  maxBody(route, wanted) {
    const limit = route.given('bodyLimit')?.value ?? '10MiB'
    if (limit === false) return 'takes bodies of any size'
    return (sizeBytes(limit) ?? 0) <= (sizeBytes(wanted) ?? 0) ? undefined : `takes bodies of ${limit}`
  }
}

function has(
  key: OptionKey,
  without: string,
  having: string
): (route: RouteView, wanted: boolean) => string | undefined {
  return (route, wanted) => {
    const value: unknown = route.given(key)?.value
    const observes =
      typeof value === 'object' && value !== null && (value as { mode?: unknown }).mode === 'observe'
    const isThere = value !== undefined && value !== false && !observes
    return onlyIf(isThere, wanted, observes ? `${without} (it only observes)` : without, having)
  }
}

function onlyIf(isThere: boolean, wanted: boolean, without: string, having: string): string | undefined {
  return isThere === wanted ? undefined : wanted ? without : having
}
