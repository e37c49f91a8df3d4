import { type Events, fallbackPool, observes } from '@gatewright/core'
import { concurrencyKey } from './keys.js'
import { OVERLOADED, QUEUE_TIMEOUT } from './reasons.js'

/** Series that limits in observe mode may increment begin at zero in metrics. */
export function beginObserved(events: Events): void {
  events.beginAtZero('proxy_observed_total', (route, { config }, count) => {
    const limited = [route, route.pool, fallbackPool(route)]
    const areObserved = limited.some((one) => observes(one?.given(concurrencyKey.name)))
    if (areObserved || observes(config.overload)) count(route.id, OVERLOADED.name)
    if (areObserved) count(route.id, QUEUE_TIMEOUT.name)
  })
}
