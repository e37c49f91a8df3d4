import type { AttemptRecord, Endpoint, Exchange, Reason } from '@gatewright/core'

/** What is told of an attempt to those who observe it. */
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

  constructor(endpoint: Endpoint, { attempts, attemptCookies, hedging }: Exchange, startedAt: number) {
    this.endpoint = endpoint
    this.number = attempts.length + 1
    this.setCookies = attemptCookies
    this.startedAt = startedAt
    this.hedge = hedging
  }
}
