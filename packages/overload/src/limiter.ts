import { isDeepStrictEqual } from 'node:util'
import type { Chance, Clock } from '@gatewright/core'
import type { Importance } from './config/config.js'
import { Gradient } from './gradient.js'
import type { LimitSettings } from './settings.js'
import { type QueueNode, WaitQueue } from './wait-queue.js'

/** A request that asks for admission. */
export interface Waiter extends QueueNode {
  readonly importance: Importance
  /** When it was admitted, in milliseconds; 0 before, and without an adaptive limit. */
  enteredAt: number
  /** Whether its response has begun: an adaptive limit then no longer counts it. */
  answering: boolean
  /** Called once for a queued request: admitted, timed out, or evicted by a more important one. */
  called(outcome: 'in' | 'timeout' | 'full'): void
}

/** The immediate decision. */
export type Entry = 'in' | 'waits' | 'full'

const ORDER = ['critical', 'default', 'bulk'] as const
/** The share of the limit available to bulk requests. */
const BULK_SHARE = 0.8
/** CoDel (Nichols and Jacobson, "Controlling Queue Delay", 2012): a queue non-empty for this long is a standing queue. */
const STANDING_MS = 100

/**
 * A concurrency limit with a bounded queue. Pure: time comes from the clock, nothing is scheduled.
 *
 * An adaptive limit counts only requests whose responses have not begun, because it is derived from the time to the head.
 * The duration of a body depends on the client as much as on the upstream, and an event stream lasts for hours.
 */
export class Limiter {
  #settings: LimitSettings
  readonly #clock: Clock
  readonly #chance: Chance
  #gradient: Gradient | null
  readonly #queues = { critical: new WaitQueue(), default: new WaitQueue(), bulk: new WaitQueue() }
  /** Requests refused or timed out; counted by the caller. */
  refused = 0
  #running = 0
  /** Requests whose responses have begun. */
  #answering = 0
  /** Slots beyond the limit while all running requests are silent. */
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
   * Applies new settings. Running and queued requests stay, even above the new limits; {@link callNext} admits those for which
   * there is room now. An adaptive limit keeps its value, clamped to its new bounds.
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

  /** Requests that count against the limit. */
  get running(): number {
    return this.#gradient === null ? this.#running + this.#answering : this.#running
  }

  get waiting(): number {
    return this.#queues.critical.length + this.#queues.default.length + this.#queues.bulk.length
  }

  enter(waiter: Waiter): Entry {
    if (this.#gradient !== null && !this.#hasRoom('critical')) this.#break(this.#gradient)
    if (this.#hasRoom(waiter.importance) && this.#queues[waiter.importance].length === 0) {
      this.#admit(waiter)
      return 'in'
    }
    if (this.waiting >= this.#mayWait && !this.#makePlace(waiter.importance)) return 'full'
    if (this.waiting === 0) this.#standingSince = this.#clock()
    waiter.waitingSince = this.#clock()
    this.#queues[waiter.importance].join(waiter)
    return 'waits'
  }

  /** Admits a request despite the limit (observe mode). */
  enterAnyway(waiter: Waiter): void {
    this.#admit(waiter)
  }

  /** The response to an admitted request has begun, `ms` after the request was sent; -1 to record no latency. */
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

  /** An admitted request has ended. */
  leave(waiter: Waiter): void {
    if (waiter.answering) this.#answering--
    else this.#running--
    this.#left()
  }

  /** Removes a cancelled request from the queue. */
  giveUp(waiter: Waiter): void {
    waiter.queue?.leave(waiter)
  }

  /** Times out requests that have been queued for too long. */
  expire(): void {
    const now = this.#clock()
    for (const importance of ORDER) {
      const queue = this.#queues[importance]
      for (
        let waiter = queue.oldest;
        waiter !== null && now - waiter.waitingSince >= this.#patience(now);
        waiter = queue.oldest
      ) {
        queue.leave(waiter)
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

  // During a measurement the queue grows by what the limit shrinks.
  get #mayWait(): number {
    const { maxQueue } = this.settings
    return this.#gradient === null ? maxQueue : maxQueue + this.#gradient.normal - this.#gradient.limit
  }

  /** Evicts the queued request of lowest importance, below this one, that would be admitted last. */
  #makePlace(importance: Importance): boolean {
    for (let rank = ORDER.length - 1; ORDER[rank] !== importance; rank--) {
      const queue = this.#queues[ORDER[rank] as Importance]
      const waiter = (this.#stands(this.#clock()) ? queue.oldest : queue.newest) as Waiter | null
      if (waiter === null) continue
      queue.leave(waiter)
      waiter.called('full')
      return true
    }
    return false
  }

  // All running requests have been silent for long: they may be long polls, or hang where other requests would not. Admits
  // one request beyond the limit, and another for each response, up to twice the limit.
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

  /** Admits queued requests while there is room. */
  callNext(): void {
    for (const importance of ORDER) {
      const queue = this.#queues[importance]
      while (queue.length > 0 && this.#hasRoom(importance)) {
        const waiter = (this.#stands(this.#clock()) ? queue.newest : queue.oldest) as Waiter
        queue.leave(waiter)
        this.#admit(waiter)
        waiter.called('in')
      }
    }
    if (this.waiting === 0) this.#standingSince = 0
  }

  // Adaptive LIFO and CoDel (B. Maurer, "Fail at Scale", ACM Queue 2015): in a standing queue, the newest requests are
  // admitted first and older ones time out early, as their clients have most likely given up.
  #stands(now: number): boolean {
    return this.settings.newestFirst && this.#standingSince > 0 && now - this.#standingSince > STANDING_MS
  }

  #patience(now: number): number {
    const { queueTimeoutMs } = this.settings
    return this.#stands(now) ? Math.max(10, queueTimeoutMs / 20) : queueTimeoutMs
  }
}
