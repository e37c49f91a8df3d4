import type { KeyPlace } from './keys.js'

/** Keys of the project's own packages, to distinguish a missing plugin from an unknown key. */
const OFFICIAL: Readonly<Record<KeyPlace, Readonly<Record<string, string | undefined>>>> = {
  gateway: {
    filters: 'filters',
    rateLimit: 'rate-limit',
    rateLimitStore: 'rate-limit',
    transform: 'transform',
    cors: 'cors',
    overload: 'overload',
    authentication: 'auth',
    auth: 'auth',
    authorize: 'auth',
    accessLog: 'access-log',
    metrics: 'metrics',
    flightRecorder: 'flight-recorder',
    securityHeaders: 'security-headers',
    requireTls: 'security-headers',
    compression: 'compression'
  },
  pool: {
    discovery: 'discovery',
    health: 'health',
    outlierDetection: 'health',
    slowStart: 'health',
    unhealthy: 'health',
    circuitBreaker: 'circuit-breaker',
    retry: 'retry',
    hedge: 'retry',
    concurrency: 'overload'
  },
  policy: {
    circuitBreaker: 'circuit-breaker',
    retry: 'retry',
    hedge: 'retry',
    concurrency: 'overload',
    importance: 'overload',
    filters: 'filters',
    rateLimit: 'rate-limit',
    transform: 'transform',
    cors: 'cors',
    auth: 'auth',
    authorize: 'auth',
    validation: 'validation',
    securityHeaders: 'security-headers',
    requireTls: 'security-headers',
    compression: 'compression'
  },
  route: {
    circuitBreaker: 'circuit-breaker',
    retry: 'retry',
    hedge: 'retry',
    concurrency: 'overload',
    importance: 'overload',
    filters: 'filters',
    rateLimit: 'rate-limit',
    transform: 'transform',
    cors: 'cors',
    auth: 'auth',
    authorize: 'auth',
    validation: 'validation',
    securityHeaders: 'security-headers',
    requireTls: 'security-headers',
    compression: 'compression'
  }
}

/** The package that owns a key no plugin has registered; `undefined` for an unknown key. */
export function officialOwner(place: KeyPlace, name: string): string | undefined {
  const owner = Object.hasOwn(OFFICIAL[place], name) ? OFFICIAL[place][name] : undefined
  return owner === undefined ? undefined : `@gatewright/${owner}`
}

/** The keys of the whole configuration among them. */
export const officialGatewayKeys: readonly string[] = Object.keys(OFFICIAL.gateway)
