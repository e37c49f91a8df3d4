import type { FactRegistry } from '@gatewright/core'
import type { CorsVerdict } from './route-cors.js'

declare module '@gatewright/core' {
  interface ExchangeFacts {
    /** What CORS made of a request of another origin: `preflight` (answered by the gateway), `allowed` or `not_allowed`. */
    cors: CorsVerdict
  }
}

const SAID = {
  preflight: 'It was a preflight of an allowed origin, which the gateway answered.',
  allowed: 'Its origin is allowed to read the response.',
  not_allowed: 'Its origin is not allowed to read the response.'
}

/** Adds the fact `cors`. */
export function addCorsFacts(facts: FactRegistry, slot: number): void {
  facts.add({
    name: 'cors',
    read: (exchange) => (exchange.slot(slot) as CorsVerdict | undefined) ?? null,
    keys: ['cors'],
    log: 'cors',
    attribute: 'gatewright.cors',
    counter: {
      name: 'proxy_cors_requests_total',
      help: 'Requests of other origins: preflights that the gateway answered, allowed and not allowed ones.',
      label: 'result'
    },
    note: (verdict) => SAID[verdict]
  })
}
