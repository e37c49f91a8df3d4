import { type Events, observes } from '@gatewright/core'
import { AUTH_UNAVAILABLE, FORBIDDEN, UNAUTHENTICATED } from './reasons.js'

/** What routes that only observe may report begins at zero in metrics. */
export function beginObserved(events: Events): void {
  events.beginAtZero('proxy_observed_total', (route, { config }, count) => {
    const auth = observes(route.given('auth') ?? config.auth)
    const authorize = observes(route.given('authorize') ?? config.authorize)
    if (auth || authorize) count(route.id, UNAUTHENTICATED.name)
    if (auth || authorize) count(route.id, AUTH_UNAVAILABLE.name)
    if (authorize) count(route.id, FORBIDDEN.name)
  })
}
