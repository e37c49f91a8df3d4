import { clientNetwork } from './client-network.js'

/** Something that waits in line. Its links belong to the line. */
export interface LineMember<T> {
  /** The address of the client that it is for. */
  readonly client: string
  /** When it began to wait, or before. */
  readonly startedAt: number
  nextWaiter: T | null
  previousWaiter: T | null
  waiting: boolean
}

/** What waits for one client, oldest first, and who has their turn before and after it. */
interface Share<T> {
  readonly client: string
  first: T | null
  last: T | null
  size: number
  next: Share<T> | null
  previous: Share<T> | null
}

/**
 * A line that clients have equal shares of: they take turns, each with its oldest request, and where there are too many
 * the newest of the client that has most goes. It knows only of clients that wait, so whoever bounds its length bounds
 * everything.
 */
export class ConnectionLine<T extends LineMember<T>> {
  readonly #shares = new Map<string, Share<T>>()
  #firstShare: Share<T> | null = null
  #lastShare: Share<T> | null = null
  size = 0

  join(waiter: T): void {
    const share = this.#shareOf(waiter)
    waiter.previousWaiter = share.last
    waiter.nextWaiter = null
    if (share.last === null) share.first = waiter
    else share.last.nextWaiter = waiter
    share.last = waiter
    share.size++
    waiter.waiting = true
    this.size++
  }

  /** Takes out whose turn it is; `null` when nobody waits. */
  next(): T | null {
    const share = this.#firstShare
    if (share === null) return null
    const waiter = share.first as T
    this.leave(waiter)
    if (share.size > 0) {
      this.#unlink(share)
      this.#append(share)
    }
    return waiter
  }

  /** Takes out a waiter; one that does not wait is let be. */
  leave(waiter: T): void {
    if (!waiter.waiting) return
    const { nextWaiter: next, previousWaiter: previous } = waiter
    const share = this.#shares.get(clientNetwork(waiter.client)) as Share<T>
    if (previous === null) share.first = next
    else previous.nextWaiter = next
    if (next === null) share.last = previous
    else next.previousWaiter = previous
    waiter.nextWaiter = waiter.previousWaiter = null
    waiter.waiting = false
    this.size--
    if (--share.size > 0) return
    this.#shares.delete(share.client)
    this.#unlink(share)
  }

  /** Who has to leave the line, which is full, for `waiter`: `null` where its client would then have most itself. */
  displacedBy({ client }: T): T | null {
    if (this.#shares.size === this.size) return null
    let most = (this.#shares.get(clientNetwork(client))?.size ?? 0) + 1
    let displaced: T | null = null
    for (let share = this.#firstShare; share !== null; share = share.next) {
      if (share.size <= most) continue
      most = share.size
      displaced = share.last
    }
    return displaced
  }

  /** How many have waited since a time, or longer. */
  since(at: number): number {
    let count = 0
    for (let share = this.#firstShare; share !== null; share = share.next)
      for (let waiter = share.first; waiter !== null && waiter.startedAt <= at; waiter = waiter.nextWaiter)
        count++
    return count
  }

  #shareOf(waiter: T): Share<T> {
    const client = clientNetwork(waiter.client)
    const known = this.#shares.get(client)
    if (known !== undefined) return known
    const share: Share<T> = { client, first: null, last: null, size: 0, next: null, previous: null }
    this.#shares.set(client, share)
    this.#append(share)
    return share
  }

  #append(share: Share<T>): void {
    share.previous = this.#lastShare
    share.next = null
    if (this.#lastShare === null) this.#firstShare = share
    else this.#lastShare.next = share
    this.#lastShare = share
  }

  #unlink({ next, previous }: Share<T>): void {
    if (previous === null) this.#firstShare = next
    else previous.next = next
    if (next === null) this.#lastShare = previous
    else next.previous = previous
  }
}
