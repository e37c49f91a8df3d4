import type { Exchange } from './exchange.js'
import type { ExchangeObserver } from './stages.js'

/** Tells observers of an exchange that is answered on arrival, before any hook of its route. */
export function turnAway(
  exchange: Exchange,
  observers: readonly ExchangeObserver[],
  report: (error: unknown) => void
): void {
  for (const observer of observers) {
    try {
      observer.turnedAway?.(exchange)
    } catch (error) {
      report(error)
    }
  }
}
