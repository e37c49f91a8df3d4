import { type AttemptRecord, type Endpoint, measuredMs } from '@gatewright/core'
import type { LatencyHistogram } from './latency.js'

// The endpoint is slow, not the request: the winner took less than half the time.
const SLOWER = 2
const HIGH = 0.99
const MANY = 20

/**
 * Decides which hedging losers are overdue: the only sign of an endpoint that hangs while hedges win. A loser is overdue when
 * it took longer than 99 % of the pool's responses and twice as long as the winner; or when its endpoint has lost 20 times
 * by that factor since its last response.
 */
export class Losses {
  readonly #inARow = new WeakMap<Endpoint, number>()

  /** Records a loser and returns whether it is overdue. */
  areTooMany(loser: AttemptRecord, winner: AttemptRecord, latency: LatencyHistogram): boolean {
    const waited = measuredMs(loser)
    const took = measuredMs(winner)
    if (waited === null || took === null || waited <= SLOWER * took) return false
    const before = this.#inARow.get(loser.endpoint) ?? 0
    this.#inARow.set(loser.endpoint, before + 1)
    return before >= MANY || waited > (latency.quantile(HIGH, loser.endedAt) ?? 0)
  }

  /** The endpoint has responded: resets its count. */
  end(endpoint: Endpoint): void {
    this.#inARow.delete(endpoint)
  }
}
