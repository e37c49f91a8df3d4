import type { FactRegistry } from '@gatewright/core'
import type { Breakers } from './breakers.js'
import type { BreakerKind } from './state.js'

declare module '@gatewright/core' {
  interface ExchangeFacts {
    /** State of the most recently consulted breaker. */
    breakerState: BreakerKind
  }
}

/** Adds the fact `breakerState`. */
export function addBreakerFacts(facts: FactRegistry, breakers: Pick<Breakers, 'seenBy'>): void {
  facts.add({
    name: 'breakerState',
    read: (exchange) => breakers.seenBy(exchange),
    log: 'breaker_state',
    attribute: 'gatewright.breaker.state',
    ofAttempts: true,
    note: (state) => `The breaker asked last was ${state.replace('_', ' ')}.`
  })
}
