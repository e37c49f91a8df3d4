import {
  AttemptLoop,
  type AttemptRecord,
  type Endpoint,
  type Exchange,
  GatewayError,
  notifySending,
  type Reason,
  type Timeouts
} from '@gatewright/core'
import type { ResponseTimes, SimulationContext } from './simulation-context.js'

interface SimulatedAttempt extends AttemptRecord {
  stop: () => void
  stopLimit: () => void
}

/** One exchange of a simulation: drives the attempt loop in virtual time. */
export class SimulatedExchange extends AttemptLoop<SimulatedAttempt> {
  readonly #context: SimulationContext
  readonly #timeouts: Timeouts
  readonly #times: ResponseTimes
  #stopHedge: () => void = nothing
  #stopDeadline: () => void = nothing

  constructor(context: SimulationContext, exchange: Exchange, timeouts: Timeouts, times: ResponseTimes) {
    super(exchange.snapshot.stages, exchange, context.pool, context.report)
    this.#context = context
    this.#timeouts = timeouts
    this.#times = times
  }

  /** It was admitted. */
  start(): void {
    const { time, pauses } = this.#context
    const timeouts = this.#timeouts
    const { exchange } = this
    if (timeouts.totalMs > 0) {
      exchange.deadlineAt = exchange.startedAt + timeouts.totalMs
      const left = Math.max(0, exchange.deadlineAt - time.now())
      this.#stopDeadline = pauses.after(left, () => {
        if (!this.over) this.abortAll('deadline_exceeded')
      })
    }
    this.nextAttempt()
  }

  /** It was not admitted. */
  refuse(reason: Reason, status: number): void {
    this.#close(status, reason)
  }

  protected create(endpoint: Endpoint): SimulatedAttempt {
    const { exchange } = this
    const startedAt = this.#context.time.now()
    return {
      endpoint,
      number: exchange.attempts.length + 1,
      startedAt,
      dispatchedAt: startedAt,
      sentAt: startedAt,
      headAt: 0,
      endedAt: 0,
      status: 0,
      sent: false,
      reused: false,
      hedge: exchange.hedging,
      reconnected: false,
      failure: null,
      error: undefined,
      cancelled: false,
      overdue: false,
      overShare: false,
      superseded: false,
      stalledMs: 0,
      setCookies: exchange.attemptCookies,
      retryAfter: '',
      stop: nothing,
      stopLimit: nothing
    }
  }

  protected begin(attempt: SimulatedAttempt): void {
    const { pauses } = this.#context
    const timeouts = this.#timeouts
    notifySending(this.stages, this.exchange, attempt, this.report)
    this.#context.attempted(attempt)
    const end = (status: number, failure: Reason | null): void =>
      pauses.arrive(() => {
        if (attempt.endedAt === 0) this.#ended(attempt, status, failure)
      })
    attempt.stop = this.#context.upstreamOf(attempt).send(attempt, end, this.#times.holdMs)
    const limit = shortest(timeouts.perTryMs, timeouts.firstByteMs)
    if (limit > 0) attempt.stopLimit = pauses.after(limit, () => this.abort(attempt, 'upstream_timeout'))
  }

  // The bodies are complete here.
  protected discard(): void {}

  protected giveUp(attempt: SimulatedAttempt): void {
    attempt.cancelled = true
    attempt.stop()
    this.#end(attempt)
  }

  protected abort(attempt: SimulatedAttempt, reason: Reason): void {
    attempt.stop()
    this.#ended(attempt, 0, reason)
  }

  protected goesOn(): void {}

  protected wait(delayMs: number): void {
    const { time, pauses } = this.#context
    time.timers.after(delayMs, () => pauses.arrive(() => this.nextAttempt()))
  }

  protected armHedge(delayMs: number): void {
    this.#stopHedge = this.#context.pauses.after(delayMs, () => this.beginHedge())
  }

  protected disarmHedge(): void {
    this.#stopHedge()
  }

  protected errorFor({ failure }: SimulatedAttempt): GatewayError {
    return new GatewayError(failure ?? 'internal_error')
  }

  protected fail(error: GatewayError): void {
    const { statusCode, reason } = error.known(this.exchange.snapshot.reasons)
    this.#close(statusCode, reason)
  }

  #ended(attempt: SimulatedAttempt, status: number, failure: Reason | null): void {
    this.#end(attempt)
    attempt.status = status
    attempt.failure = failure
    if (failure !== null) this.attemptFailed(attempt, failure === 'deadline_exceeded')
    else {
      attempt.headAt = attempt.endedAt
      if (this.attemptAnswered(attempt)) this.#deliver(attempt)
    }
  }

  #end(attempt: SimulatedAttempt): void {
    const { time, pauses } = this.#context
    attempt.stopLimit()
    attempt.endedAt = time.now()
    attempt.stalledMs = pauses.lost(attempt.startedAt, attempt.endedAt)
  }

  // As an upstream's response does, a body of its own time goes on after the head: nothing can be tried again any more.
  #deliver(attempt: SimulatedAttempt): void {
    const { time, pauses } = this.#context
    this.#stopDeadline()
    const end = (): void => {
      attempt.endedAt = time.now()
      this.observe(attempt)
      this.#close(attempt.status, null)
    }
    const { bodyMs = 0 } = this.#times
    if (bodyMs > 0) time.timers.after(bodyMs, () => pauses.arrive(end))
    else end()
  }

  #close(status: number, reason: Reason | null): void {
    this.over = true
    this.#stopHedge()
    this.#stopDeadline()
    const { exchange } = this
    exchange.status = status
    exchange.reason = reason
    exchange.endedAt = this.#context.time.now()
    this.#context.closed(exchange)
  }
}

function nothing(): void {}

function shortest(a: number, b: number): number {
  if (a === 0) return b
  return b === 0 ? a : Math.min(a, b)
}
