import { allRoutes, isOn, type Monitoring, panel } from '@gatewright/core'
import { rateLimitKey } from './keys.js'

/** Alert and panel of rate limits. */
export const rateLimitMonitoring: Monitoring = {
  isUsed: (snapshot) =>
    isOn(snapshot.config.rateLimit) ||
    [...allRoutes(snapshot)].some((route) => isOn(route.given(rateLimitKey.name))),
  alerts: [
    {
      name: 'GatewayRateLimitStoreDown',
      expr: 'proxy_rate_limit_store_up == 0',
      for: '1m',
      severity: 'ticket',
      summary: 'The store of rate limits cannot be reached from {{ $labels.instance }}',
      description: 'Limits are counted as their `onStoreFailure` says: by default by each process alone.'
    },
    {
      name: 'GatewayRateLimitKeysFull',
      expr: 'rate(proxy_rate_limit_overflowed_total[5m]) > 0',
      for: '5m',
      severity: 'ticket',
      summary: 'The rate limit of {{ $labels.scope }} {{ $labels.id }} has no place for more keys',
      description: 'New keys share counts: somebody makes keys up, or `maxKeys` is too small.'
    }
  ],
  panels: [
    panel('Rate limited', 'reqps', [
      'sum by (scope, id) (rate(proxy_rate_limit_refused_total[$__rate_interval]))',
      '{{scope}} {{id}}'
    ])
  ]
}
