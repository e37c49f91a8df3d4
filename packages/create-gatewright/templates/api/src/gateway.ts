import {
  type ApiKeyConfig,
  createGateway,
  type Duration,
  type GatewaySeams,
  type JwtKeysConfig
} from '@gatewright/gateway'
import { CONSUMERS } from './consumers.js'

/** What a gateway is built from. Tests and drills give other values than production. */
export interface GatewayOptions {
  /** Base URLs of the services. Two or more of each: a retry goes to another one. */
  readonly orders: readonly string[]
  readonly catalog: readonly string[]
  /** A file with the hashes of API keys, read again when it changes. */
  readonly keysFile?: string
  /** Keys beside those of the file. */
  readonly keys?: readonly ApiKeyConfig[]
  /** An OpenID Connect provider whose tokens are taken too. */
  readonly tokens?: {
    readonly issuer: string
    readonly audience: string
    readonly keys?: JwtKeysConfig
  } | null
  readonly corsOrigins?: readonly string[]
  readonly trustedProxies?: readonly string[]
  /** Requests of one consumer in a minute. */
  readonly quota?: number
  readonly production?: boolean
  readonly probePort?: number
  /** Time between two probes of an endpoint. */
  readonly probeEvery?: Duration
  /** How long an endpoint that keeps failing is left out. */
  readonly ejection?: Duration
  /** How long a circuit breaker stays open. */
  readonly breakerOpen?: Duration
  /** No logs. */
  readonly quiet?: boolean
}

/** The gateway. Every key: https://github.com/gatewright/gatewright/blob/main/docs/configuration.md */
export function buildGateway(options: GatewayOptions, seams: GatewaySeams = {}) {
  const {
    orders,
    catalog,
    keysFile,
    keys = [],
    tokens = null,
    corsOrigins = [],
    trustedProxies = []
  } = options
  const { quota = 600, production = false, probePort = 0, probeEvery = '5s' } = options
  const { ejection = '30s', breakerOpen = '10s', quiet = false } = options
  const health = {
    health: { path: '/health', interval: probeEvery, fastInterval: probeEvery },
    outlierDetection: { ejection },
    circuitBreaker: { window: '5s', openDuration: breakerOpen }
  } as const
  return createGateway(
    {
      trustedProxies,
      authentication: {
        schemes: {
          keys: { type: 'apiKey', keys, ...(keysFile === undefined ? {} : { file: keysFile }) },
          ...(tokens === null ? {} : { tokens: { type: 'jwt', consumer: 'azp', ...tokens } as const })
        },
        consumers: CONSUMERS,
        // What services may believe: copies that clients send are dropped.
        headers: { 'x-consumer': 'consumer', 'x-plan': 'metadata.plan' }
      },
      // A route that does not say who may come does not start.
      auth: { default: 'deny' },
      cors:
        corsOrigins.length === 0
          ? false
          : { origins: corsOrigins, exposedHeaders: ['RateLimit', 'Retry-After'], maxAge: '10m' },
      // By address, before anybody is asked for a key.
      rateLimit: { name: 'flood', requestsPerSecond: 100, burst: 200 },
      policies: {
        // What all routes of the API have in common.
        api: {
          auth: { any: tokens === null ? ['keys'] : ['keys', 'tokens'] },
          rateLimit: { name: 'quota', limit: quota, window: '1m', key: 'consumer' },
          timeouts: { perTry: '2s', total: '5s' },
          retry: 'idempotent',
          transform: {
            response: {
              headers: [
                { remove: ['server', 'x-powered-by'] },
                { when: 'error', set: { 'cache-control': 'no-store' } }
              ]
            }
          }
        }
      },
      pools: {
        orders: { endpoints: orders, ...health },
        catalog: { endpoints: catalog, ...health }
      },
      routes: [
        // Read only, and quick: what is slow is asked for elsewhere at the same time.
        {
          id: 'catalog',
          path: '/catalog/*',
          methods: ['GET', 'HEAD'],
          pool: 'catalog',
          use: ['api'],
          timeouts: { perTry: '500ms', total: '2s' },
          hedge: { after: '200ms' }
        },
        { id: 'orders', path: '/orders/*', pool: 'orders', use: ['api'], bodyLimit: '256KiB' },
        // For everybody.
        { id: 'status', path: '/status', methods: ['GET'], respond: { status: 204 }, auth: false }
      ],
      // With /live and /ready on the port of the probes: scrape /metrics, load the alerts from /metrics/rules.yml.
      metrics: { slo: { availability: 99.9, latency: '500ms' } },
      probes: { port: probePort },
      // The last requests, for gateway.why(requestId).
      flightRecorder: true,
      // Load balancers need time to notice that a gateway stops; people at a terminal do not.
      shutdown: production ? {} : { wait: '0ms' },
      accessLog: quiet ? false : { format: !production && process.stdout.isTTY ? 'pretty' : 'json' },
      logger: quiet ? false : { level: production ? 'info' : 'warn' }
    },
    seams
  )
}
