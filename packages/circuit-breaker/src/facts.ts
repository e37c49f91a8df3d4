import type { FactRegistry } from '@gatewright/core'
import type { Breakers } from './breakers.js'
import type { BreakerKind } from './state.js'

declare module '@gatewright/core' {
  interface ExchangeFacts {
    /** Where the breaker stood that was asked last. */
    breakerState: BreakerKind
  }
}

/** Says where the state of the breaker is shown that was asked for an exchange. */
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
