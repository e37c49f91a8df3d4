import { isOn, type Monitoring } from '@gatewright/core'
import { discoveryKey } from './keys.js'

/** Alert of sources that fail. */
export const discoveryMonitoring: Monitoring = {
  isUsed: ({ pools }) => [...pools.values()].some((pool) => isOn(pool.given(discoveryKey.name))),
  alerts: [
    {
      name: 'GatewayDiscoveryFails',
      expr: 'increase(proxy_discovery_failures_total[10m]) > 2',
      for: '5m',
      severity: 'ticket',
      summary: 'Endpoints of pool {{ $labels.pool }} are not found any more',
      description: 'The last ones known are in use.'
    }
  ],
  panels: []
}
