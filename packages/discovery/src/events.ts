import type { Events, Pool } from '@gatewright/core'

/** Discovery failed; the endpoints are unchanged. */
export interface DiscoveryFailed {
  readonly pool: Pool
  readonly error: unknown
}

declare module '@gatewright/core' {
  interface GatewayEvents {
    discovery_failed: DiscoveryFailed
  }
}

/** Describes discovery events: their counters. */
export function describeDiscoveryEvents(events: Events): void {
  events.describe('discovery_failed', {
    counters: [
      {
        name: 'proxy_discovery_failures_total',
        labels: ['pool'],
        help: 'Failed endpoint discoveries.',
        read: ({ pool }, count) => count(pool.id),
        zeros({ pools }, count) {
          for (const { id, config } of pools.values()) if (config.discovery !== undefined) count(id)
        }
      }
    ]
  })
}
