/** Somebody who waits. Its links belong to the line. */
export interface Waiter {
  /** Since when, in milliseconds. */
  waitingSince: number
  next: Waiter | null
  previous: Waiter | null
  line: WaitingLine | null
}

/** A line that can be left from anywhere, and served from either end, in constant time. */
export class WaitingLine {
  #first: Waiter | null = null
  #last: Waiter | null = null
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Who has waited longest. */
  get oldest(): Waiter | null {
    return this.#first
  }

  get newest(): Waiter | null {
    return this.#last
  }

  join(waiter: Waiter): void {
    waiter.line = this
    waiter.next = null
    waiter.previous = this.#last
    if (this.#last === null) this.#first = waiter
    else this.#last.next = waiter
    this.#last = waiter
    this.#length++
  }

  leave(waiter: Waiter): void {
    if (waiter.line !== this) return
    const { next, previous } = waiter
    if (previous === null) this.#first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    waiter.next = waiter.previous = waiter.line = null
    this.#length--
  }
}
