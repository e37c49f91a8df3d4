import type { AdaptiveSettings } from './settings.js'

const SMOOTHING = 0.2
/** How many requests tell what the upstream takes at best. */
const SAMPLES = 50

/**
 * Finds a concurrency limit from latency, after Netflix's concurrency-limits and Envoy's adaptive concurrency: when
 * requests take longer than at best, the limit falls in proportion; else it grows by its square root. What they take at
 * best is measured anew from time to time, with no more than `min` at a time. Pure: time is passed in, in milliseconds.
 */
export class Gradient {
  readonly #settings: AdaptiveSettings
  #limit: number
  #best = Number.POSITIVE_INFINITY
  #sum = 0
  #count = 0
  #busiest = 0
  #windowEnd = 0
  #measureAt = Number.POSITIVE_INFINITY
  /** Since when the best is being measured; -1 while it is not. */
  #measuringSince = -1

  constructor(settings: AdaptiveSettings) {
    this.#settings = settings
    this.#limit = settings.initial
  }

  /** A whole number from `min` to `max`. */
  get limit(): number {
    return this.#measuringSince === -1 ? Math.floor(this.#limit) : this.#settings.min
  }

  /** A request that succeeded took `ms`; so many were `running` when it ended. */
  record(ms: number, running: number, now: number): void {
    if (this.#measuringSince !== -1) {
      this.#measure(ms, now)
      return
    }
    this.#sum += ms
    this.#count++
    if (running > this.#busiest) this.#busiest = running
    if (this.#windowEnd === 0) {
      this.#windowEnd = now + this.#settings.windowMs
      this.#postpone(now)
    }
    if (now >= this.#windowEnd) this.#update(now)
  }

  // What began before has waited behind more than `min`.
  #measure(ms: number, now: number): void {
    if (now - ms < this.#measuringSince) return
    this.#sum += ms
    if (++this.#count < SAMPLES) return
    this.#best = this.#sum / this.#count
    this.#measuringSince = -1
    this.#begin(now)
    this.#postpone(now)
  }

  #begin(now: number): void {
    this.#sum = this.#count = this.#busiest = 0
    this.#windowEnd = now + this.#settings.windowMs
  }

  #postpone(now: number): void {
    const { remeasureMs } = this.#settings
    this.#measureAt = remeasureMs === 0 ? Number.POSITIVE_INFINITY : now + remeasureMs
  }

  #update(now: number): void {
    const { min, max, tolerance } = this.#settings
    const short = this.#sum / this.#count
    // With so few at a time this is a measurement too.
    const measured = this.#busiest <= min
    this.#best = measured ? short : Math.min(this.#best, short)
    if (this.#busiest >= this.#limit / 2) {
      const gradient = Math.max(0.5, Math.min(1, (tolerance * this.#best) / Math.max(short, 0.001)))
      const target = this.#limit * gradient + Math.sqrt(this.#limit)
      this.#limit = Math.max(min, Math.min(max, this.#limit * (1 - SMOOTHING) + target * SMOOTHING))
    }
    this.#begin(now)
    if (measured) this.#postpone(now)
    else if (now >= this.#measureAt) this.#measuringSince = now
  }
}
