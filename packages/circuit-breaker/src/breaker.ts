import { isDeepStrictEqual } from 'node:util'
import type { Chance, Clock, Verdict } from '@gatewright/core'
import { RollingWindow, type WindowCounts } from './rolling-window.js'
import type { BreakerSettings } from './settings.js'
import { admits, awaited, type BreakerState, CLOSED, entered, left, opened, shortened } from './state.js'

/** Called on every state change, with its cause. */
export type OnChange = (from: BreakerState['kind'], to: BreakerState['kind'], because: string) => void

/** A circuit breaker: its rolling window and its state. */
export class Breaker {
  #settings: BreakerSettings
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #onChange: OnChange
  #window: RollingWindow
  #state: BreakerState = CLOSED
  /** Counts state changes; results of attempts from an earlier generation are ignored. */
  #generation = 0

  constructor(settings: BreakerSettings, clock: Clock, chance: Chance, onChange: OnChange) {
    this.#settings = settings
    this.#clock = clock
    this.#chance = chance
    this.#onChange = onChange
    this.#window = new RollingWindow(settings.windowMs)
  }

  get settings(): BreakerSettings {
    return this.#settings
  }

  /**
   * Applies new settings. State and counts are preserved; an open breaker stays open no longer than the new settings
   * allow.
   */
  follow(settings: BreakerSettings, now: number): void {
    if (isDeepStrictEqual(settings, this.#settings)) return
    const { windowMs } = this.#settings
    this.#settings = settings
    this.#state = shortened(this.#state, settings)
    if (settings.windowMs !== windowMs) this.#window = this.#window.over(settings.windowMs, now)
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Admits an attempt: the generation to pass to {@link settle}, or -1 if the attempt is refused. */
  enter(): number {
    // The common path.
    if (this.#state.kind === 'closed' && this.settings.rampMs === 0) return this.#generation
    const now = this.#clock()
    if (this.#state.kind === 'open') this.#become(awaited(this.#state, now), 'the open time has elapsed')
    if (!admits(this.#state, now, this.settings.rampMs === 0 ? 0 : this.#chance(), this.settings)) return -1
    this.#state = entered(this.#state)
    return this.#generation
  }

  /**
   * Records the result of an attempt at `now`; `ms` is the time to its head, or `null` without one. A neutral attempt that
   * took too long still counts as slow: it lost to a faster attempt.
   */
  settle(generation: number, verdict: Verdict, ms: number | null, now: number): void {
    if (generation !== this.#generation) return
    if (this.#state.kind === 'half_open') this.#settleHalfOpen(this.#isSlow(ms) ? 'fault' : verdict, now)
    else if (this.#state.kind === 'closed' && (verdict !== 'neutral' || this.#isSlow(ms)))
      this.#settleClosed(verdict === 'fault', ms, now)
  }

  /** `Retry-After` in whole seconds, at least 1. */
  get retryAfter(): number {
    const until = this.#state.kind === 'open' ? this.#state.until : 0
    return Math.max(1, Math.ceil((until - this.#clock()) / 1_000))
  }

  /** Whether it refuses all attempts now. */
  get isShut(): boolean {
    return this.#state.kind === 'open' && this.#clock() < this.#state.until
  }

  /** The counts of the rolling window. */
  get counts(): WindowCounts {
    return this.#window.counts(this.#clock())
  }

  /** Restores an exported state and its counts. */
  restore(state: BreakerState, counts: WindowCounts): void {
    const { kind } = this.#state
    this.#window.clear()
    this.#window.take(counts, this.#clock())
    this.#generation++
    this.#state = state
    if (state.kind !== kind) this.#onChange(kind, state.kind, 'it was restored')
  }

  #settleHalfOpen(verdict: Verdict, now: number): void {
    if (verdict === 'fault') {
      this.#become(
        opened(this.#state, now, this.#chance(), this.settings),
        'an attempt failed while it was half open'
      )
      return
    }
    const next = left(this.#state, verdict === 'success' ? true : null, now, this.settings)
    if (next.kind === 'closed') this.#become(next, `${this.settings.halfOpenRequests} attempts succeeded`)
    else this.#state = next
  }

  #settleClosed(fault: boolean, ms: number | null, now: number): void {
    const { errorThreshold, minRequests, slowCallMs, slowCallThreshold, windowMs } = this.settings
    const window = this.#window
    window.add(fault, this.#isSlow(ms), now)
    if (window.total < minRequests) return
    const within = `of ${window.total} attempts within ${windowMs / 1_000} s`
    if (window.faults / window.total >= errorThreshold) this.#open(`${window.faults} ${within} failed`, now)
    else if (slowCallMs > 0 && window.slow / window.total >= slowCallThreshold)
      this.#open(`${window.slow} ${within} took ${slowCallMs} ms or longer`, now)
  }

  #isSlow(ms: number | null): boolean {
    const { slowCallMs } = this.settings
    return slowCallMs > 0 && ms !== null && ms >= slowCallMs
  }

  #open(because: string, now: number): void {
    this.#become(opened(this.#state, now, this.#chance(), this.settings), because)
  }

  #become(next: BreakerState, because: string): void {
    const { kind } = this.#state
    if (next === this.#state) return
    this.#state = next
    if (next.kind === kind) return
    this.#generation++
    this.#window.clear()
    this.#onChange(kind, next.kind, because)
  }
}
