import type { Gauge } from '@gatewright/core'
import type { Authentication } from './authentication.js'

/** How many clients have failed, and how often they were refused for it. */
export function authGauges(authentication: Authentication): Gauge[] {
  return [
    {
      name: 'proxy_auth_failing_clients',
      help: 'Clients whose failed attempts are counted.',
      type: 'gauge',
      labels: [],
      read: (show) => show(authentication.state().failingClients)
    },
    {
      name: 'proxy_auth_throttled_total',
      help: 'Requests that were refused, as their client had failed too often.',
      type: 'counter',
      labels: [],
      read: (show) => show(authentication.state().throttled)
    }
  ]
}
