import { allRoutes, isOn, type Monitoring, observes, panel } from '@gatewright/core'
import { breakerKey } from './keys.js'

/** Alerts and panel of circuit breakers. */
export const breakerMonitoring: Monitoring = {
  isUsed: (snapshot) =>
    [...allRoutes(snapshot), ...snapshot.pools.values()].some((one) => {
      const given = one.given(breakerKey.name)
      return isOn(given) && !observes(given)
    }),
  alerts: [
    {
      name: 'GatewayBreakerOpen',
      expr: 'max by (pool) (proxy_breaker_state{state=~"open|half_open"}) == 1',
      for: '1m',
      severity: 'page',
      summary: 'The circuit breaker of pool {{ $labels.pool }} is open',
      description:
        'Its requests get 503 circuit_open, but for those that try whether it may close. Ask proxy_upstream_failures_total for the cause.'
    },
    {
      name: 'GatewayRouteBreakerOpen',
      expr: 'max by (route) (proxy_route_breaker_state{state=~"open|half_open"}) == 1',
      for: '1m',
      severity: 'page',
      summary: 'The circuit breaker of route {{ $labels.route }} is open',
      description:
        'Its requests get 503 circuit_open, but for those that try whether it may close. Ask proxy_upstream_failures_total for the cause.'
    }
  ],
  panels: [
    panel(
      'Breakers open',
      'none',
      ['sum by (pool) (proxy_breaker_state{pool=~"$pool",state="open"})', '{{pool}}'],
      ['sum by (route) (proxy_route_breaker_state{route=~"$route",state="open"})', 'route {{route}}']
    )
  ]
}
