import { MOST_STALLS, STALL_MS } from '@gatewright/core'

/**
 * How long the process has stood still while requests were under way: stopped, short of CPU, collecting garbage or busy with
 * something else. Measured by periodic ticks: a late tick is lost time, which
 * counts as no upstream's latency.
 */
export class StallMeter {
  readonly #stepMs: number
  #lostMs = 0
  #tickedAt = Number.POSITIVE_INFINITY
  /** The last ones, in order. */
  readonly #stalls: { readonly from: number; readonly until: number }[] = []

  /** Expects a tick every `stepMs` milliseconds; `Infinity` to detect no stalls. */
  constructor(stepMs: number) {
    this.#stepMs = stepMs
  }

  /** The ticking has begun, at `now`. */
  begin(now: number): void {
    this.#tickedAt = now
  }

  tick(now: number): void {
    const lost = this.lostBy(now)
    if (lost > this.#lostMs) {
      this.#stalls.push({ from: this.#tickedAt + this.#stepMs, until: now })
      if (this.#stalls.length > MOST_STALLS) this.#stalls.shift()
    }
    this.#lostMs = lost
    this.#tickedAt = now
  }

  /** The meter has stopped. */
  end(): void {
    this.#tickedAt = Number.POSITIVE_INFINITY
  }

  /**
   * When a time limit is reached that was set for `at`: later by as much as was lost, where it fell into one of the last
   * losses, and again where it then falls into the next.
   */
  extended(at: number): number {
    let extended = at
    for (const { from, until } of this.#stalls)
      if (extended >= from && extended < until) extended += until - from
    return extended
  }

  /** Milliseconds lost so far, including those that no tick has reported. Only differences mean anything. */
  lostBy(now: number): number {
    const late = now - this.#tickedAt - this.#stepMs
    return late >= STALL_MS ? this.#lostMs + late : this.#lostMs
  }
}
