import type { Events, Pool } from '@gatewright/core'

/** Discovery failed; the endpoints stay as they are. */
export interface DiscoveryFailed {
  readonly pool: Pool
  readonly error: unknown
}

declare module '@gatewright/core' {
  interface GatewayEvents {
    discovery_failed: DiscoveryFailed
  }
}

/** Says how failures of discovery are counted. */
export function describeDiscoveryEvents(events: Events): void {
  events.describe('discovery_failed', {
    counters: [
      {
        name: 'proxy_discovery_failures_total',
        labels: ['pool'],
        help: 'Failures to discover endpoints.',
        read: ({ pool }, count) => count(pool.id),
        zeros({ pools }, count) {
          for (const { id, config } of pools.values()) if (config.discovery !== undefined) count(id)
        }
      }
    ]
  })
}
