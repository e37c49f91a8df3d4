import { type Events, observes } from '@gatewright/core'
import { corsKey } from './keys.js'
import { ORIGIN_NOT_ALLOWED } from './reasons.js'

/** What `cors` that only observes may report begins at zero in metrics. */
export function beginObserved(events: Events): void {
  events.beginAtZero('proxy_observed_total', (route, { config }, count) => {
    if (observes(route.given(corsKey.name) ?? config.cors)) count(route.id, ORIGIN_NOT_ALLOWED.name)
  })
}
