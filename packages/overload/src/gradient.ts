import type { Chance } from '@gatewright/core'
import type { AdaptiveSettings } from './settings.js'

const SMOOTHING = 0.2
/** Fewest samples of a window for an update. */
const WINDOW_SAMPLES = 20
const STEP_SAMPLES = 50
/** Samples are capped at this many times the usual latency, so that one long poll does not distort the mean. */
const OUTLIER = 10
/** From this share of the limit on, the limit is binding: bulk requests are no longer admitted. */
const BINDING = 0.8
/** Factor by which each step of a measurement lowers the limit. */
const STEP = 0.7
/** A latency below this share of the previous one means that requests had been queueing upstream. */
const FASTER = 0.85
/** Jitter of the interval, so that gateways do not measure at the same time. */
const JITTER = 0.15

/**
 * An adaptive concurrency limit, after Netflix's concurrency-limits and Envoy's adaptive concurrency: when latency exceeds the
 * baseline, the limit falls in proportion; otherwise it grows by its square root. The baseline is measured again periodically
 * while the limit is binding, by lowering the limit step by step as long as that lowers latency. Pure: time and chance are
 * passed in; milliseconds.
 */
export class Gradient {
  #settings: AdaptiveSettings
  readonly #chance: Chance
  #limit: number
  #best = Number.POSITIVE_INFINITY
  /** Mean latency of the last window. */
  #usual = Number.POSITIVE_INFINITY
  #sum = 0
  #count = 0
  #busiest = 0
  #windowEnd = 0
  #lastAt = 0
  #measureAt = Number.POSITIVE_INFINITY
  /** The limit while the baseline is measured; 0 otherwise. */
  #step = 0
  /** When concurrency fell to the step; -1 before. */
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

  /** The limit outside measurements. */
  get normal(): number {
    return Math.floor(this.#limit)
  }

  /** Applies new settings: the limit stays, clamped to the new bounds. `initial` applies only to new limits. */
  resize(settings: AdaptiveSettings, now: number): void {
    const { remeasureMs } = this.#settings
    this.#settings = settings
    this.#limit = Math.max(settings.min, Math.min(settings.max, this.#limit))
    if (this.#step > 0) this.#step = Math.max(settings.min, Math.min(this.normal, this.#step))
    if (settings.remeasureMs === remeasureMs) return
    if (settings.remeasureMs === 0 && this.#step > 0) this.#stop(now)
    else if (this.#windowEnd > 0) this.#postpone(now)
  }

  /** Whether no request has completed for much longer than usual. */
  isSilent(now: number): boolean {
    const { windowMs } = this.#settings
    const usual = Number.isFinite(this.#usual) ? this.#usual : 0
    return now - this.#lastAt > Math.max(windowMs, OUTLIER * usual)
  }

  /** Restarts the silence timer. */
  heard(now: number): void {
    this.#lastAt = now
  }

  /** Records a success after `ms`, with `running` requests at that time, including this one. */
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

  // Requests from before the step queued behind more requests than it allows.
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
    // At such low concurrency, this sample measures the baseline as well.
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
    // Measure only while the limit is nearly reached: measuring costs throughput.
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
