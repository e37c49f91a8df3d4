import type { GatewayServerConfig, PoolConfig, RouteConfig } from '@gatewright/gateway'
import type { StartedGateway } from './start-gateway.js'

/** A configuration in which everything goes to one pool, `upstream`. */
export function singlePool(
  endpoints: string | NonNullable<PoolConfig['endpoints']>,
  pool: Omit<PoolConfig, 'endpoints'> = {},
  route: Omit<RouteConfig, 'path'> = {}
): GatewayServerConfig {
  return {
    pools: { upstream: { endpoints: typeof endpoints === 'string' ? [endpoints] : endpoints, ...pool } },
    routes: [{ path: '/*', pool: 'upstream', ...route }]
  }
}

/** Attempts under way at all endpoints of the pool. */
export function inFlight({ gateway }: Pick<StartedGateway, 'gateway'>): number {
  return gateway.app.gateway.pool('upstream').endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0)
}
