import type { Gauge } from '@gatewright/core'
import type { LimitReport, Overload } from './overload.js'

/** What the limits are and how much of them is used. */
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
    gauge('proxy_concurrency_limit', 'Most requests at one time, now.', ({ limit }) => limit),
    gauge(
      'proxy_concurrency_running',
      'Requests that run within the limit; with `adaptive` those whose answers have not begun.',
      ({ running }) => running
    ),
    gauge('proxy_concurrency_waiting', 'Requests that wait to be let in.', ({ waiting }) => waiting),
    {
      name: 'proxy_concurrency_refused_total',
      help: 'Requests that were refused, those that waited in vain among them. Scope process: for want of CPU or memory (`overload`).',
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
