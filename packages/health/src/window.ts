import type { Chance } from '@gatewright/core'

const SAMPLES = 64

/** Results of an endpoint in one window: counts and a latency sample (reservoir sampling, Vitter's algorithm R). */
export class Window {
  #total = 0
  #faults = 0
  #timed = 0
  readonly #samples = new Float64Array(SAMPLES)

  get total(): number {
    return this.#total
  }

  /** From 0 to 1. */
  get errorRate(): number {
    return this.#total === 0 ? 0 : this.#faults / this.#total
  }

  /** Records an attempt; `ms` is the time to its head, or `null` without one. */
  add(fault: boolean, ms: number | null, chance: Chance): void {
    this.#total++
    if (fault) this.#faults++
    if (ms === null) return
    const place = this.#timed < SAMPLES ? this.#timed : Math.floor(chance() * (this.#timed + 1))
    if (place < SAMPLES) this.#samples[place] = ms
    this.#timed++
  }

  /** The median latency in milliseconds; `null` without a sample. */
  median(): number | null {
    const count = Math.min(this.#timed, SAMPLES)
    if (count === 0) return null
    return this.#samples.slice(0, count).sort()[count >> 1] as number
  }

  reset(): void {
    this.#total = this.#faults = this.#timed = 0
  }
}
