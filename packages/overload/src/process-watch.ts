import type { Cancel, Timers } from '@gatewright/core'
import { createSampler, type Signals } from './process-signals.js'
import type { ProcessSettings } from './settings.js'

const NO_SIGNALS: Signals = { delayMs: 0, utilization: 0, heap: 0 }

/** Measures the process while it is configured. */
export class ProcessWatch {
  readonly #timers: Timers
  /** The last measurement; zeros while not measuring. */
  signals: Signals = NO_SIGNALS
  #sampler: ReturnType<typeof createSampler> | null = null
  #sampleMs = 0
  #stopSampling: Cancel = () => {}
  #closed = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Measures at the configured interval; stops for `null`. A running measurement continues. */
  follow(settings: Pick<ProcessSettings, 'sampleMs'> | null): void {
    if (settings === null || this.#closed) {
      this.#stop()
      return
    }
    if (this.#sampler !== null && this.#sampleMs === settings.sampleMs) return
    this.#stopSampling()
    const sampler = this.#sampler ?? createSampler()
    this.#sampler = sampler
    this.#sampleMs = settings.sampleMs
    this.#stopSampling = this.#timers.every(settings.sampleMs, () => {
      this.signals = sampler.sample()
    })
  }

  /** Stops measuring for good. */
  close(): void {
    this.#closed = true
    this.#stop()
  }

  #stop(): void {
    this.#stopSampling()
    this.#sampler?.stop()
    this.#sampler = null
    this.#stopSampling = () => {}
    this.signals = NO_SIGNALS
  }
}
