import { type Events, observes } from '@gatewright/core'
import { filtersKey } from './keys.js'
import { FILTER_DENIED, FILTER_UNAVAILABLE } from './reasons.js'

/** What filters that only observe may report begins at zero in metrics. */
export function beginObserved(events: Events): void {
  events.beginAtZero('proxy_observed_total', (route, { config }, count) => {
    if ([config.filters, route.given(filtersKey.name)].flat().some(observes))
      for (const { name } of [FILTER_DENIED, FILTER_UNAVAILABLE]) count(route.id, name)
  })
}
