import { createGateway, type Duration, type GatewaySeams } from '@gatewright/gateway'

/** What a gateway is built from. Tests and drills give other values than production. */
export interface GatewayOptions {
  /** Base URLs of the service. Two or more: a retry goes to another one. */
  readonly upstreams: readonly string[]
  readonly production?: boolean
  readonly probePort?: number
  /** How long an endpoint that keeps failing is left out. */
  readonly ejection?: Duration
  /** How long the circuit breaker stays open. */
  readonly breakerOpen?: Duration
  /** No logs. */
  readonly quiet?: boolean
}

/** The gateway. Every key: https://github.com/gatewright/gatewright/blob/main/docs/configuration.md */
export function buildGateway(options: GatewayOptions, seams: GatewaySeams = {}) {
  const {
    upstreams,
    production = false,
    probePort = 0,
    ejection = '30s',
    breakerOpen = '10s',
    quiet = false
  } = options
  return createGateway(
    {
      pools: {
        app: {
          endpoints: upstreams,
          outlierDetection: { ejection },
          circuitBreaker: { window: '5s', openDuration: breakerOpen }
        }
      },
      routes: [
        {
          id: 'app',
          path: '/*',
          pool: 'app',
          retry: 'idempotent',
          timeouts: { perTry: '2s', total: '5s' },
          bodyLimit: '1MiB'
        }
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
