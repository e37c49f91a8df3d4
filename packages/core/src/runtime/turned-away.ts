import type { Report } from '../attempts/stage-calls.js'
import type { Exchange } from '../model/exchange.js'
import { faultOf, nameOfPart } from '../model/plugin-fault.js'

/** Notifies observers of an exchange that is answered on arrival, before any hook of its route. */
export function turnAway(exchange: Exchange, report: Report): void {
  for (const observer of exchange.snapshot.stages.exchangeObservers) {
    try {
      observer.turnedAway?.(exchange)
    } catch (error) {
      report(faultOf(nameOfPart('an observer of exchanges', observer), error), exchange)
    }
  }
}
