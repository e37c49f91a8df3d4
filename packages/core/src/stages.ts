import type { Endpoint } from './endpoint.js'
import type { Exchange } from './exchange.js'
import type { AttemptRecord } from './outcome.js'

/** Asked before every attempt whether an endpoint may be tried. Must have no side effects. */
export interface CandidateFilter {
  /** Names the filter in `explain`: "why is this endpoint out?" */
  readonly name: string
  accepts(endpoint: Endpoint, exchange: Exchange): boolean
  /** The same question for `explain`, where there is no exchange. Absent: the filter depends on the exchange alone. */
  explains?(endpoint: Endpoint): boolean
}

/** Told of every attempt, never asked. Passive health, breakers and metrics are observers. */
export interface AttemptObserver {
  started?(endpoint: Endpoint, exchange: Exchange): void
  /** Called once per `started`, however the attempt ended. */
  ended?(attempt: AttemptRecord, exchange: Exchange): void
}

/**
 * Decides after a failed attempt, or at the head of an upstream's answer, whether to try again: milliseconds
 * to wait before the next attempt, or `null` to hand the client what there is. Asked only while no byte of an
 * answer has gone to the client; it must itself check that the request can be sent again
 * (`attempt.sent`, the method, `exchange.replayable`).
 */
export interface RetryPolicy {
  decide(attempt: AttemptRecord, exchange: Exchange): number | null
}

/** Never tries again. */
export const noRetry: RetryPolicy = { decide: () => null }

/** Told when an exchange is over: the place for logs, metrics and spans. Must not throw and must not block. */
export interface ExchangeObserver {
  closed(exchange: Exchange): void
}

/** What happens per attempt and per exchange besides balancing. Plugins add to it before the app is ready. */
export interface Stages {
  readonly filters: CandidateFilter[]
  readonly observers: AttemptObserver[]
  readonly exchangeObservers: ExchangeObserver[]
  retry: RetryPolicy
}

/** Stages that do nothing yet. */
export function createStages(): Stages {
  return { filters: [], observers: [], exchangeObservers: [], retry: noRetry }
}
