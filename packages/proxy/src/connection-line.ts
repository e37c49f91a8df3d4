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
  /** Whether its client had all the connections it may have when it left the line, or found it full. */
  overShare: boolean
}

/** What waits for one client, oldest first, and who has their turn before and after it. */
interface Share<T> {
  readonly client: string
  first: T | null
  last: T | null
  size: number
  /** Connections that it has. */
  held: number
  inTurn: boolean
  next: Share<T> | null
  previous: Share<T> | null
}

/**
 * A line that clients have equal shares of: they take turns, each with its oldest request, and where there are too many
 * the newest of the client that has most goes. A client that has `perClient` connections (0: no limit) has no turn until
 * it gives one back. It knows only clients that wait or have connections, so a bound on both
 * bounds everything.
 */
export class ConnectionLine<T extends LineMember<T>> {
  readonly #perClient: number
  readonly #shares = new Map<string, Share<T>>()
  #firstShare: Share<T> | null = null
  #lastShare: Share<T> | null = null
  /** Clients with waiting requests. */
  #clients = 0
  size = 0

  constructor(perClient = 0) {
    this.#perClient = perClient
  }

  /** Whether the waiter's client has as many connections as it may have. Notes it, where there is a limit. */
  isOverShare(waiter: T): boolean {
    if (this.#perClient === 0) return false
    const held = this.#shares.get(clientNetwork(waiter.client))?.held ?? 0
    waiter.overShare = held >= this.#perClient
    return waiter.overShare
  }

  /** The client has got a connection. */
  took({ client }: T): void {
    if (this.#perClient === 0) return
    const share = this.#shareOf(client)
    if (++share.held >= this.#perClient) this.#unlink(share)
  }

  /** The client has given a connection back. */
  gave({ client }: T): void {
    if (this.#perClient === 0) return
    const share = this.#shareOf(client)
    share.held--
    if (share.size > 0) this.#append(share)
    else if (share.held === 0) this.#shares.delete(share.client)
  }

  join(waiter: T): void {
    const share = this.#shareOf(waiter.client)
    if (share.size === 0) this.#clients++
    if (this.#perClient === 0 || share.held < this.#perClient) this.#append(share)
    waiter.previousWaiter = share.last
    waiter.nextWaiter = null
    if (share.last === null) share.first = waiter
    else share.last.nextWaiter = waiter
    share.last = waiter
    share.size++
    waiter.waiting = true
    this.size++
  }

  /** Removes and returns the next waiter; `null` if there is none, or only clients that have their share. */
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
    waiter.overShare = !share.inTurn
    this.size--
    if (--share.size > 0) return
    this.#clients--
    this.#unlink(share)
    if (share.held === 0) this.#shares.delete(share.client)
  }

  /** Who has to leave the line, which is full, for `waiter`: `null` where its client would then have most itself. */
  displacedBy({ client }: T): T | null {
    if (this.#clients === this.size) return null
    let most = (this.#shares.get(clientNetwork(client))?.size ?? 0) + 1
    let displaced: T | null = null
    for (const share of this.#shares.values()) {
      if (share.size <= most) continue
      most = share.size
      displaced = share.last
    }
    return displaced
  }

  /** How many have waited since a time, or longer, for another connection than their own client's. */
  since(at: number): number {
    let count = 0
    for (let share = this.#firstShare; share !== null; share = share.next)
      for (let waiter = share.first; waiter !== null && waiter.startedAt <= at; waiter = waiter.nextWaiter)
        count++
    return count
  }

  #shareOf(address: string): Share<T> {
    const client = clientNetwork(address)
    let share = this.#shares.get(client)
    if (share === undefined) {
      share = {
        client,
        first: null,
        last: null,
        size: 0,
        held: 0,
        inTurn: false,
        next: null,
        previous: null
      }
      this.#shares.set(client, share)
    }
    return share
  }

  #append(share: Share<T>): void {
    if (share.inTurn) return
    share.inTurn = true
    share.previous = this.#lastShare
    share.next = null
    if (this.#lastShare === null) this.#firstShare = share
    else this.#lastShare.next = share
    this.#lastShare = share
  }

  #unlink(share: Share<T>): void {
    if (!share.inTurn) return
    share.inTurn = false
    const { next, previous } = share
    if (previous === null) this.#firstShare = next
    else previous.next = next
    if (next === null) this.#lastShare = previous
    else next.previous = previous
  }
}
