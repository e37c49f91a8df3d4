import type { Exchange } from './exchange.js'
import { faultOf, nameOfPart } from './plugin-fault.js'
import type { Report } from './stage-calls.js'
import type { ExchangeObserver } from './stages.js'

/** Tells observers of an exchange that is answered on arrival, before any hook of its route. */
export function turnAway(exchange: Exchange, observers: readonly ExchangeObserver[], report: Report): void {
  for (const observer of observers) {
    try {
      observer.turnedAway?.(exchange)
    } catch (error) {
      report(faultOf(nameOfPart('an observer of exchanges', observer), error), exchange)
    }
  }
}
