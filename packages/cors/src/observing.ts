import { allRoutes, type Events, observes } from '@gatewright/core'
import { corsKey } from './keys.js'
import { ORIGIN_NOT_ALLOWED } from './reasons.js'

/** What `cors` that only observes may report begins at zero in metrics. */
export function beginObserved(events: Events): void {
  events.beginAtZero('proxy_observed_total', (snapshot, count) => {
    for (const route of allRoutes(snapshot))
      if (observes(route.given(corsKey.name) ?? snapshot.config.cors))
        count(route.id, ORIGIN_NOT_ALLOWED.name)
  })
}
