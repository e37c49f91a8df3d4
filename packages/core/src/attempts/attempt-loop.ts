import type { Reason } from '../config/reason.js'
import type { Endpoint } from '../model/endpoint.js'
import type { Exchange } from '../model/exchange.js'
import { GatewayError } from '../model/gateway-error.js'
import type { AttemptRecord } from '../model/outcome.js'
import type { Pool } from '../model/pool.js'
import type { Stages } from '../model/stages.js'
import { hedgeDelay, noteOverdue, tryHedge, yieldsToRival } from './hedge-calls.js'
import {
  decideRetry,
  notifyAnswered,
  notifyEnded,
  notifyStarted,
  pickEndpoint,
  type Report
} from './stage-calls.js'

/**
 * The attempts of one exchange: picks an endpoint, begins an attempt, a hedge beside it, and decides what follows from
 * what each of them brings. It does no I/O and reads no clock: a driver extends it with both, calls the methods that
 * report events, and implements the abstract ones. A base class, so that a request needs no second object.
 */
export abstract class AttemptLoop<A extends AttemptRecord> {
  protected readonly exchange: Exchange
  protected readonly stages: Stages
  protected readonly report: Report
  protected pool: Pool
  /** The current attempt, or the last one while the next is waited for. */
  protected attempt: A | null = null
  /** A second attempt beside the current one: whichever answers first becomes the only one. */
  protected rival: A | null = null
  /** Whether the client has been given a response or an error: no attempt begins any more. */
  protected over = false

  constructor(stages: Stages, exchange: Exchange, pool: Pool, report: Report) {
    this.stages = stages
    this.exchange = exchange
    this.pool = pool
    this.report = report
  }

  /** Makes the record of an attempt, and what the driver needs to begin it. */
  protected abstract create(endpoint: Endpoint): A
  /** Begins to send. May call {@link attemptFailed} at once. */
  protected abstract begin(attempt: A): void
  /** Drops the response that has begun to arrive. Reports nothing. */
  protected abstract discard(attempt: A): void
  /** Ends an attempt that another one has made needless, and marks it `cancelled`. Reports nothing. */
  protected abstract giveUp(attempt: A): void
  /** Ends a running attempt, which then fails for this reason: {@link attemptFailed} follows. */
  protected abstract abort(attempt: A, reason: Reason): void
  /** The other one of two is gone, and this one is now the current attempt. */
  protected abstract goesOn(attempt: A): void
  /** Calls {@link nextAttempt} after so many milliseconds, unless the exchange has ended by then. */
  protected abstract wait(delayMs: number): void
  /** Calls {@link beginHedge} after so many milliseconds, unless {@link disarmHedge} is called before. */
  protected abstract armHedge(delayMs: number): void
  protected abstract disarmHedge(): void
  /** The error that the client gets for an attempt. */
  protected abstract errorFor(attempt: A): GatewayError
  /** The client gets this error, or the exchange moves on to its fallback. */
  protected abstract fail(error: GatewayError): void

  /** One turn: gates, filters, pick, send. */
  protected nextAttempt(): void {
    if (this.over) return
    let attempt: A
    try {
      attempt = this.#create(pickEndpoint(this.stages, this.pool, this.exchange))
    } catch (error) {
      // The outcome of the attempt before says more than that there is no other endpoint.
      const last = this.attempt
      if (!(error instanceof GatewayError)) this.fail(new GatewayError('internal_error', { cause: error }))
      else this.fail(last?.failure ? this.errorFor(last) : error)
      return
    }
    this.attempt = attempt
    const delay = hedgeDelay(this.stages, this.exchange, this.report)
    if (delay !== null) this.armHedge(delay)
    this.begin(attempt)
  }

  /** The time for a hedge has come. */
  protected beginHedge(): void {
    if (this.over || this.rival !== null) return
    const begin = (endpoint: Endpoint): boolean => {
      const hedge = this.#create(endpoint)
      this.rival = hedge
      this.begin(hedge)
      return hedge.failure === null
    }
    tryHedge(this.stages, this.pool, this.exchange, begin, this.report)
  }

  /**
   * The head of a response has arrived. True: it is the one to deliver. Otherwise it is discarded, and another attempt
   * follows or goes on.
   */
  protected attemptAnswered(attempt: A): boolean {
    const { stages, exchange, report } = this
    const rival = this.#rivalOf(attempt)
    if (rival === null) {
      const delay = decideRetry(stages, attempt, exchange, report)
      if (delay !== null) {
        this.#supersede(attempt)
        this.#waitFor(delay)
        return false
      }
    } else if (yieldsToRival(stages, attempt, exchange, report)) {
      this.#supersede(attempt)
      this.#goOnWith(rival)
      return false
    } else {
      this.giveUp(rival)
      noteOverdue(stages, rival, attempt, exchange, report)
      this.observe(rival)
      this.#goOnWith(attempt)
    }
    this.disarmHedge()
    notifyAnswered(stages, exchange, attempt, report)
    return true
  }

  /** An attempt has failed. `last`: no other one may follow, as the response has begun or the client has left. */
  protected attemptFailed(attempt: A, last: boolean): void {
    this.observe(attempt)
    const rival = this.#rivalOf(attempt)
    if (rival !== null && !last) {
      this.#goOnWith(rival)
      return
    }
    const delay = last ? null : decideRetry(this.stages, attempt, this.exchange, this.report)
    if (delay === null) this.fail(this.errorFor(attempt))
    else this.#waitFor(delay)
  }

  /** Cancels all running attempts: the client has disconnected or the deadline has passed. */
  protected abortAll(reason: Reason): void {
    const { rival, attempt } = this
    if (rival !== null) {
      this.rival = null
      this.giveUp(rival)
      this.observe(rival)
    }
    if (attempt === null || attempt.endedAt > 0) this.fail(new GatewayError(reason))
    else this.abort(attempt, reason)
  }

  /** The exchange begins again at another pool. */
  protected moveTo(pool: Pool): void {
    this.exchange.pool = this.pool = pool
    this.attempt = null
    this.disarmHedge()
  }

  /** Notifies observers that an attempt has ended; once per attempt. */
  protected observe(attempt: A): void {
    notifyEnded(this.stages, this.pool, this.exchange, attempt, this.report)
  }

  #create(endpoint: Endpoint): A {
    const attempt = this.create(endpoint)
    this.exchange.attempts.push(attempt)
    notifyStarted(this.stages, this.pool, this.exchange, endpoint, this.report)
    return attempt
  }

  #supersede(attempt: A): void {
    attempt.superseded = true
    this.discard(attempt)
    this.observe(attempt)
  }

  #waitFor(delayMs: number): void {
    this.disarmHedge()
    this.wait(delayMs)
  }

  #rivalOf(attempt: A): A | null {
    if (this.rival === null) return null
    return attempt === this.rival ? this.attempt : this.rival
  }

  #goOnWith(attempt: A): void {
    this.rival = null
    this.attempt = attempt
    this.goesOn(attempt)
  }
}
