import type { Exchange, FactRegistry } from '@gatewright/core'

declare module '@gatewright/core' {
  interface ExchangeFacts {
    /** The first problem that a schema has found in the request or its response: `body /age: must be integer`. */
    invalid: string
  }
}

/** Says where it is shown that a request or its response was not valid. */
export function addValidationFacts(facts: FactRegistry, read: (exchange: Exchange) => string | null): void {
  facts.add({
    name: 'invalid',
    read,
    keys: ['validation'],
    log: 'invalid',
    attribute: 'gatewright.invalid',
    note: (problem) => `It was not valid: ${problem}.`
  })
}
