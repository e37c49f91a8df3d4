import { type Monitoring, settingIn } from '@gatewright/core'
import { accessLogKey } from './keys.js'

/** Alert of lines that are dropped. */
export const accessLogMonitoring: Monitoring = {
  isUsed: ({ config }) => settingIn(accessLogKey, config) !== null,
  alerts: [
    {
      name: 'GatewayLogLinesDropped',
      expr: 'rate(proxy_access_log_dropped_total[5m]) > 0',
      for: '5m',
      severity: 'ticket',
      summary: 'The access log of {{ $labels.instance }} is not whole',
      description: '{{ $value | humanize }} lines a second are dropped: its destination is too slow, or gone.'
    }
  ],
  panels: []
}
