import type { AdaptiveSettings } from './settings.js'

const SMOOTHING = 0.2
// By how much the best latency is believed to have grown with every window: it follows a change of the upstream within
// minutes, but a queue that stands for seconds does not become normal.
const DRIFT = 1.002

/**
 * Finds a concurrency limit from latency, after Netflix's concurrency-limits and Envoy's adaptive concurrency: when
 * requests take longer than at best, the limit falls in proportion; else it grows by its square root. Pure: time is
 * passed in, in milliseconds. It must have seen the upstream unhurried, so it should begin low.
 */
export class Gradient {
  readonly #settings: AdaptiveSettings
  #limit: number
  #best = Number.POSITIVE_INFINITY
  #sum = 0
  #count = 0
  #busiest = 0
  #windowEnd = 0

  constructor(settings: AdaptiveSettings) {
    this.#settings = settings
    this.#limit = settings.initial
  }

  /** A whole number from `min` to `max`. */
  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** A request that succeeded took `ms`; so many were `running` when it ended. */
  record(ms: number, running: number, now: number): void {
    this.#sum += ms
    this.#count++
    if (running > this.#busiest) this.#busiest = running
    if (this.#windowEnd === 0) this.#windowEnd = now + this.#settings.windowMs
    if (now >= this.#windowEnd) this.#update(now)
  }

  #update(now: number): void {
    const { min, max, tolerance, windowMs } = this.#settings
    const short = this.#sum / this.#count
    this.#best = Math.min(this.#best * DRIFT, short)
    const used = this.#busiest >= this.#limit / 2
    if (used) {
      const gradient = Math.max(0.5, Math.min(1, (tolerance * this.#best) / Math.max(short, 0.001)))
      const target = this.#limit * gradient + Math.sqrt(this.#limit)
      this.#limit = Math.max(min, Math.min(max, this.#limit * (1 - SMOOTHING) + target * SMOOTHING))
    }
    this.#sum = this.#count = this.#busiest = 0
    this.#windowEnd = now + windowMs
  }
}
