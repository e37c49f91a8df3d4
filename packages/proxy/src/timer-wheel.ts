import { type Cancel, type Clock, processTimers, type Timers } from '@gatewright/core'
import { StallMeter } from './stall-meter.js'

/** Something that is woken at a time. Its links belong to the wheel. */
export abstract class Timed {
  /** When to wake, in milliseconds of the wheel's clock. */
  dueAt = 0
  next: Timed | null = null
  previous: Timed | null = null
  slot = -1
  /** Called at or up to one granule after `dueAt`. Returns when to be woken again, or 0 for never. */
  abstract wake(now: number): number
}

/** How precise it is, in milliseconds. */
export const GRANULE_MS = 10
const SLOTS = 1024

/**
 * One timer for all requests: a hashed timing wheel (Varghese and Lauck, 1987). Scheduling and cancelling
 * relink a node that the caller owns, so that a request costs no timer, closure or allocation. Precision is
 * 10 ms, late rather than early. The underlying interval runs only while something is scheduled; until then it keeps the
 * process alive, as a request that waits for its next attempt may have no socket open.
 */
export class TimerWheel {
  readonly #clock: Clock
  readonly #slots: (Timed | null)[] = new Array(SLOTS).fill(null)
  readonly #timers: Timers
  #stop: Cancel | null = null
  #tick = 0
  #count = 0
  /** The entry that is woken after the current one. */
  #following: Timed | null = null
  /** What the process has lost while something was scheduled. */
  readonly stalls: StallMeter

  constructor(
    clock: Clock,
    timers: Timers = processTimers,
    stalls = new StallMeter(Number.POSITIVE_INFINITY)
  ) {
    this.#clock = clock
    this.#timers = timers
    this.stalls = stalls
  }

  /** How many are scheduled. */
  get size(): number {
    return this.#count
  }

  /** Wakes `timed` at `dueAt`; replaces its earlier schedule. */
  schedule(timed: Timed, dueAt: number): void {
    if (timed.slot !== -1) this.cancel(timed)
    if (this.#stop === null) this.#start()
    timed.dueAt = dueAt
    const tick = Math.max(Math.ceil(dueAt / GRANULE_MS), this.#tick + 1)
    const slot = tick % SLOTS
    const head = this.#slots[slot] as Timed | null
    timed.slot = slot
    timed.previous = null
    timed.next = head
    if (head !== null) head.previous = timed
    this.#slots[slot] = timed
    this.#count++
  }

  /** As {@link schedule}, so many milliseconds from now. */
  scheduleIn(timed: Timed, ms: number): void {
    this.schedule(timed, this.#clock() + ms)
  }

  /** Forgets `timed`; nothing happens when it is not scheduled. */
  cancel(timed: Timed): void {
    if (timed.slot === -1) return
    const { next, previous } = timed
    if (timed === this.#following) this.#following = next
    if (previous === null) this.#slots[timed.slot] = next
    else previous.next = next
    if (next !== null) next.previous = previous
    timed.next = timed.previous = null
    timed.slot = -1
    this.#count--
  }

  /** Wakes everything that is due. Called by the interval, and by tests that own the clock. */
  advance(): void {
    const now = this.#clock()
    const target = Math.floor(now / GRANULE_MS)
    this.stalls.tick(now)
    // After a stall of more than a turn every slot is due once.
    const from = Math.max(this.#tick + 1, target - SLOTS + 1)
    for (let tick = from; tick <= target; tick++) {
      this.#tick = tick
      this.#wakeSlot(tick % SLOTS, now)
    }
    if (this.#count === 0) this.stop()
  }

  /** Stops the interval; entries do not fire until the next `schedule`. */
  stop(): void {
    this.#stop?.()
    this.#stop = null
    this.stalls.end()
  }

  #start(): void {
    const now = this.#clock()
    this.#tick = Math.floor(now / GRANULE_MS)
    this.stalls.begin(now)
    this.#stop = this.#timers.every(GRANULE_MS, () => this.advance(), true)
  }

  #wakeSlot(slot: number, now: number): void {
    let timed = this.#slots[slot] as Timed | null
    while (timed !== null) {
      this.#following = timed.next
      if (timed.dueAt <= now) {
        this.cancel(timed)
        const again = timed.wake(now)
        if (again > 0) this.schedule(timed, again)
      }
      timed = this.#following
    }
  }
}
