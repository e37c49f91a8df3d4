import type { Importance } from './config/config.js'
import type { Limiter, Waiter } from './limiter.js'
import type { QueueNode, WaitQueue } from './wait-queue.js'

/** Called with the decision about a request. For `full` and `timeout`: return true to admit it anyway. */
export type OnDecision = (outcome: 'in' | 'full' | 'timeout', limiter: Limiter | null) => boolean

/** The admission of one request by its limits in turn: the one of its route, then the one of its pool. */
export class AdmissionRequest implements Waiter {
  readonly importance: Importance
  waitingSince = 0
  enteredAt = 0
  answering = false
  next: QueueNode | null = null
  previous: QueueNode | null = null
  queue: WaitQueue | null = null
  readonly #own: Limiter | null
  #shared: Limiter | null
  #onDecision: OnDecision
  #passed = 0
  #over = false

  constructor(own: Limiter | null, shared: Limiter | null, importance: Importance, onDecision: OnDecision) {
    this.#own = own
    this.#shared = shared
    this.importance = importance
    this.#onDecision = onDecision
  }

  get waits(): boolean {
    return this.queue !== null
  }

  /** Enters the limits one after another. */
  begin(): void {
    while (this.#passed < 2) {
      const limiter = this.#limiter(this.#passed)
      const entry = limiter === null ? 'in' : limiter.enter(this)
      if (entry === 'waits') return
      if (limiter !== null && entry === 'full') {
        if (!this.#refused('full', limiter)) return
      } else this.#passed++
    }
    this.#onDecision('in', null)
  }

  called(outcome: 'in' | 'timeout' | 'full'): void {
    if (outcome === 'in') this.#passed++
    else if (!this.#refused(outcome, this.#limiter(this.#passed) as Limiter)) return
    this.begin()
  }

  /** Moves an admitted request to another pool: leaves the limit of the first and enters the limit of the other. */
  moveTo(shared: Limiter | null, onDecision: OnDecision): void {
    if (this.#over) return
    this.#onDecision = onDecision
    const left = this.#shared
    if (left !== shared) {
      this.#shared = shared
      this.#passed = 1
      left?.leave(this)
    }
    this.begin()
  }

  /** The response has begun; see {@link Limiter.answered}. */
  answered(ms: number): void {
    if (this.#over || this.answering) return
    this.answering = true
    for (let index = this.#passed - 1; index >= 0; index--) this.#limiter(index)?.answered(ms)
  }

  /** The request has ended or was cancelled. */
  end(): void {
    if (this.#over) return
    this.#over = true
    if (this.waits) this.#limiter(this.#passed)?.giveUp(this)
    // Leaves the limits in reverse order, so that an admitted waiter finds the outer ones free.
    while (this.#passed > 0) this.#limiter(--this.#passed)?.leave(this)
  }

  #limiter(index: number): Limiter | null {
    return index === 0 ? this.#own : this.#shared
  }

  // Leaves the limits entered so far. In observe mode the limit is entered anyway.
  #refused(outcome: 'full' | 'timeout', limiter: Limiter): boolean {
    if (this.#onDecision(outcome, limiter)) {
      limiter.enterAnyway(this)
      this.#passed++
      return true
    }
    this.end()
    return false
  }
}
