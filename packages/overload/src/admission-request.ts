import type { Importance } from './config/config.js'
import type { Limiter, Waiter } from './limiter.js'
import type { QueueNode, WaitQueue } from './wait-queue.js'

/** Told when it is settled whether a admission may go on. For `full` and `timeout`: true to let it in all the same. */
export type OnDecision = (outcome: 'in' | 'full' | 'timeout', limiter: Limiter | null) => boolean

/** One request on its way through the limits that hold for it, one after another: its route's own, then its pool's. */
export class AdmissionRequest implements Waiter {
  readonly importance: Importance
  waitingSince = 0
  enteredAt = 0
  answering = false
  next: QueueNode | null = null
  previous: QueueNode | null = null
  line: WaitQueue | null = null
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
    return this.line !== null
  }

  /** Asks one limit after another, as far as it gets. */
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

  /** The request, which has been let in, goes on to another pool: gives that place back and asks for one there. */
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

  /** The answer has begun; see {@link Limiter.answered}. */
  answered(ms: number): void {
    if (this.#over || this.answering) return
    this.answering = true
    for (let index = this.#passed - 1; index >= 0; index--) this.#limiter(index)?.answered(ms)
  }

  /** The request is over, or given up. */
  end(): void {
    if (this.#over) return
    this.#over = true
    if (this.waits) this.#limiter(this.#passed)?.giveUp(this)
    // Released in turn, the last first; who is called then finds the others free.
    while (this.#passed > 0) this.#limiter(--this.#passed)?.leave(this)
  }

  #limiter(index: number): Limiter | null {
    return index === 0 ? this.#own : this.#shared
  }

  // What was entered before is given back. A limit that only observes is entered all the same.
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
