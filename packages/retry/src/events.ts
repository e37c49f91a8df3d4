import { type EventCounter, type Events, type Exchange, isOn, NO_LABEL } from '@gatewright/core'
import { hedgeKey, retryKey } from './keys.js'
import { observableReasons } from './observing.js'

/** A retry was decided, or not made: `exhausted` (all attempts used) or `budget` (spent). */
export interface Retried {
  readonly exchange: Exchange
  readonly outcome: 'again' | 'success' | 'exhausted' | 'budget'
  readonly delayMs: number
}

/** A hedge was sent, or the budget did not allow it. `won`: the client gets its response; `lost`: that of the first attempt. */
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
    help: 'Requests that were retried, or not because the budget was spent: success, exhausted or budget.',
    read({ exchange, outcome }, count) {
      if (outcome !== 'again') count(routeOf(exchange), outcome)
    },
    zerosOf(route, _snapshot, count) {
      if (route.pool !== null && isOn(route.given(retryKey.name)))
        for (const outcome of ['success', 'exhausted', 'budget']) count(route.id, outcome)
    }
  },
  {
    name: 'proxy_retry_attempts_total',
    labels: ['route'],
    help: 'Retries decided, including those whose client disconnected during the backoff. Hedges and the first attempt at a fallback pool are not counted.',
    read({ exchange, outcome }, count) {
      if (outcome === 'again') count(routeOf(exchange))
    },
    zerosOf(route, _snapshot, count) {
      if (route.pool !== null && isOn(route.given(retryKey.name))) count(route.id)
    }
  }
]

const HEDGES: readonly EventCounter<Hedged>[] = [
  {
    name: 'proxy_hedges_total',
    labels: ['route', 'outcome'],
    help: 'Hedges: sent, of those won (the client got their response) or lost (that of the first attempt), or not sent because the budget was spent.',
    read: ({ exchange, outcome }, count) => count(routeOf(exchange), outcome),
    zerosOf(route, _snapshot, count) {
      if (route.pool !== null && isOn(route.given(hedgeKey.name)))
        for (const outcome of ['sent', 'won', 'lost', 'budget']) count(route.id, outcome)
    }
  }
]

/** Describes retry and hedge events: their counters, notes and span events. */
export function describeRetryEvents(events: Events): void {
  events.describe('retry', { counters: RETRIES, note: noteOfRetry, span: true })
  events.describe('hedge', { counters: HEDGES, note: ({ outcome }) => NOTES[outcome], span: true })
  events.beginAtZero('proxy_observed_total', (route, _snapshot, count) => {
    for (const reason of observableReasons(route)) count(route.id, reason ?? NO_LABEL)
  })
}

function routeOf({ route }: Exchange): string {
  return route?.id ?? NO_LABEL
}

// A successful retry is visible from its attempt.
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
  sent: 'hedge: no response yet, so a second attempt starts in parallel',
  won: 'the response of the hedge is used',
  lost: 'the response of another attempt is used',
  budget: 'no hedge: the budget is spent'
}
