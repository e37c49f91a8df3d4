import type { AttemptRecord } from '@gatewright/core'

/** Shortest silence that counts. */
const LEAST_MS = 1_000
/** Silence counts when it is this many times as long as the slowest recent response. */
const SILENCE = 2
/** How much a faster response lowers the recorded slowest one. */
const DECAY = 0.01

/**
 * Watches the connection queue of one endpoint. A full or slow queue may only mean too much traffic; a queue that grows while
 * no request gets a response means that the endpoint is stuck. Pure.
 */
export class StandingLine {
  #refused = 0
  #since = 0
  #slowestMs = 0

  /** Records a complete response. */
  answered({ dispatchedAt, startedAt, endedAt }: AttemptRecord): void {
    const ms = endedAt - (dispatchedAt || startedAt)
    this.#slowestMs = ms > this.#slowestMs ? ms : this.#slowestMs + (ms - this.#slowestMs) * DECAY
    this.#refused = 0
  }

  /**
   * Records a request that was refused by the queue or timed out in it. Returns the cause for ejection as text, or `null`:
   * `threshold` such requests in a row, without a response for longer than recent responses took. 0 is off.
   */
  refused(now: number, threshold: number): string | null {
    if (this.#refused++ === 0) this.#since = now
    const silentMs = now - this.#since
    if (threshold === 0 || this.#refused < threshold || this.#slowestMs === 0) return null
    if (silentMs < Math.max(LEAST_MS, SILENCE * this.#slowestMs)) return null
    return `${this.#refused} requests in a row got no connection, and there was no response for ${Math.round(silentMs)} ms`
  }

  reset(): void {
    this.#refused = 0
  }
}
