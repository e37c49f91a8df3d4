import type { Exchange, Reason, Timeouts } from '@gatewright/core'
import { isClients, type Limit, type Phase, shortest } from './time-limits.js'
import { Timed, type TimerWheel } from './timer-wheel.js'

/** Who the time of a {@link PhaseTimer} is. */
export interface PhaseOwner {
  /** The limit that is reached first, as things stand. */
  nextLimit(): Limit
  /** A limit has been reached. */
  expire(reason: Reason): void
  /** The wait for the next attempt has ended. */
  tryAgain(): void
  /** The time for a hedge has come. */
  hedge(): void
}

/**
 * The phase that a request is in, since when, and one entry in the timer wheel for all that follows from it: time limits,
 * the wait for the next attempt, the hedge. A request that is fast is never woken.
 */
export class PhaseTimer extends Timed {
  readonly #owner: PhaseOwner
  readonly #wheel: TimerWheel
  readonly #exchange: Exchange
  readonly #timeouts: Timeouts
  phase: Phase = 'connecting'
  /** When the phase began. */
  phaseAt: number
  /** When bytes last moved, either way. */
  activeAt: number
  /** How often the time is looked at, in milliseconds. */
  #step = 0
  /** When the hedge is due; 0 for never. */
  #hedgeAt = 0

  constructor(owner: PhaseOwner, wheel: TimerWheel, exchange: Exchange, timeouts: Timeouts, now: number) {
    super()
    this.#owner = owner
    this.#wheel = wheel
    this.#exchange = exchange
    this.#timeouts = timeouts
    this.phaseAt = this.activeAt = now
  }

  /** Whether the deadline is the client's own, which nothing extends. */
  get isClients(): boolean {
    return isClients(this.#exchange, this.#timeouts)
  }

  enter(phase: Phase, now: number): void {
    this.phase = phase
    this.phaseAt = this.activeAt = now
  }

  /** From now on the limits hold; `queueTimeoutMs` is the pool's. */
  watch(now: number, queueTimeoutMs: number): void {
    this.#step = shortest(this.#timeouts, queueTimeoutMs)
    this.#wheel.schedule(this, this.#nextLook(now))
  }

  /** Calls {@link PhaseOwner.tryAgain} after so many milliseconds; unless the phase changes before. */
  wait(delayMs: number, now: number): void {
    this.enter('waiting', now)
    if (delayMs > 0) this.#wheel.schedule(this, now + delayMs)
    else process.nextTick(endWait, this)
  }

  /** The wait has ended at once. */
  endWait(): void {
    if (this.phase === 'waiting') this.#owner.tryAgain()
  }

  /** The hedge is due so many milliseconds after the phase has begun. */
  armHedge(delayMs: number): void {
    this.#hedgeAt = this.phaseAt + delayMs
    if (this.#hedgeAt < this.dueAt) this.#wheel.schedule(this, this.#hedgeAt)
  }

  disarmHedge(): void {
    this.#hedgeAt = 0
  }

  /** No limit holds any more. */
  end(): void {
    this.phase = 'over'
    this.#wheel.cancel(this)
  }

  override wake(now: number): number {
    if (this.phase === 'waiting') this.#owner.tryAgain()
    else if (this.phase !== 'over') {
      this.#wakeHedge(now)
      const limit = this.#owner.nextLimit()
      const at = this.#extended(limit)
      if (now < at) return Math.min(this.#hedgeAt > 0 ? this.#hedgeAt : at, at, now + this.#step)
      this.#owner.expire(limit.reason)
    }
    return this.#wakeAt(now)
  }

  #wakeHedge(now: number): void {
    if (this.#hedgeAt === 0) return
    this.#hedgeAt = this.#wheel.stalls.extended(this.#hedgeAt)
    if (now < this.#hedgeAt) return
    this.#hedgeAt = 0
    this.#owner.hedge()
  }

  // Time lost by the process counts as no latency, but the client's own deadline holds.
  #extended({ reason, at }: Limit): number {
    return reason === 'deadline_exceeded' && this.isClients ? at : this.#wheel.stalls.extended(at)
  }

  #wakeAt(now: number): number {
    switch (this.phase) {
      case 'over':
        return 0
      case 'waiting':
        return this.dueAt
      default:
        return this.#nextLook(now)
    }
  }

  // The deadline may be nearer than any limit is long: it can be the client's own, or part of its time has gone. What a
  // fallback answers for it has passed it already.
  #nextLook(now: number): number {
    const { deadlineAt, fallback } = this.#exchange
    const at = now + this.#step
    if (deadlineAt === 0 || deadlineAt >= at || (deadlineAt <= now && fallback !== null)) return at
    return Math.max(deadlineAt, now + 1)
  }
}

function endWait(timer: PhaseTimer): void {
  timer.endWait()
}
