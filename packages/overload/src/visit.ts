import type { Importance } from '@gatewright/core'
import type { Guest, Limiter } from './limiter.js'
import type { Waiter, WaitingLine } from './waiting-line.js'

/** Told when it is settled whether a visit may go on. For `full` and `timeout`: true to let it in all the same. */
export type OnDecision = (outcome: 'in' | 'full' | 'timeout', limiter: Limiter | null) => boolean

/** One request on its way through the limits that hold for it, one after another. */
export class Visit implements Guest {
  readonly importance: Importance
  waitingSince = 0
  enteredAt = 0
  next: Waiter | null = null
  previous: Waiter | null = null
  line: WaitingLine | null = null
  readonly #first: Limiter
  readonly #second: Limiter | null
  readonly #onDecision: OnDecision
  #entered = 0
  #over = false

  constructor(first: Limiter, second: Limiter | null, importance: Importance, onDecision: OnDecision) {
    this.#first = first
    this.#second = second
    this.importance = importance
    this.#onDecision = onDecision
  }

  get waits(): boolean {
    return this.line !== null
  }

  /** Asks one limit after another, as far as it gets. */
  begin(): void {
    for (;;) {
      const limiter = this.#limiter(this.#entered)
      if (limiter === null) {
        this.#onDecision('in', null)
        return
      }
      const entry = limiter.enter(this)
      if (entry === 'waits') return
      if (entry === 'full' && !this.#refused('full', limiter)) return
      if (entry === 'in') this.#entered++
    }
  }

  called(outcome: 'in' | 'timeout'): void {
    const limiter = this.#limiter(this.#entered) as Limiter
    if (outcome === 'in') this.#entered++
    else if (!this.#refused('timeout', limiter)) return
    this.begin()
  }

  /** The request is over, or given up. `succeeded`: its time says how the upstream does. */
  end(succeeded: boolean): void {
    if (this.#over) return
    this.#over = true
    if (this.waits) this.#limiter(this.#entered)?.giveUp(this)
    // Released in turn, the last first; who is called then finds the others free.
    while (this.#entered > 0) this.#limiter(--this.#entered)?.leave(this, succeeded)
  }

  #limiter(index: number): Limiter | null {
    if (index === 0) return this.#first
    return index === 1 ? this.#second : null
  }

  // What was entered before is given back. A limit that only observes is entered all the same.
  #refused(outcome: 'full' | 'timeout', limiter: Limiter): boolean {
    if (this.#onDecision(outcome, limiter)) {
      limiter.enterAnyway(this)
      this.#entered++
      return true
    }
    this.end(false)
    return false
  }
}
