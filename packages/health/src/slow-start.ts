import type { Cancel, Clock, Endpoint, Timers } from '@gatewright/core'
import { rampAt, type SlowStartSettings } from './settings.js'

const STEP_MS = 100

/** Ramps up the weight of endpoints. One timer for all, active only while any is ramping up. */
export class SlowStart {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #running = new Map<Endpoint, { readonly since: number; readonly settings: SlowStartSettings }>()
  #stop: Cancel | null = null

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock
    this.#timers = timers
  }

  begin(endpoint: Endpoint, settings: SlowStartSettings): void {
    this.#running.set(endpoint, { since: this.#clock(), settings })
    endpoint.rampTo(rampAt(0, settings))
    this.#stop ??= this.#timers.every(STEP_MS, () => this.#step())
  }

  /** Applies new settings to a running ramp; `null` for full weight at once. */
  use(endpoint: Endpoint, settings: SlowStartSettings | null): void {
    const running = this.#running.get(endpoint)
    if (running === undefined) return
    if (settings === null) this.end(endpoint)
    else this.#running.set(endpoint, { ...running, settings })
  }

  /** Ends the ramp: full weight. */
  end(endpoint: Endpoint): void {
    if (!this.#running.delete(endpoint)) return
    endpoint.rampTo(1)
    if (this.#running.size === 0) this.stop()
  }

  stop(): void {
    this.#stop?.()
    this.#stop = null
  }

  #step(): void {
    const now = this.#clock()
    for (const [endpoint, { since, settings }] of this.#running) {
      const ramp = rampAt(now - since, settings)
      endpoint.rampTo(ramp)
      if (ramp === 1) this.#running.delete(endpoint)
    }
    if (this.#running.size === 0) this.stop()
  }
}
