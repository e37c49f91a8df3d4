import type { Gauge } from '@gatewright/core'
import type { Filters } from './filter-set.js'

/** Connections to filter services, and which of them rest. */
export function filterGauges(filters: Filters): Gauge[] {
  return [
    {
      name: 'proxy_filter_connections',
      help: 'Connections to a filter service.',
      type: 'gauge',
      labels: ['target'],
      read(show) {
        for (const { target, connections } of filters.targets()) show(connections, target)
      }
    },
    {
      name: 'proxy_filter_waiting',
      help: 'Calls to a filter service that wait for a place on its connection.',
      type: 'gauge',
      labels: ['target'],
      read(show) {
        for (const { target, waiting } of filters.targets()) show(waiting, target)
      }
    },
    {
      name: 'proxy_filter_breaker_open',
      help: 'Whether the breaker of a filter is open (1).',
      type: 'gauge',
      labels: ['filter'],
      across: 'max',
      read(show) {
        for (const { filter, open } of filters.breakers()) show(open ? 1 : 0, filter)
      }
    }
  ]
}
