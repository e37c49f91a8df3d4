/** A queue entry. Its links belong to the queue. */
export interface QueueNode {
  /** When it was queued, in milliseconds. */
  waitingSince: number
  next: QueueNode | null
  previous: QueueNode | null
  queue: WaitQueue | null
}

/** A linked queue: removal anywhere and access to both ends in constant time. */
export class WaitQueue {
  #first: QueueNode | null = null
  #last: QueueNode | null = null
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The entry queued longest. */
  get oldest(): QueueNode | null {
    return this.#first
  }

  get newest(): QueueNode | null {
    return this.#last
  }

  join(waiter: QueueNode): void {
    waiter.queue = this
    waiter.next = null
    waiter.previous = this.#last
    if (this.#last === null) this.#first = waiter
    else this.#last.next = waiter
    this.#last = waiter
    this.#length++
  }

  leave(waiter: QueueNode): void {
    if (waiter.queue !== this) return
    const { next, previous } = waiter
    if (previous === null) this.#first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    waiter.next = waiter.previous = waiter.queue = null
    this.#length--
  }
}
