import { isDeepStrictEqual } from 'node:util'
import type { Chance, Clock } from '@gatewright/core'
import type { Importance } from './config/config.js'
import { Gradient } from './gradient.js'
import type { LimitSettings } from './settings.js'
import { type QueueNode, WaitQueue } from './wait-queue.js'

/** Somebody who wants to be let in. */
export interface Waiter extends QueueNode {
  readonly importance: Importance
  /** When it was let in, in milliseconds; 0 before, and where nobody needs to know. */
  enteredAt: number
  /** Whether its answer has begun: it holds no place of a limit that finds itself any more. */
  answering: boolean
  /** Called once for one that has waited: it is in, its time is over, or what matters more has taken its place. */
  called(outcome: 'in' | 'timeout' | 'full'): void
}

/** What came of asking. */
export type Entry = 'in' | 'waits' | 'full'

const ORDER = ['critical', 'default', 'bulk'] as const
/** The part of the limit that is open to what matters least. */
const BULK_SHARE = 0.8
/** Controlled delay (Nichols and Jacobson, "Controlling Queue Delay", 2012): a line that has stood for this long is one. */
const STANDING_MS = 100

/**
 * A limit of how many run at one time, with a bounded line. Pure: time is asked of the clock, nothing is scheduled.
 *
 * A limit that finds itself holds for those whose answer has not begun: what it is found from is the time to that. How
 * long the answer itself takes is the client's affair as often as the upstream's, and an event stream's goes on for hours.
 */
export class Limiter {
  #settings: LimitSettings
  readonly #clock: Clock
  readonly #chance: Chance
  #gradient: Gradient | null
  readonly #lines = { critical: new WaitQueue(), default: new WaitQueue(), bulk: new WaitQueue() }
  /** How many were not let in, or waited in vain. Counted by whoever sends them away. */
  refused = 0
  #running = 0
  /** Those whose answers have begun. */
  #answering = 0
  /** Places beyond the limit, while those that hold it are silent. */
  #beyond = 0
  #standingSince = 0

  constructor(settings: LimitSettings, clock: Clock, chance: Chance) {
    this.#settings = settings
    this.#clock = clock
    this.#chance = chance
    this.#gradient = settings.adaptive === null ? null : new Gradient(settings.adaptive, chance)
  }

  get settings(): LimitSettings {
    return this.#settings
  }

  /**
   * Goes on with other settings. Those that run and wait stay, also where that is more than may; whom there is room for now
   * waits for {@link callNext}. What a limit has found by itself stays, within its new bounds.
   */
  resize(settings: LimitSettings): void {
    if (isDeepStrictEqual(settings, this.#settings)) return
    const { adaptive } = settings
    this.#settings = settings
    if (adaptive === null || this.#gradient === null) {
      this.#beyond = 0
      this.#gradient = adaptive === null ? null : new Gradient(adaptive, this.#chance)
      this.#gradient?.heard(this.#clock())
    } else this.#gradient.resize(adaptive, this.#clock())
  }

  get limit(): number {
    return this.#gradient?.limit ?? this.settings.max
  }

  /** How many the limit counts. */
  get running(): number {
    return this.#gradient === null ? this.#running + this.#answering : this.#running
  }

  get waiting(): number {
    return this.#lines.critical.length + this.#lines.default.length + this.#lines.bulk.length
  }

  enter(waiter: Waiter): Entry {
    if (this.#gradient !== null && !this.#hasRoom('critical')) this.#break(this.#gradient)
    if (this.#hasRoom(waiter.importance) && this.#lines[waiter.importance].length === 0) {
      this.#admit(waiter)
      return 'in'
    }
    if (this.waiting >= this.#mayWait && !this.#makePlace(waiter.importance)) return 'full'
    if (this.waiting === 0) this.#standingSince = this.#clock()
    waiter.waitingSince = this.#clock()
    this.#lines[waiter.importance].join(waiter)
    return 'waits'
  }

  /** Lets one in who may not: a policy that only observes. */
  enterAnyway(waiter: Waiter): void {
    this.#admit(waiter)
  }

  /** The answer for one who was let in has begun, `ms` after its request was sent; -1 when that says nothing. */
  answered(ms: number): void {
    if (this.#gradient !== null && ms >= 0) {
      const now = this.#clock()
      this.#gradient.record(ms, this.#running, now)
      if (this.#running > this.#gradient.limit && this.#beyond > 0) this.#goBeyond()
    }
    this.#running--
    this.#answering++
    if (this.#gradient !== null) this.#left()
  }

  /** One who was let in is done. */
  leave(waiter: Waiter): void {
    if (waiter.answering) this.#answering--
    else this.#running--
    this.#left()
  }

  /** One who waits gives up. */
  giveUp(waiter: Waiter): void {
    waiter.line?.leave(waiter)
  }

  /** Sends away whoever has waited too long. */
  expire(): void {
    const now = this.#clock()
    for (const importance of ORDER) {
      const line = this.#lines[importance]
      for (
        let waiter = line.oldest;
        waiter !== null && now - waiter.waitingSince >= this.#patience(now);
        waiter = line.oldest
      ) {
        line.leave(waiter)
        ;(waiter as Waiter).called('timeout')
      }
    }
  }

  #hasRoom(importance: Importance): boolean {
    const limit = this.limit + this.#beyond
    return (
      this.running < (importance === 'bulk' ? Math.max(1, Math.floor(limit * BULK_SHARE)) : limit) &&
      this.#running + this.#answering < this.settings.max
    )
  }

  // What a measurement takes away of the limit may wait meanwhile.
  get #mayWait(): number {
    const { maxQueue } = this.settings
    return this.#gradient === null ? maxQueue : maxQueue + this.#gradient.normal - this.#gradient.limit
  }

  /** Whoever matters least, and less than this, and would be served last, is sent away. */
  #makePlace(importance: Importance): boolean {
    for (let rank = ORDER.length - 1; ORDER[rank] !== importance; rank--) {
      const line = this.#lines[ORDER[rank] as Importance]
      const waiter = (this.#stands(this.#clock()) ? line.oldest : line.newest) as Waiter | null
      if (waiter === null) continue
      line.leave(waiter)
      waiter.called('full')
      return true
    }
    return false
  }

  // Those that hold every place have not been heard of for long: they may be long polls, or all hang where others would
  // not. One more finds out, and whoever comes back makes room for another: at most as many again as the limit.
  #break(gradient: Gradient): void {
    const now = this.#clock()
    if (this.#running < gradient.limit || !gradient.isSilent(now)) return
    gradient.heard(now)
    this.#goBeyond()
    this.callNext()
  }

  #goBeyond(): void {
    this.#beyond = Math.min(this.limit, this.#beyond + 1)
  }

  #left(): void {
    if (this.#beyond > 0 && this.#running < this.limit) this.#beyond = 0
    if (this.waiting > 0) this.callNext()
  }

  #admit(waiter: Waiter): void {
    if (this.#gradient !== null) {
      waiter.enteredAt = this.#clock()
      if (this.#running === 0) this.#gradient.heard(waiter.enteredAt)
    }
    if (waiter.answering) this.#answering++
    else this.#running++
  }

  /** Lets in those who wait and for whom there is room. */
  callNext(): void {
    for (const importance of ORDER) {
      const line = this.#lines[importance]
      while (line.length > 0 && this.#hasRoom(importance)) {
        const waiter = (this.#stands(this.#clock()) ? line.newest : line.oldest) as Waiter
        line.leave(waiter)
        this.#admit(waiter)
        waiter.called('in')
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
