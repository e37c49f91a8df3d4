import type { Gauge } from '@gatewright/core'
import type { LimitReport, Overload } from './overload.js'

/** Gauges of the limits and their usage. */
export function overloadGauges(overload: Overload): Gauge[] {
  const gauge = (name: string, help: string, figure: (limit: LimitReport) => number): Gauge => ({
    name,
    help,
    type: 'gauge',
    labels: ['scope', 'id'],
    read(show) {
      for (const limit of overload.state().limits) {
        const [scope = '', id = ''] = split(limit.key)
        show(figure(limit), scope, id)
      }
    }
  })
  return [
    gauge('proxy_concurrency_limit', 'The current concurrency limit.', ({ limit }) => limit),
    gauge(
      'proxy_concurrency_running',
      'Requests that count against the limit; with `adaptive` those whose responses have not begun.',
      ({ running }) => running
    ),
    gauge('proxy_concurrency_waiting', 'Requests in the admission queue.', ({ waiting }) => waiting),
    {
      name: 'proxy_concurrency_refused_total',
      help: 'Requests refused, including those that timed out in the queue. Scope process: for lack of CPU or memory (`overload`).',
      type: 'counter',
      labels: ['scope', 'id'],
      read(show) {
        for (const { key, refused } of overload.state().limits) show(refused, ...split(key))
        if (overload.refusedByProcess !== null) show(overload.refusedByProcess, 'process', 'process')
      }
    }
  ]
}

function split(key: string): [string, string] {
  const space = key.indexOf(' ')
  return [key.slice(0, space), key.slice(space + 1)]
}
