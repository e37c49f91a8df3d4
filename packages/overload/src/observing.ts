import { allRoutes, type Events, fallbackPool, observes } from '@gatewright/core'
import { concurrencyKey } from './keys.js'
import { OVERLOADED, QUEUE_TIMEOUT } from './reasons.js'

/** Series that limits in observe mode may increment begin at zero in metrics. */
export function beginObserved(events: Events): void {
  events.beginAtZero('proxy_observed_total', (snapshot, count) => {
    const isObserved = observes(snapshot.config.overload)
    for (const route of allRoutes(snapshot)) {
      const { id } = route
      const limited = [route, route.pool, fallbackPool(route)]
      const areObserved = limited.some((one) => observes(one?.given(concurrencyKey.name)))
      if (areObserved || isObserved) count(id, OVERLOADED.name)
      if (areObserved) count(id, QUEUE_TIMEOUT.name)
    }
  })
}
