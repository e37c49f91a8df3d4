/** Somebody who waits. Its links belong to the line. */
export interface QueueNode {
  /** Since when, in milliseconds. */
  waitingSince: number
  next: QueueNode | null
  previous: QueueNode | null
  line: WaitQueue | null
}

/** A line that can be left from anywhere, and served from either end, in constant time. */
export class WaitQueue {
  #first: QueueNode | null = null
  #last: QueueNode | null = null
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Who has waited longest. */
  get oldest(): QueueNode | null {
    return this.#first
  }

  get newest(): QueueNode | null {
    return this.#last
  }

  join(waiter: QueueNode): void {
    waiter.line = this
    waiter.next = null
    waiter.previous = this.#last
    if (this.#last === null) this.#first = waiter
    else this.#last.next = waiter
    this.#last = waiter
    this.#length++
  }

  leave(waiter: QueueNode): void {
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
