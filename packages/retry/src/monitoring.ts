import { allRoutes, isOn, type Monitoring, panel } from '@gatewright/core'
import { hedgeKey, retryKey } from './keys.js'

/** Alert and panels of retries and hedges. */
export const retryMonitoring: Monitoring = {
  isUsed: (snapshot) =>
    [...allRoutes(snapshot), ...snapshot.pools.values()].some(
      (one) => isOn(one.given(retryKey.name)) || isOn(one.given(hedgeKey.name))
    ),
  alerts: [
    {
      name: 'GatewayRetryBudgetSpent',
      expr: 'sum by (route) (rate(proxy_retries_total{outcome="budget"}[5m])) > 0',
      for: '5m',
      severity: 'ticket',
      summary: 'The retry budget of route {{ $labels.route }} is spent',
      description: 'More fails than retries may hide.'
    }
  ],
  panels: [
    panel(
      'Retries',
      'reqps',
      ['sum by (outcome) (rate(proxy_retries_total{route=~"$route"}[$__rate_interval]))', '{{outcome}}'],
      ['sum(rate(proxy_retry_attempts_total{route=~"$route"}[$__rate_interval]))', 'attempts']
    ),
    panel('Hedges', 'reqps', [
      'sum by (outcome) (rate(proxy_hedges_total{route=~"$route"}[$__rate_interval]))',
      '{{outcome}}'
    ]),
    panel('Retry budget', 'none', [
      'min by (route) (proxy_retry_budget_tokens{route=~"$route"})',
      '{{route}}'
    ])
  ]
}
