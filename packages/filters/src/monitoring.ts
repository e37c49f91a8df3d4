import { allRoutes, isOn, type Monitoring, panel } from '@gatewright/core'
import { filtersKey } from './keys.js'

/** Alert and panel of filters. */
export const filterMonitoring: Monitoring = {
  isUsed: (snapshot) =>
    isOn(snapshot.config.filters) ||
    [...allRoutes(snapshot)].some((route) => isOn(route.given(filtersKey.name))),
  alerts: [
    {
      name: 'GatewayFilterFailing',
      expr: 'sum by (filter) (rate(proxy_filter_decisions_total{outcome="failed"}[5m])) > 0.05 * sum by (filter) (rate(proxy_filter_decisions_total[5m]))',
      for: '2m',
      severity: 'page',
      summary: 'Filter {{ $labels.filter }} does not decide',
      description:
        'More than 5 % of its requests get 503 filter_unavailable, or pass unchecked with failMode open.'
    }
  ],
  panels: [
    panel('Decisions of filters', 'reqps', [
      'sum by (filter, outcome) (rate(proxy_filter_decisions_total[$__rate_interval]))',
      '{{filter}} {{outcome}}'
    ])
  ]
}
