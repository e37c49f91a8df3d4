import { type AttemptRecord, type Endpoint, measuredMs } from '@gatewright/core'
import type { LatencyHistogram } from './latency.js'

// The endpoint is slow, and not what was asked for: the other one took less than half of the time.
const SLOWER = 2
const HIGH = 0.99
const MANY = 20

/**
 * Which losers of two attempts have been waited for too long: an endpoint that hangs while others answer in its place fails
 * in nothing else. One is too late when it has been waited for for longer than 99 % of the pool's answers take, and twice as
 * long as the other one took; or when its endpoint has lost 20 times so clearly since it answered last.
 */
export class Losses {
  readonly #inARow = new WeakMap<Endpoint, number>()

  /** Counts a loser, and judges. */
  areTooMany(loser: AttemptRecord, winner: AttemptRecord, latency: LatencyHistogram): boolean {
    const waited = measuredMs(loser)
    const took = measuredMs(winner)
    if (waited === null || took === null || waited <= SLOWER * took) return false
    const before = this.#inARow.get(loser.endpoint) ?? 0
    this.#inARow.set(loser.endpoint, before + 1)
    return before >= MANY || waited > (latency.quantile(HIGH, loser.endedAt) ?? 0)
  }

  /** The endpoint has answered. */
  end(endpoint: Endpoint): void {
    this.#inARow.delete(endpoint)
  }
}
