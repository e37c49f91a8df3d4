import { allRoutes, type Monitoring, panel } from '@gatewright/core'
import { validationOf } from './reasons.js'

/** Alert and panel of validation. */
export const validationMonitoring: Monitoring = {
  isUsed: (snapshot) => [...allRoutes(snapshot)].some((route) => validationOf(route) !== null),
  alerts: [
    {
      name: 'GatewayResponsesInvalid',
      expr: 'sum by (route) (rate(proxy_validation_total{part="response",outcome="invalid"}[5m])) > 0',
      for: '5m',
      severity: 'ticket',
      summary: 'Responses of route {{ $labels.route }} are not what its schema says',
      description:
        'An upstream has changed its responses, or the schema is wrong. The field `invalid` of the access log says where.'
    }
  ],
  panels: [
    panel('Not valid', 'reqps', [
      'sum by (route, part) (rate(proxy_validation_total{outcome="invalid"}[$__rate_interval]))',
      '{{route}} {{part}}'
    ])
  ]
}
