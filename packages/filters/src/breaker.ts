import type { Clock } from '@gatewright/core'

/** When a service is given a rest. */
export interface BreakerSettings {
  /** Failures in a row. */
  readonly failures: number
  readonly openMs: number
}

/** How a call has ended. */
export type CallResult = 'answered' | 'failed' | 'cancelled'

/** How a call was let in: like any other, or to try whether the service is back. */
export type Ticket = 'call' | 'trial'

/** Counts failures in a row of one service. Open, it admits nothing for a time, then one call to try. */
export class FilterBreaker {
  readonly #settings: BreakerSettings
  readonly #clock: Clock
  #failures = 0
  #openUntil = 0
  #trying = false

  constructor(settings: BreakerSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /** Whether calls are kept back. */
  get isOpen(): boolean {
    return this.#openUntil > 0
  }

  /** Whether a call may begin; how one that may has ended is told to {@link ended}. */
  enter(): Ticket | null {
    if (this.#openUntil === 0) return 'call'
    if (this.#trying || this.#clock() < this.#openUntil) return null
    this.#trying = true
    return 'trial'
  }

  /** A call that was let in has ended. One that began before it opened says nothing new. */
  ended(ticket: Ticket, result: CallResult): void {
    if (ticket === 'trial') {
      this.#trying = false
      if (result === 'answered') {
        this.#failures = 0
        this.#openUntil = 0
      } else if (result === 'failed') this.#open()
    } else if (this.#openUntil > 0 || result === 'cancelled') return
    else if (result === 'answered') this.#failures = 0
    else if (++this.#failures >= this.#settings.failures) this.#open()
  }

  #open(): void {
    this.#openUntil = this.#clock() + this.#settings.openMs
  }
}
