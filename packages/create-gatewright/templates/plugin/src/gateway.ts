import { balancing } from '@gatewright/balancing'
import { circuitBreaker } from '@gatewright/circuit-breaker'
import { type CoreOptions, core, type Duration, type GatewayConfig } from '@gatewright/core'
import { health } from '@gatewright/health'
import { proxy } from '@gatewright/proxy'
import { rateLimit } from '@gatewright/rate-limit'
import { retry } from '@gatewright/retry'
import { routing } from '@gatewright/routing'
import type { FastifyInstance } from 'fastify'

/** What the gateway in the app is built from. */
export interface GatewayOptions {
  /** Base URLs of the service. Two or more: a retry goes to another one. */
  readonly users: readonly string[]
  /** How long an endpoint that keeps failing is left out. */
  readonly ejection?: Duration
  /** How long the circuit breaker stays open. */
  readonly breakerOpen?: Duration
  /** Time, chance and connections of tests. */
  readonly seams?: Omit<CoreOptions, 'config'>
}

/**
 * Adds the gateway to an app, which then has `app.gateway` and `request.exchange`. Only the parts that are registered are
 * there, in this order: a key of the configuration that belongs to another one stops the start and says which package has it.
 * `@gatewright/gateway` registers all parts at once.
 */
export async function addGateway(app: FastifyInstance, options: GatewayOptions): Promise<void> {
  await app.register(core, { config: configOf(options), ...options.seams })
  await app.register(rateLimit)
  await app.register(circuitBreaker)
  await app.register(health)
  await app.register(retry)
  await app.register(balancing)
  await app.register(proxy)
  await app.register(routing)
}

/** Every key: https://github.com/gatewright/gatewright/blob/main/docs/configuration.md */
function configOf({ users, ejection = '30s', breakerOpen = '10s' }: GatewayOptions): GatewayConfig {
  return {
    pools: {
      users: {
        endpoints: users,
        outlierDetection: { ejection },
        circuitBreaker: { window: '5s', openDuration: breakerOpen }
      }
    },
    policies: {
      resilient: { retry: 'idempotent', timeouts: { perTry: '2s', total: '5s' } }
    },
    routes: [{ id: 'users', path: '/users/*', pool: 'users', use: ['resilient'], bodyLimit: '1MiB' }]
  }
}
