import type { Alert, Monitoring } from '@gatewright/core'

/** Alerts of upstreams' certificates that are about to end. */
export const certificateMonitoring: Monitoring = {
  isUsed: ({ pools }) =>
    [...pools.values()].some(({ endpoints }) => endpoints.some(({ origin }) => origin.startsWith('https:'))),
  alerts: [
    endsWithin(14, { name: 'GatewayCertificateEndsSoon', for: '1h', severity: 'ticket' }),
    endsWithin(3, { name: 'GatewayCertificateEndsVerySoon', for: '10m', severity: 'page' })
  ],
  panels: []
}

function endsWithin(days: number, alert: Pick<Alert, 'name' | 'for' | 'severity'>): Alert {
  return {
    ...alert,
    expr: `proxy_upstream_certificate_expiry_timestamp_seconds - time() < ${days * 86_400}`,
    summary: `The certificate of {{ $labels.endpoint }} ends within ${days} days`,
    description: 'In {{ $value | humanizeDuration }}.'
  }
}
