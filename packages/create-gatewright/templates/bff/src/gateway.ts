import { createGateway, type Duration, type GatewaySeams } from '@gatewright/gateway'
import { createHandlers } from './handlers.js'
import { ISSUER, Sessions } from './sessions.js'

/** What a gateway is built from. Tests and drills give other values than production. */
export interface GatewayOptions {
  /** Base URLs of the services. Two or more of each: a retry goes to another one. */
  readonly web: readonly string[]
  readonly account: readonly string[]
  readonly shop: readonly string[]
  readonly sessionSecret: string
  readonly trustedProxies?: readonly string[]
  readonly production?: boolean
  readonly probePort?: number
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
    web,
    account,
    shop,
    sessionSecret,
    trustedProxies = [],
    production = false,
    probePort = 0
  } = options
  const { ejection = '30s', breakerOpen = '10s', quiet = false } = options
  const sessions = new Sessions(sessionSecret, { secure: production })
  const handlers = createHandlers(sessions)
  const resilience = {
    retry: 'idempotent',
    outlierDetection: { ejection },
    circuitBreaker: { window: '5s', openDuration: breakerOpen }
  } as const
  return createGateway(
    {
      trustedProxies,
      authentication: {
        schemes: {
          session: {
            type: 'jwt',
            issuer: ISSUER,
            audience: ISSUER,
            keys: { secret: sessionSecret },
            // Services do not get this cookie.
            from: [{ cookie: sessions.cookie }]
          }
        },
        // What services may believe: copies that clients send are dropped.
        headers: { 'x-user': 'subject' }
      },
      // A route that does not say who may come does not start.
      auth: { default: 'deny' },
      // Pages of other sites may not act as a user whose browser has a session.
      cors: { origins: () => false, refuseOthers: true },
      securityHeaders: { remove: ['server', 'x-powered-by'] },
      compression: true,
      requireTls: production ? 'refuse' : false,
      policies: {
        service: { auth: 'session', timeouts: { perTry: '2s', total: '5s' } },
        page: { auth: false, timeouts: { perTry: '2s', total: '10s' } }
      },
      pools: {
        web: { endpoints: web, ...resilience },
        account: { endpoints: account, ...resilience },
        shop: { endpoints: shop, ...resilience }
      },
      routes: [
        { id: 'pages', path: '/*', methods: ['GET', 'HEAD'], pool: 'web', use: ['page'] },
        {
          id: 'shop',
          path: '/api/shop/*',
          pool: 'shop',
          use: ['service'],
          rewrite: { stripPrefix: '/api/shop' }
        },
        {
          id: 'account',
          path: '/api/account/*',
          pool: 'account',
          use: ['service'],
          rewrite: { stripPrefix: '/api/account' }
        },
        { id: 'home', path: '/api/home', methods: ['GET'], auth: 'session', handler: handlers.home },
        {
          id: 'login',
          path: '/api/login',
          methods: ['POST'],
          auth: false,
          bodyLimit: '4KiB',
          // Guesses of passwords.
          rateLimit: { limit: 5, window: '1m' },
          handler: handlers.login
        },
        { id: 'logout', path: '/api/logout', methods: ['POST'], auth: false, handler: handlers.logout }
      ],
      // /live and /ready, for load balancers and containers.
      probes: { port: probePort },
      // Load balancers need time to notice that a gateway stops; people at a terminal do not.
      shutdown: production ? {} : { wait: '0ms' },
      accessLog: quiet ? false : { format: !production && process.stdout.isTTY ? 'pretty' : 'json' },
      logger: quiet ? false : { level: production ? 'info' : 'warn' }
    },
    seams
  )
}
