import type { Clock, Importance } from '@gatewright/core'
import { Gradient } from './gradient.js'
import type { LimitSettings } from './settings.js'
import { type Waiter, WaitingLine } from './waiting-line.js'

/** Somebody who wants to be let in. */
export interface Guest extends Waiter {
  readonly importance: Importance
  /** When it was let in, in milliseconds; 0 before, and where nobody needs to know. */
  enteredAt: number
  /** Called once for one that has waited: it is in, or its time is over. */
  called(outcome: 'in' | 'timeout'): void
}

/** What came of asking. */
export type Entry = 'in' | 'waits' | 'full'

const ORDER = ['critical', 'default', 'bulk'] as const
/** The part of the limit that is open to what matters least. */
const BULK_SHARE = 0.8
/** Controlled delay (Nichols and Jacobson, "Controlling Queue Delay", 2012): a line that has stood for this long is one. */
const STANDING_MS = 100

/** A limit of how many run at one time, with a bounded line. Pure: time is asked of the clock, nothing is scheduled. */
export class Limiter {
  readonly settings: LimitSettings
  readonly #clock: Clock
  readonly #gradient: Gradient | null
  readonly #lines = { critical: new WaitingLine(), default: new WaitingLine(), bulk: new WaitingLine() }
  /** How many were not let in, or waited in vain. Counted by whoever sends them away. */
  refused = 0
  #running = 0
  #standingSince = 0

  constructor(settings: LimitSettings, clock: Clock) {
    this.settings = settings
    this.#clock = clock
    this.#gradient = settings.adaptive === null ? null : new Gradient(settings.adaptive)
  }

  get limit(): number {
    return this.#gradient?.limit ?? this.settings.max
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#lines.critical.length + this.#lines.default.length + this.#lines.bulk.length
  }

  enter(guest: Guest): Entry {
    if (this.#hasRoom(guest.importance) && this.#lines[guest.importance].length === 0) {
      this.#admit(guest)
      return 'in'
    }
    if (this.waiting >= this.settings.maxQueue) return 'full'
    if (this.waiting === 0) this.#standingSince = this.#clock()
    guest.waitingSince = this.#clock()
    this.#lines[guest.importance].join(guest)
    return 'waits'
  }

  /** Lets one in who may not: a policy that only observes. */
  enterAnyway(guest: Guest): void {
    this.#admit(guest)
  }

  /** One who was let in is done. `succeeded`: its time says how the upstream does. */
  leave(guest: Guest, succeeded: boolean): void {
    if (succeeded && this.#gradient !== null) {
      const now = this.#clock()
      this.#gradient.record(now - guest.enteredAt, this.#running, now)
    }
    this.#running--
    if (this.waiting > 0) this.#callNext()
  }

  /** One who waits gives up. */
  giveUp(guest: Guest): void {
    guest.line?.leave(guest)
  }

  /** Sends away whoever has waited too long. */
  expire(): void {
    const now = this.#clock()
    for (const importance of ORDER) {
      const line = this.#lines[importance]
      for (
        let guest = line.oldest;
        guest !== null && now - guest.waitingSince >= this.#patience(now);
        guest = line.oldest
      ) {
        line.leave(guest)
        ;(guest as Guest).called('timeout')
      }
    }
  }

  #hasRoom(importance: Importance): boolean {
    const limit = importance === 'bulk' ? Math.max(1, Math.floor(this.limit * BULK_SHARE)) : this.limit
    return this.#running < limit
  }

  #admit(guest: Guest): void {
    this.#running++
    if (this.#gradient !== null) guest.enteredAt = this.#clock()
  }

  #callNext(): void {
    for (const importance of ORDER) {
      const line = this.#lines[importance]
      while (line.length > 0 && this.#hasRoom(importance)) {
        const guest = (this.#stands(this.#clock()) ? line.newest : line.oldest) as Guest
        line.leave(guest)
        this.#admit(guest)
        guest.called('in')
      }
    }
    if (this.waiting === 0) this.#standingSince = 0
  }

  // "Adaptive LIFO" and controlled delay (B. Maurer, "Fail at Scale", ACM Queue 2015): while a line does not get empty,
  // those who came last are served, and the others are let go early: their clients have most likely given up.
  #stands(now: number): boolean {
    return this.settings.newestFirst && this.#standingSince > 0 && now - this.#standingSince > STANDING_MS
  }

  #patience(now: number): number {
    const { queueTimeoutMs } = this.settings
    return this.#stands(now) ? Math.max(10, queueTimeoutMs / 20) : queueTimeoutMs
  }
}
