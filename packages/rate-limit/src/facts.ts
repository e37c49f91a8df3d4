import type { FactRegistry } from '@gatewright/core'
import type { RateLimiter } from './limiter.js'

declare module '@gatewright/core' {
  interface ExchangeFacts {
    /** The name of the rate limit that refused the request, or would have in `mode: 'observe'`. */
    rateLimit: string
  }
}

/** Says where the limit is shown that a request has exceeded. */
export function addRateLimitFacts(facts: FactRegistry, limiter: Pick<RateLimiter, 'exceededBy'>): void {
  facts.add({
    name: 'rateLimit',
    read: (exchange) => limiter.exceededBy(exchange),
    attribute: 'gatewright.rate_limit',
    note: (name) => `It exceeded the rate limit '${name}'.`
  })
}
