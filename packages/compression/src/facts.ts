import type { FactRegistry } from '@gatewright/core'
import type { Coding } from './encoders.js'

declare module '@gatewright/core' {
  interface ExchangeFacts {
    /** The coding that the gateway has compressed the response with. */
    compression: Coding
  }
}

/** Adds the fact `compression`. */
export function addCompressionFacts(facts: FactRegistry, slot: number): void {
  facts.add({
    name: 'compression',
    read: (exchange) => (exchange.slot(slot) as Coding | undefined) ?? null,
    keys: ['compression'],
    log: 'compression',
    attribute: 'gatewright.compression',
    counter: {
      name: 'proxy_compressed_responses_total',
      help: 'Responses that the gateway has compressed.',
      label: 'coding'
    },
    note: (coding) => `The gateway compressed the response (${coding}).`
  })
}
