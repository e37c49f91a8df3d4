import { allRoutes, isOn, type Monitoring, panel } from '@gatewright/core'
import { concurrencyKey } from './keys.js'

/** Alert and panel of concurrency limits. */
export const overloadMonitoring: Monitoring = {
  isUsed: (snapshot) =>
    isOn(snapshot.config.overload) ||
    [...allRoutes(snapshot), ...snapshot.pools.values()].some((one) => isOn(one.given(concurrencyKey.name))),
  alerts: [
    {
      name: 'GatewayLimitNearlyReached',
      expr: 'avg_over_time(proxy_concurrency_running[5m]) / avg_over_time(proxy_concurrency_limit[5m]) > 0.9 or rate(proxy_concurrency_refused_total[5m]) > 0',
      for: '5m',
      severity: 'ticket',
      summary: 'The limit of {{ $labels.scope }} {{ $labels.id }} is reached, or nearly',
      description:
        'More than nine tenths of the requests it allows are running on the average of five minutes, or requests are refused: ask proxy_concurrency_refused_total.'
    }
  ],
  panels: [
    panel(
      'Concurrency',
      'none',
      ['sum by (scope, id) (proxy_concurrency_running)', '{{scope}} {{id}}'],
      ['sum by (scope, id) (proxy_concurrency_limit)', '{{scope}} {{id}}: limit'],
      ['sum by (scope, id) (proxy_concurrency_waiting)', '{{scope}} {{id}}: waiting']
    )
  ]
}
