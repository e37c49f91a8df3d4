import type { Gauge } from '@gatewright/core'
import type { RateLimiter, RateLimitReport } from './limiter.js'
import type { Stores } from './stores.js'

/** How many keys the limits know, what they refused, and how the store does. */
export function rateLimitGauges(limiter: RateLimiter, stores: Stores): Gauge[] {
  const gauge = (
    name: string,
    type: Gauge['type'],
    help: string,
    figure: (limit: RateLimitReport) => number
  ): Gauge => ({
    name,
    help,
    type,
    labels: ['scope', 'id'],
    read(show) {
      for (const limit of limiter.state()) {
        const space = limit.id.indexOf(' ')
        show(figure(limit), limit.id.slice(0, space), limit.id.slice(space + 1))
      }
    }
  })
  return [
    gauge(
      'proxy_rate_limit_keys',
      'gauge',
      'Keys that have a count of their own in a rate limit.',
      ({ keys }) => keys
    ),
    gauge(
      'proxy_rate_limit_refused_total',
      'counter',
      'Requests that a rate limit refused.',
      ({ refused }) => refused
    ),
    gauge(
      'proxy_rate_limit_overflowed_total',
      'counter',
      'Requests that were counted together with those of other keys, as a rate limit had its `maxKeys`.',
      ({ overflowed }) => overflowed
    ),
    {
      name: 'proxy_rate_limit_store_up',
      help: 'Whether the store of rate limits is asked: 0 while it fails.',
      type: 'gauge',
      labels: [],
      across: 'min',
      read(show) {
        if (stores.current !== null) show(stores.current.isUp ? 1 : 0)
      }
    },
    {
      name: 'proxy_rate_limit_store_failures_total',
      help: 'Calls of the store of rate limits that failed or took too long.',
      type: 'counter',
      labels: [],
      read(show) {
        if (stores.current !== null) show(stores.current.failures)
      }
    }
  ]
}
