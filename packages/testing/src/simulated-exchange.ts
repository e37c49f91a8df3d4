import {
  type AttemptRecord,
  decideRetry,
  type Endpoint,
  type Exchange,
  GatewayError,
  hedgeDelay,
  noteOverdue,
  pickEndpoint,
  type Reason,
  type Timeouts,
  tellAnswered,
  tellEnded,
  tellSending,
  tellStarted,
  tryHedge,
  yieldsToRival
} from '@gatewright/core'
import type { AnswerTimes, SimulationContext } from './simulation-context.js'

interface Running {
  readonly record: AttemptRecord
  stop: () => void
  stopLimit: () => void
}

/** One exchange of a simulation: the attempt loop of the forwarder, without its sockets. */
export class SimulatedExchange {
  readonly #context: SimulationContext
  readonly #exchange: Exchange
  readonly #timeouts: Timeouts
  readonly #times: AnswerTimes
  #attempt: Running | null = null
  #hedge: Running | null = null
  #stopHedge: () => void = nothing
  #stopDeadline: () => void = nothing
  #over = false

  constructor(context: SimulationContext, exchange: Exchange, timeouts: Timeouts, times: AnswerTimes) {
    this.#context = context
    this.#exchange = exchange
    this.#timeouts = timeouts
    this.#times = times
  }

  /** It has been let in. */
  start(): void {
    const { time, pauses } = this.#context
    const timeouts = this.#timeouts
    const exchange = this.#exchange
    if (timeouts.totalMs > 0) {
      exchange.deadlineAt = exchange.startedAt + timeouts.totalMs
      const left = Math.max(0, exchange.deadlineAt - time.now())
      this.#stopDeadline = pauses.after(left, () => this.#expire())
    }
    this.#next()
  }

  /** It was not let in, or there is nothing more to try. */
  refuse(reason: Reason, status: number): void {
    this.#close(status, reason)
  }

  #next(): void {
    const last = this.#attempt?.record
    try {
      this.#attempt = this.#begin()
    } catch (error) {
      const { reason, statusCode } =
        error instanceof GatewayError ? error : new GatewayError('internal_error', { cause: error })
      if (last?.failure) this.#fail(last.failure)
      else this.#close(statusCode, reason)
      return
    }
    this.#askForHedge()
  }

  #begin(): Running {
    const { stages, pool } = this.#context
    return this.#send(pickEndpoint(stages, pool, this.#exchange))
  }

  #send(endpoint: Endpoint): Running {
    const { time, pauses, stages, pool, report } = this.#context
    const timeouts = this.#timeouts
    const exchange = this.#exchange
    const startedAt = time.now()
    const record: AttemptRecord = {
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
      retryAfter: ''
    }
    exchange.attempts.push(record)
    tellStarted(stages, pool, exchange, endpoint, report)
    tellSending(stages, exchange, record, report)
    this.#context.attempted(record)
    const running: Running = { record, stop: nothing, stopLimit: nothing }
    const end = (status: number, failure: Reason | null): void =>
      pauses.arrive(() => {
        if (record.endedAt > 0) return
        running.stopLimit()
        this.#ended(running, status, failure)
      })
    running.stop = this.#context.upstreamOf(record).send(record, end, this.#times.holdMs)
    const limit = shortest(timeouts.perTryMs, timeouts.firstByteMs)
    if (limit > 0)
      running.stopLimit = pauses.after(limit, () => {
        running.stop()
        this.#ended(running, 0, 'upstream_timeout')
      })
    return running
  }

  #askForHedge(): void {
    const { stages, pauses, report } = this.#context
    const delay = hedgeDelay(stages, this.#exchange, report)
    if (delay !== null) this.#stopHedge = pauses.after(delay, () => this.#beginHedge())
  }

  #beginHedge(): void {
    const { stages, pool, report } = this.#context
    if (this.#over) return
    const begin = (endpoint: Endpoint): boolean => {
      this.#hedge = this.#send(endpoint)
      return true
    }
    tryHedge(stages, pool, this.#exchange, begin, report)
  }

  #ended(running: Running, status: number, failure: Reason | null): void {
    const { time, pauses, stages, report } = this.#context
    const { record } = running
    record.endedAt = time.now()
    record.stalledMs = pauses.lost(record.startedAt, record.endedAt)
    record.status = status
    record.failure = failure
    if (failure === null) record.headAt = record.endedAt
    const rival = this.#hedge === null ? null : running === this.#hedge ? this.#attempt : this.#hedge
    // A failure is told before the decision and an answer after it, as by the forwarder.
    if (failure !== null) this.#observe(record)
    if (rival !== null) {
      this.#hedge = null
      if (failure !== null || yieldsToRival(stages, record, this.#exchange, report)) {
        if (failure === null) this.#supersede(record)
        this.#attempt = rival
        return
      }
      this.#giveUp(rival, record)
      this.#attempt = running
    }
    const delay = rival === null ? decideRetry(stages, record, this.#exchange, report) : null
    if (delay !== null) {
      if (failure === null) this.#supersede(record)
      this.#stopHedge()
      const again = (): void => {
        if (!this.#over) this.#next()
      }
      time.timers.after(delay, () => pauses.arrive(again))
      return
    }
    if (failure === null) this.#answer(record)
    else this.#fail(failure)
  }

  // As an upstream's answer does, a body of its own time goes on after the head: nothing can be tried again any more.
  #answer(record: AttemptRecord): void {
    const { time, pauses, stages, report } = this.#context
    this.#stopHedge()
    this.#stopDeadline()
    tellAnswered(stages, this.#exchange, record, report)
    const end = (): void => {
      record.endedAt = time.now()
      this.#observe(record)
      this.#close(record.status, null)
    }
    const { bodyMs = 0 } = this.#times
    if (bodyMs > 0) time.timers.after(bodyMs, () => pauses.arrive(end))
    else end()
  }

  #giveUp(running: Running, winner: AttemptRecord | null = null): void {
    running.stop()
    running.stopLimit()
    const { time, pauses, stages, report } = this.#context
    const { record } = running
    record.cancelled = true
    record.endedAt = time.now()
    record.stalledMs = pauses.lost(record.startedAt, record.endedAt)
    if (winner !== null) noteOverdue(stages, record, winner, this.#exchange, report)
    this.#observe(record)
  }

  #supersede(record: AttemptRecord): void {
    record.superseded = true
    this.#observe(record)
  }

  #observe(record: AttemptRecord): void {
    const { stages, pool, report } = this.#context
    tellEnded(stages, pool, this.#exchange, record, report)
  }

  #expire(): void {
    if (this.#over) return
    if (this.#hedge !== null) this.#giveUp(this.#hedge)
    const running = this.#attempt
    if (running !== null && running.record.endedAt === 0) {
      running.stop()
      running.stopLimit()
      running.record.failure = 'deadline_exceeded'
      running.record.endedAt = this.#context.time.now()
      this.#observe(running.record)
    }
    this.#fail('deadline_exceeded')
  }

  #fail(reason: Reason): void {
    this.#close(new GatewayError(reason).statusCode, reason)
  }

  #close(status: number, reason: Reason | null): void {
    this.#over = true
    this.#stopHedge()
    this.#stopDeadline()
    const exchange = this.#exchange
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
