import type { AttemptRecord } from '@gatewright/core'

/** No endpoint is judged by less silence. */
const LEAST_MS = 1_000
/** A silence says something when it is so many times as long as the slowest of the recent answers took. */
const SILENCE = 2
/** What an answer that was faster takes off the slowest. */
const DECAY = 0.01

/**
 * The line for a connection to one endpoint. One that is full, or too slow for those in it, may only mean that there is
 * too much traffic; one that only grows, because nobody before it gets an answer, means that the endpoint is stuck. Pure.
 */
export class StandingLine {
  #refused = 0
  #since = 0
  #slowestMs = 0

  /** The endpoint has answered, whole. */
  answered({ dispatchedAt, startedAt, endedAt }: AttemptRecord): void {
    const ms = endedAt - (dispatchedAt || startedAt)
    this.#slowestMs = ms > this.#slowestMs ? ms : this.#slowestMs + (ms - this.#slowestMs) * DECAY
    this.#refused = 0
  }

  /**
   * A request found no place in it, or no connection in time. What is wrong now, for people, or `null`: `threshold` requests
   * in a row, and no answer since the first of them for longer than its recent answers can explain. 0 is off.
   */
  refused(now: number, threshold: number): string | null {
    if (this.#refused++ === 0) this.#since = now
    const silentMs = now - this.#since
    if (threshold === 0 || this.#refused < threshold || this.#slowestMs === 0) return null
    if (silentMs < Math.max(LEAST_MS, SILENCE * this.#slowestMs)) return null
    return `${this.#refused} requests in a row found no connection, and there was no answer for ${Math.round(silentMs)} ms`
  }

  reset(): void {
    this.#refused = 0
  }
}
