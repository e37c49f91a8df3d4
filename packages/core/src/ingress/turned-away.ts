import type { Report } from '../attempts/stage-calls.js'
import type { ExchangeObserver } from '../attempts/stages.js'
import type { Exchange } from '../model/exchange.js'
import { faultOf, nameOfPart } from '../model/plugin-fault.js'

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
