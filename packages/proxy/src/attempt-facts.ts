import type { AttemptRecord, Endpoint, Exchange, Reason } from '@gatewright/core'
import type { StallMeter } from './stall-meter.js'

/** Facts of an attempt, passed to its observers. */
export class AttemptFacts implements AttemptRecord {
  readonly endpoint: Endpoint
  readonly number: number
  readonly startedAt: number
  readonly hedge: boolean
  dispatchedAt = 0
  sentAt = 0
  headAt = 0
  endedAt = 0
  status = 0
  sent = false
  reused = false
  reconnected = false
  failure: Reason | null = null
  error: unknown = null
  cancelled = false
  overdue = false
  overShare = false
  superseded = false
  stalledMs = 0
  readonly setCookies: readonly string[] | null
  retryAfter = ''
  readonly #stalls: StallMeter
  readonly #lostBefore: number

  constructor(
    endpoint: Endpoint,
    { attempts, attemptCookies, hedging }: Exchange,
    startedAt: number,
    stalls: StallMeter
  ) {
    this.endpoint = endpoint
    this.number = attempts.length + 1
    this.setCookies = attemptCookies
    this.startedAt = startedAt
    this.hedge = hedging
    this.#stalls = stalls
    this.#lostBefore = stalls.lostBy(startedAt)
  }

  /** Records how long the gateway itself was stalled during the wait for the head. */
  protected noteStall(until: number): void {
    this.stalledMs = this.#stalls.lostBy(until) - this.#lostBefore
  }
}
