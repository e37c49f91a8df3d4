import { type Events, observes } from '@gatewright/core'
import { rateLimitKey } from './keys.js'
import { RATE_LIMITED } from './reasons.js'

/** What limits that only observe may report begins at zero in metrics. */
export function beginObserved(events: Events): void {
  events.beginAtZero('proxy_observed_total', (route, { config }, count) => {
    if ([config.rateLimit, route.given(rateLimitKey.name)].flat().some(observes))
      count(route.id, RATE_LIMITED.name)
  })
}
