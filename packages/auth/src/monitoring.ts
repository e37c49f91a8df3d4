import { allRoutes, isOn, type Monitoring, panel } from '@gatewright/core'

/** Alerts and panel of authentication. */
export const authMonitoring: Monitoring = {
  isUsed: (snapshot) =>
    isOn(snapshot.config.auth) || [...allRoutes(snapshot)].some((route) => isOn(route.given('auth'))),
  alerts: [
    {
      name: 'GatewayAuthUnavailable',
      expr: 'sum by (route) (rate(proxy_request_reasons_total{reason="auth_unavailable"}[5m])) > 0',
      for: '2m',
      severity: 'page',
      summary: 'Requests of route {{ $labels.route }} cannot be authenticated',
      description: 'What the gateway asks who a request is from does not answer: requests get 503.'
    },
    {
      name: 'GatewayAuthKeysStale',
      expr: 'max by (scheme) (proxy_auth_keys_stale) > 0',
      for: '5m',
      severity: 'ticket',
      summary: 'Keys of the scheme {{ $labels.scheme }} cannot be fetched',
      description:
        'Tokens are verified with the last keys that were fetched, as long as `staleIfError` says. Tokens of newer keys get 503.'
    },
    {
      name: 'GatewayAuthThrottles',
      expr: 'rate(proxy_auth_throttled_total[5m]) > 0',
      for: '5m',
      severity: 'ticket',
      summary: 'Clients fail to authenticate again and again',
      description:
        'Somebody tries credentials, a client has an old one, or all clients have one address: set `trustedProxies` to the load balancer.'
    }
  ],
  panels: [
    panel('Not authenticated or not allowed', 'reqps', [
      'sum by (route, reason) (rate(proxy_request_reasons_total{reason=~"unauthenticated|forbidden|auth_throttled|auth_unavailable"}[$__rate_interval]))',
      '{{route}} {{reason}}'
    ])
  ]
}
