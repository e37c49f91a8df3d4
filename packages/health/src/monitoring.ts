import { type Monitoring, panel } from '@gatewright/core'

/** Panel of ejections. */
export const healthMonitoring: Monitoring = {
  isUsed: () => true,
  row: 'Pools',
  alerts: [],
  panels: [
    panel('Ejections', 'none', [
      'sum by (pool) (increase(proxy_ejections_total{pool=~"$pool"}[$__rate_interval]))',
      '{{pool}}'
    ])
  ]
}
