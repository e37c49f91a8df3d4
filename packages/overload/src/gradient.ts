import type { Chance } from '@gatewright/core'
import type { AdaptiveSettings } from './settings.js'

const SMOOTHING = 0.2
/** Fewer requests than these say nothing. */
const WINDOW_SAMPLES = 20
const STEP_SAMPLES = 50
/** No request counts for more than so many times what they usually take: one long poll says nothing of the others. */
const OUTLIER = 10
/** From this share of the limit on, it is what holds requests back: what matters least gets no more. */
const BINDING = 0.8
/** What one step of a measurement leaves of the limit. */
const STEP = 0.7
/** When requests take less than this part of what they took before, they had been waiting for each other. */
const FASTER = 0.85
/** By how much of the interval a measurement may be late, so that several gateways do not measure together. */
const JITTER = 0.15

/**
 * Finds a concurrency limit from latency, after Netflix's concurrency-limits and Envoy's adaptive concurrency: when
 * requests take longer than at best, the limit falls in proportion; else it grows by its square root. What they take at
 * best is measured anew from time to time, where the limit holds requests back: with less and less at one time, for as
 * long as that makes them faster. Pure: time and chance are passed in; milliseconds.
 */
export class Gradient {
  #settings: AdaptiveSettings
  readonly #chance: Chance
  #limit: number
  #best = Number.POSITIVE_INFINITY
  /** What they took in the last window. */
  #usual = Number.POSITIVE_INFINITY
  #sum = 0
  #count = 0
  #busiest = 0
  #windowEnd = 0
  #lastAt = 0
  #measureAt = Number.POSITIVE_INFINITY
  /** The limit while the best is being measured; 0 while it is not. */
  #step = 0
  /** Since when no more than that run; -1 while more do. */
  #stepSince = -1
  #giveUpAt = 0

  constructor(settings: AdaptiveSettings, chance: Chance) {
    this.#settings = settings
    this.#chance = chance
    this.#limit = settings.initial
  }

  /** A whole number from `min` to `max`. */
  get limit(): number {
    return this.#step > 0 ? this.#step : this.normal
  }

  /** What the limit is when nothing is being measured. */
  get normal(): number {
    return Math.floor(this.#limit)
  }

  /** Goes on with other settings: what it has found stays, within their bounds. `initial` counts for a new one only. */
  resize(settings: AdaptiveSettings, now: number): void {
    const { remeasureMs } = this.#settings
    this.#settings = settings
    this.#limit = Math.max(settings.min, Math.min(settings.max, this.#limit))
    if (this.#step > 0) this.#step = Math.max(settings.min, Math.min(this.normal, this.#step))
    if (settings.remeasureMs === remeasureMs) return
    if (settings.remeasureMs === 0 && this.#step > 0) this.#stop(now)
    else if (this.#windowEnd > 0) this.#postpone(now)
  }

  /** Whether those that run have been silent for much longer than usual. */
  isSilent(now: number): boolean {
    const { windowMs } = this.#settings
    const usual = Number.isFinite(this.#usual) ? this.#usual : 0
    return now - this.#lastAt > Math.max(windowMs, OUTLIER * usual)
  }

  /** The silence begins anew. */
  heard(now: number): void {
    this.#lastAt = now
  }

  /** A request succeeded after `ms`; so many were `running`, it included. */
  record(ms: number, running: number, now: number): void {
    this.#lastAt = now
    if (this.#step > 0 && !this.#isOfStep(ms, running, now)) return
    this.#sum += Math.min(ms, OUTLIER * Math.max(1, this.#usual))
    this.#count++
    if (running > this.#busiest) this.#busiest = running
    if (this.#windowEnd === 0) {
      this.#begin(now)
      this.#postpone(now)
    } else if (now >= this.#windowEnd && this.#count >= (this.#step > 0 ? STEP_SAMPLES : WINDOW_SAMPLES)) {
      const mean = this.#sum / this.#count
      if (this.#step > 0) this.#measured(mean, now)
      else this.#update(mean, now)
    }
  }

  // What began before has waited behind more than the step allows.
  #isOfStep(ms: number, running: number, now: number): boolean {
    if (now >= this.#giveUpAt) {
      this.#stop(now)
      return true
    }
    if (this.#stepSince === -1) {
      if (running > this.#step) return false
      this.#stepSince = now
      this.#begin(now)
    }
    return now - ms >= this.#stepSince
  }

  #measured(mean: number, now: number): void {
    const faster = mean < this.#usual * FASTER
    this.#usual = mean
    if (faster && this.#step > this.#settings.min) {
      this.#take(this.#step, now)
      return
    }
    this.#best = mean
    this.#stop(now)
  }

  #update(mean: number, now: number): void {
    const { min, max, tolerance } = this.#settings
    const busiest = this.#busiest
    // With so few at a time this is a measurement too.
    const measured = busiest <= min
    if (measured || this.#best === Number.POSITIVE_INFINITY) this.#best = mean
    else if (mean < this.#best) this.#best += (mean - this.#best) * SMOOTHING
    if (busiest >= this.#limit / 2) {
      const gradient = Math.max(0.5, Math.min(1, (tolerance * this.#best) / Math.max(mean, 0.001)))
      const target = this.#limit * gradient + Math.sqrt(this.#limit)
      this.#limit = Math.max(min, Math.min(max, this.#limit * (1 - SMOOTHING) + target * SMOOTHING))
    }
    this.#usual = mean
    this.#begin(now)
    if (measured) this.#postpone(now)
    // A limit that nobody comes near does no harm, and to measure would.
    else if (now >= this.#measureAt && busiest >= BINDING * this.normal) this.#take(this.normal, now)
  }

  #take(from: number, now: number): void {
    this.#step = Math.max(this.#settings.min, Math.floor(from * STEP))
    this.#stepSince = -1
    this.#giveUpAt = now + Math.max(this.#settings.remeasureMs, OUTLIER * this.#usual)
  }

  #stop(now: number): void {
    this.#step = 0
    this.#begin(now)
    this.#postpone(now)
  }

  #begin(now: number): void {
    this.#sum = this.#count = this.#busiest = 0
    this.#windowEnd = now + this.#settings.windowMs
  }

  #postpone(now: number): void {
    const { remeasureMs } = this.#settings
    const late = 1 + JITTER * this.#chance()
    this.#measureAt = remeasureMs === 0 ? Number.POSITIVE_INFINITY : now + remeasureMs * late
  }
}
