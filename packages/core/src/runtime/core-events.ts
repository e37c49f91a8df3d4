import { NO_LABEL } from './event-description.js'
import type { Events } from './events.js'

/** Core's own events, which any feature may emit. */
export function describeCoreEvents(events: Pick<Events, 'describe'>): void {
  events.describe('pool_endpoints', {})
  events.describe('rejected', {
    span: true,
    note: ({ reason, because }) => `not let in: ${reason} (${because})`
  })
  events.describe('observed', {
    span: true,
    note: ({ reason, because }) =>
      `would have been ${reason ?? 'treated otherwise'} (${because}), only observed`,
    counters: [
      {
        name: 'proxy_observed_total',
        labels: ['route', 'reason'],
        help: "What policies in mode 'observe' would have done; `none` where that has no reason.",
        read: ({ exchange, reason }, count) => count(exchange.route?.id ?? NO_LABEL, reason ?? NO_LABEL)
      }
    ]
  })
}
