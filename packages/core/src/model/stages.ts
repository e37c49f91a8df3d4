import type { Endpoint } from './endpoint.js'
import type { Exchange } from './exchange-type.js'
import type { GatewayError } from './gateway-error.js'
import type { AttemptRecord } from './outcome.js'
import type { Pool } from './pool.js'
import type { Route } from './route.js'

/** Asked once per exchange, when its route is known: whether it is admitted, and when. */
export interface Admission {
  /** Names it in logs and in `explain`. */
  readonly name: string
  /**
   * Calls `done` once, now or later: without an error to admit the exchange. The exchange may end before that (see
   * `exchange.endedAt`); `done` is then not waited for.
   */
  admit(exchange: Exchange, done: (refusal?: GatewayError) => void): void
  /**
   * The admitted exchange moves to another pool than the one it was admitted to (`exchange.pool`): a fallback
   * pool, or one that a hook has set. What it holds of the previous pool is released; `done` as for `admit`.
   */
  moved?(exchange: Exchange, done: (refusal?: GatewayError) => void): void
}

/** Asked before every attempt whether the pool may be tried at all. A circuit breaker is one. */
export interface AttemptGate {
  /** Names the gate in `explain`. */
  readonly name: string
  /** `null` to continue, or the error that answers the client. What it counts is released by `left` or by an observer's `ended`. */
  enter(pool: Pool, exchange: Exchange): GatewayError | null
  /** The admitted attempt could not begin: no endpoint was available. */
  left?(pool: Pool, exchange: Exchange): void
  /** For `explain`, where there is no exchange: why the gate is closed, or `null`. */
  explains?(pool: Pool, route: Route): string | null
}

/** Asked before every attempt which endpoints may be tried. Must have no side effects. */
export interface CandidateFilter {
  /** Names the filter in `explain`: "why is this endpoint out?" */
  readonly name: string
  accepts(endpoint: Endpoint, exchange: Exchange): boolean
  /**
   * Used in place of `accepts` by filters that look at all candidates together, such as one that never leaves out
   * the last. Returns the same list when nothing is left out.
   */
  narrow?(candidates: readonly Endpoint[], exchange: Exchange): readonly Endpoint[]
  /**
   * The question for `explain`, where there is no exchange: true for in, false for out, or a text that says why it is
   * out. Absent: the filter depends on the exchange alone.
   */
  explains?(endpoint: Endpoint, pool: Pool): boolean | string
}

/** Notified of every attempt, without a vote. Passive health, breakers and metrics are observers. */
export interface AttemptObserver {
  started?(endpoint: Endpoint, exchange: Exchange): void
  /**
   * There is a connection, and the request's head is about to be made: the time for headers of this attempt alone. Called
   * again when a stale connection is replaced.
   */
  sending?(attempt: AttemptRecord, exchange: Exchange): void
  /** The head of a response has come, and is handed on; the body may take long. */
  answered?(attempt: AttemptRecord, exchange: Exchange): void
  /** Called once per `started`, however the attempt ended. */
  ended?(attempt: AttemptRecord, exchange: Exchange): void
}

/**
 * Decides after a failed attempt, or at the head of an upstream's response, whether to try again: milliseconds
 * to wait before the next attempt, or `null` to hand the client what there is. Asked only while no byte of an
 * answer has gone to the client and no other attempt runs; it must itself check that the request can be sent again
 * (`attempt.sent`, the method, `exchange.replayable`).
 */
export interface RetryPolicy {
  decide(attempt: AttemptRecord, exchange: Exchange): number | null
  /**
   * Asked in place of `decide` while another attempt runs beside this one: whether its response is left for the other's,
   * as a 5xx is in any case. Must have no side effects.
   */
  yields?(attempt: AttemptRecord, exchange: Exchange): boolean
  /**
   * Asked when the first attempt begins: milliseconds after which a second one begins beside it, at another
   * endpoint, if there is no head by then; `null` for never. Called with `exchange.attempts` of length 1.
   */
  hedgeDelay?(exchange: Exchange): number | null
  /** Asked when that time has come and there is another endpoint: whether the second attempt may begin. */
  mayHedge?(exchange: Exchange): boolean
  /** The second attempt has begun: it is counted. */
  hedged?(exchange: Exchange): void
  /** Asked when one of two attempts is given up for the other's answer: see `AttemptRecord.overdue`. */
  isOverdue?(loser: AttemptRecord, winner: AttemptRecord, exchange: Exchange): boolean
}

/** Never tries again. */
export const noRetry: RetryPolicy = { decide: () => null }

/** Notified when an exchange has ended: the place for logs, metrics and spans. Must not throw and must not block. */
export interface ExchangeObserver {
  /** The exchange is refused or redirected on arrival: no hook of its route runs, and `closed` follows. */
  turnedAway?(exchange: Exchange): void
  closed(exchange: Exchange): void
}

/**
 * What happens per attempt and per exchange besides balancing. What plugins add to `gateway.stages` before the app is ready
 * holds for every configuration; what a part of the gateway adds to `snapshot.stages` as it prepares, for that one.
 */
export interface Stages {
  readonly admissions: Admission[]
  readonly gates: AttemptGate[]
  readonly filters: CandidateFilter[]
  readonly observers: AttemptObserver[]
  readonly exchangeObservers: ExchangeObserver[]
  retry: RetryPolicy
}

/** Stages that do nothing yet. */
export function createStages(): Stages {
  return { admissions: [], gates: [], filters: [], observers: [], exchangeObservers: [], retry: noRetry }
}

/** Nothing can be added to them any more: it would do nothing. */
export function closeStages(stages: Stages): void {
  for (const list of Object.values(stages)) if (Array.isArray(list)) Object.freeze(list)
  Object.freeze(stages)
}

/** Stages of their own that begin with the same ones. */
export function copyStages(stages: Stages): Stages {
  const { admissions, gates, filters, observers, exchangeObservers, retry } = stages
  return {
    admissions: [...admissions],
    gates: [...gates],
    filters: [...filters],
    observers: [...observers],
    exchangeObservers: [...exchangeObservers],
    retry
  }
}
