import type { BreakerChanged, Gateway, GatewayEvents } from '@gatewright/core'

/** Told of what is worth a note. */
export interface NoteTaker {
  noted(event: { readonly exchange: GatewayEvents['retry']['exchange'] }, text: string): void
  breakerChanged(change: BreakerChanged, text: string): void
}

/** Puts the gateway's events into words. Listens from now on. */
export function takeNotes({ events }: Pick<Gateway, 'events'>, taker: NoteTaker): void {
  events.on('retry', (event) => {
    const text = retryText(event)
    if (text !== null) taker.noted(event, text)
  })
  events.on('hedge', (event) => taker.noted(event, HEDGES[event.outcome]))
  events.on('rejected', (event) => taker.noted(event, `not let in: ${event.reason} (${event.because})`))
  events.on('observed', (event) =>
    taker.noted(
      event,
      `would have been ${event.reason ?? 'treated otherwise'} (${event.because}), only observed`
    )
  )
  events.on('breaker', (change) => taker.breakerChanged(change, breakerText(change)))
}

// That a later attempt went well is seen from the attempt.
function retryText({ outcome, delayMs }: GatewayEvents['retry']): string | null {
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

const HEDGES: Readonly<Record<GatewayEvents['hedge']['outcome'], string>> = {
  sent: 'hedge: no answer yet, so another attempt begins beside it',
  won: 'the answer of the hedge is given',
  lost: 'another answer than that of the hedge is given',
  budget: 'no hedge: the budget is spent'
}

function breakerText({ pool, routeId, from, to, because }: BreakerChanged): string {
  const whose = routeId === null ? `pool ${pool.id}` : `route ${routeId}`
  return `breaker of ${whose}: ${from} → ${to}: ${because}`
}
