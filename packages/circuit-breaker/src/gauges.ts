import type { Gauge } from '@gatewright/core'
import type { Breakers } from './breakers.js'

const STATES = ['closed', 'open', 'half_open'] as const

/** Breaker states as gauges: 1 for the current state, 0 for the others. Breakers in observe mode are left out. */
export function breakerGauges(breakers: Breakers): Gauge[] {
  const read =
    (prefix: string): Gauge['read'] =>
    (show) => {
      for (const { key, state, observing } of breakers.states()) {
        if (observing || !key.startsWith(prefix)) continue
        for (const one of STATES) show(one === state ? 1 : 0, key.slice(prefix.length), one)
      }
    }
  return [
    {
      name: 'proxy_breaker_state',
      help: "1 for the state the pool's circuit breaker is in, 0 for the others.",
      type: 'gauge',
      across: 'max',
      labels: ['pool', 'state'],
      read: read('pool ')
    },
    {
      name: 'proxy_route_breaker_state',
      help: "1 for the state the route's own circuit breaker is in, 0 for the others.",
      type: 'gauge',
      across: 'max',
      labels: ['route', 'state'],
      read: read('route ')
    }
  ]
}
