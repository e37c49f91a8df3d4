import { STALL_MS } from '@gatewright/core'

/**
 * How long the process has stood still while requests were under way: stopped, short of CPU, collecting garbage or busy with
 * something else. Told by something that ticks; a tick that comes late says so. What it has lost is nobody's latency.
 */
export class StallMeter {
  readonly #stepMs: number
  #lostMs = 0
  #tickedAt = Number.POSITIVE_INFINITY
  #from = 0
  #until = 0

  /** It is told every `stepMs` milliseconds; `Infinity` to never find anything. */
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
      this.#from = this.#tickedAt + this.#stepMs
      this.#until = now
    }
    this.#lostMs = lost
    this.#tickedAt = now
  }

  /** The ticking is over. */
  end(): void {
    this.#tickedAt = Number.POSITIVE_INFINITY
  }

  /** When a time limit is reached that was set for `at`: later by as much as was lost, where it fell into the last loss. */
  extended(at: number): number {
    return at >= this.#from && at < this.#until ? at + this.#until - this.#from : at
  }

  /** Milliseconds lost so far, with those that no tick has told of yet. Only differences mean anything. */
  lostBy(now: number): number {
    const late = now - this.#tickedAt - this.#stepMs
    return late >= STALL_MS ? this.#lostMs + late : this.#lostMs
  }
}
