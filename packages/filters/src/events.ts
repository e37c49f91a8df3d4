import type { Count, Events, Exchange } from '@gatewright/core'
import type { Outcome } from './filter.js'
import { filtersKey } from './keys.js'

declare module '@gatewright/core' {
  interface GatewayEvents {
    /** A filter has decided, or could not. */
    filter: {
      readonly exchange: Exchange
      readonly filter: string
      readonly phase: 'request' | 'response'
      readonly outcome: Outcome
      /** Whether it was only noted (`mode: 'observe'`). */
      readonly observed: boolean
      /** What it has answered with, or why it has failed; `''` for nothing to say. */
      readonly because: string
      readonly ms: number
    }
  }
}

/** Says how decisions of filters are counted, noted and shown. */
export function describeFilterEvents(events: Events): void {
  events.describe('filter', {
    span: true,
    note: ({ filter, phase, outcome, observed, because, ms }) =>
      `filter ${filter} (${phase}): ${observed && outcome !== 'allowed' ? 'would have ' : ''}${outcome}${because === '' ? '' : `: ${because}`}, in ${ms.toFixed(1)} ms`,
    isFailure: ({ outcome }) => outcome === 'failed',
    counters: [
      {
        name: 'proxy_filter_decisions_total',
        help: 'Decisions of filters.',
        labels: ['filter', 'phase', 'outcome'],
        read: ({ filter, phase, outcome }, count) => count(filter, phase, outcome),
        zeros(snapshot, count) {
          countAll(filtersKey.resolve(snapshot.config.filters), count)
        },
        zerosOf(route, _snapshot, count) {
          countAll(route.setting(filtersKey), count)
        }
      }
    ]
  })
}

function countAll(filters: readonly { readonly name: string }[] | null, count: Count): void {
  for (const { name } of filters ?? [])
    for (const outcome of ['allowed', 'denied', 'failed']) count(name, 'request', outcome)
}
