import { allRoutes, type EventCounter, type Events, type Exchange, isOn, NO_LABEL } from '@gatewright/core'
import { hedgeKey, retryKey } from './keys.js'
import { observableReasons } from './observing.js'

/** Another attempt is about to be made, or was not: `exhausted` all attempts, `budget` spent. */
export interface Retried {
  readonly exchange: Exchange
  readonly outcome: 'again' | 'success' | 'exhausted' | 'budget'
  readonly delayMs: number
}

/** A hedge began, or the budget did not allow it. `won`: the client gets its answer; `lost`: that of the first attempt. */
export interface Hedged {
  readonly exchange: Exchange
  readonly outcome: 'sent' | 'won' | 'lost' | 'budget'
}

declare module '@gatewright/core' {
  interface GatewayEvents {
    retry: Retried
    hedge: Hedged
  }
}

const RETRIES: readonly EventCounter<Retried>[] = [
  {
    name: 'proxy_retries_total',
    labels: ['route', 'outcome'],
    help: 'Requests that were tried again, or were not for want of budget: success, exhausted or budget.',
    read({ exchange, outcome }, count) {
      if (outcome !== 'again') count(routeOf(exchange), outcome)
    },
    zeros(snapshot, count) {
      for (const route of allRoutes(snapshot))
        if (route.pool !== null && isOn(route.given(retryKey.name)))
          for (const outcome of ['success', 'exhausted', 'budget']) count(route.id, outcome)
    }
  },
  {
    name: 'proxy_retry_attempts_total',
    labels: ['route'],
    help: 'Retries decided on, also those whose client left during the wait before. Neither hedges nor the first attempt at a fallback pool count.',
    read({ exchange, outcome }, count) {
      if (outcome === 'again') count(routeOf(exchange))
    },
    zeros(snapshot, count) {
      for (const route of allRoutes(snapshot))
        if (route.pool !== null && isOn(route.given(retryKey.name))) count(route.id)
    }
  }
]

const HEDGES: readonly EventCounter<Hedged>[] = [
  {
    name: 'proxy_hedges_total',
    labels: ['route', 'outcome'],
    help: 'Second attempts beside the first: sent, of those won (the client got their answer) or lost (that of the first), or not sent for want of budget.',
    read: ({ exchange, outcome }, count) => count(routeOf(exchange), outcome),
    zeros(snapshot, count) {
      for (const route of allRoutes(snapshot))
        if (route.pool !== null && isOn(route.given(hedgeKey.name)))
          for (const outcome of ['sent', 'won', 'lost', 'budget']) count(route.id, outcome)
    }
  }
]

/** Says how retries and hedges are counted, noted and shown. */
export function describeRetryEvents(events: Events): void {
  events.describe('retry', { counters: RETRIES, note: noteOfRetry, span: true })
  events.describe('hedge', { counters: HEDGES, note: ({ outcome }) => NOTES[outcome], span: true })
  events.beginAtZero('proxy_observed_total', (snapshot, count) => {
    for (const route of allRoutes(snapshot))
      for (const reason of observableReasons(route)) count(route.id, reason ?? NO_LABEL)
  })
}

function routeOf({ route }: Exchange): string {
  return route?.id ?? NO_LABEL
}

// That a later attempt went well is seen from the attempt.
function noteOfRetry({ outcome, delayMs }: Retried): string | null {
  switch (outcome) {
    case 'again':
      return `retry after ${Math.round(delayMs)} ms backoff`
    case 'exhausted':
      return 'no retry: all attempts were made'
    case 'budget':
      return 'no retry: the budget is spent'
    case 'success':
      return null
  }
}

const NOTES: Readonly<Record<Hedged['outcome'], string>> = {
  sent: 'hedge: no answer yet, so another attempt begins beside it',
  won: 'the answer of the hedge is given',
  lost: 'another answer than that of the hedge is given',
  budget: 'no hedge: the budget is spent'
}
