// Long because the phases of a forwarding, its time limits and its answer are one state machine that reads best in one place.
import {
  AttemptLoop,
  admitAgain,
  answerLast,
  bodySource,
  type Cancellable,
  type Endpoint,
  type Exchange,
  GatewayError,
  isRepeatable,
  lingerAfterAnswer,
  type Pool,
  type Reason,
  type Route,
  tellSending,
  upstreamTarget
} from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import type { Dispatcher } from 'undici'
import { Answer, type AnswerOwner } from './answer.js'
import { Attempt } from './attempt.js'
import type { AttemptOwner } from './attempt-owner.js'
import { errorOf } from './failure.js'
import { answerInstead, fellBack, mayFallBack } from './fallback.js'
import type { ForwardingContext } from './forwarding-context.js'
import { writeInterim } from './interim.js'
import type { KnownFields } from './known-fields.js'
import type { ReadBuffers } from './read-buffers.js'
import { RequestBody } from './request-body.js'
import { upstreamHeaders } from './request-headers.js'
import type { ResponseHead } from './response-headers.js'
import type { StallMeter } from './stall-meter.js'
import { deadlineOf, isClients, type Limit, nextLimit, type Phase, shortest } from './time-limits.js'
import type { Timed } from './timer-wheel.js'

/** What reply-from is called back with. The answer's headers are written by {@link Forwarding.respond}. */
export type TransportDone = (
  error: null,
  answer: { readonly statusCode: number; readonly headers: Record<string, never>; readonly body: Forwarding }
) => void

const NO_HEADERS: Record<string, never> = {}

/**
 * One request on its way to its pool: drives the attempt loop with sockets, a body, time limits and the answer. Nothing
 * of an answer is given to the client before the retry policy has let it go.
 */
export class Forwarding
  extends AttemptLoop<Attempt>
  implements Timed, AttemptOwner, AnswerOwner, Cancellable
{
  readonly now: () => number
  readonly stalls: StallMeter
  readonly fields: KnownFields
  readonly buffers: ReadBuffers
  readonly #context: ForwardingContext
  readonly #route: Route
  readonly #done: TransportDone
  dueAt = 0
  next: Timed | null = null
  previous: Timed | null = null
  slot = -1
  #step = 0
  #phase: Phase = 'connecting'
  #phaseAt: number
  activeAt: number
  /** When the hedge is due; 0 for never. */
  #hedgeAt = 0
  requestBody: RequestBody | null = null
  #answer: Answer | null = null
  #error: GatewayError | null = null

  /** `done` is called once: when there is an answer to give, or an error. Never after the client has left. */
  constructor(context: ForwardingContext, exchange: Exchange, route: Route, pool: Pool, done: TransportDone) {
    super(context.stages, exchange, pool, context.report)
    this.#context = context
    this.#route = route
    this.#done = done
    this.now = context.now
    this.stalls = context.wheel.stalls
    this.fields = context.fields
    this.buffers = context.buffers
    this.#phaseAt = this.activeAt = this.now()
    exchange.deadlineAt = deadlineOf(exchange, route.timeouts)
  }

  get #status(): number {
    return this.#error?.statusCode ?? (this.#answer as Answer).status
  }

  start(): void {
    const { ingress, body, raw } = this.exchange
    const { bodyLimit, keepBody } = this.#route
    if (ingress.hasBody && body === null) {
      const kept = ingress.contentLength > keepBody ? 0 : keepBody
      const limits = { most: bodyLimit, kept }
      this.requestBody = new RequestBody(raw, bodySource(this.exchange), limits, this.now)
    }
    this.exchange.inProgress = this
    if (bodyLimit > 0 && (body?.length ?? ingress.contentLength) > bodyLimit) {
      this.fail(new GatewayError('body_too_large', { detail: `more than ${bodyLimit} bytes` }))
      return
    }
    this.#watch(this.#phaseAt)
    const { admissions } = this.stages
    if (this.exchange.admittedTo === this.pool || admissions.length === 0) this.nextAttempt()
    else this.#move()
  }

  // What lets requests in has not been asked for this pool.
  #move(): void {
    this.#enter('admission', this.now())
    admitAgain(this.stages, this.exchange, (refusal) => {
      if (this.#phase !== 'admission') return
      if (refusal !== undefined) this.fail(asGatewayError(refusal))
      else this.tryAgain()
    })
  }

  protected create(endpoint: Endpoint): Attempt {
    const { exchange } = this
    const startedAt = exchange.hedging ? this.now() : this.#phaseAt
    return new Attempt(this, endpoint, exchange, startedAt, this.#context.connectionsOf(endpoint, this.pool))
  }

  protected begin(attempt: Attempt): void {
    if (attempt.begin() && attempt === this.attempt) this.#enter('queued', attempt.startedAt)
  }

  protected discard(attempt: Attempt): void {
    attempt.discard()
  }

  protected giveUp(attempt: Attempt): void {
    attempt.giveUp()
  }

  protected abort(attempt: Attempt, reason: Reason): void {
    attempt.abort(reason, null)
  }

  protected errorFor(attempt: Attempt): GatewayError {
    return errorOf(attempt)
  }

  protected armHedge(delayMs: number): void {
    this.#hedgeAt = this.#phaseAt + delayMs
    if (this.#hedgeAt < this.dueAt) this.#context.wheel.schedule(this, this.#hedgeAt)
  }

  protected disarmHedge(): void {
    this.#hedgeAt = 0
  }

  requestFor(attempt: Attempt): Dispatcher.DispatchOptions {
    const { endpoint, number } = attempt
    const { exchange } = this
    tellSending(this.stages, exchange, attempt, this.report)
    const body = this.requestBody
    return {
      path: upstreamTarget(exchange, this.#route, endpoint),
      method: exchange.method as Dispatcher.HttpMethod,
      headers: upstreamHeaders(exchange, this.#route, endpoint, number, this.#context),
      body: exchange.body ?? body?.open() ?? null,
      blocking: false
    }
  }

  mayResend(): boolean {
    this.#noteBody()
    return isRepeatable(this.exchange)
  }

  dispatched(attempt: Attempt): void {
    if (attempt === this.attempt && this.#phase === 'connecting') {
      attempt.dispatchedAt ||= this.#phaseAt
      return
    }
    const now = this.now()
    attempt.dispatchedAt ||= attempt.queued ? now : attempt.startedAt
    if (attempt === this.attempt) this.#enter('connecting', now)
  }

  sent(attempt: Attempt): void {
    attempt.sentAt = this.now()
    if (attempt === this.attempt) this.#enter('sent', attempt.sentAt)
  }

  // Of two attempts, only one is the answer's.
  interim(attempt: Attempt, text: string): void {
    if (this.rival === null) writeInterim(this.exchange.response, text)
    else attempt.interims += text
  }

  answered(attempt: Attempt, head: ResponseHead, statusText: string): void {
    this.#noteBody()
    if (!this.attemptAnswered(attempt)) return
    this.#enter('answered', attempt.headAt)
    this.#answer = new Answer(this.exchange, attempt, head, statusText, this)
    this.#answer.expectBody()
  }

  body(_attempt: Attempt, chunk: Buffer): boolean {
    const answer = this.#answer as Answer
    if (answer.begun) this.activeAt = this.now()
    return answer.pass(chunk)
  }

  ended(attempt: Attempt, trailers: readonly Buffer[]): void {
    this.observe(attempt)
    this.#over()
    this.#answer?.end(trailers)
  }

  failed(attempt: Attempt): void {
    this.#noteBody()
    this.attemptFailed(attempt, this.#answer?.begun === true || attempt.failure === 'client_closed')
  }

  clientGone(): void {
    if (!this.over) this.abortAll('client_closed')
  }

  // A deadline that the client has set, and not the route, says nothing of the endpoint; nor does a wait in line.
  #miss(): void {
    const { attempt } = this
    if (attempt !== null && (attempt.waiting || isClients(this.exchange, this.#route.timeouts)))
      attempt.cancelled = true
    this.abortAll('deadline_exceeded')
  }

  protected goesOn(attempt: Attempt): void {
    if (attempt.interims !== '') writeInterim(this.exchange.response, attempt.interims)
    attempt.interims = ''
    // The phase of the first attempt is already this one's.
    if (attempt.hedge)
      this.#enter(attempt.waiting ? 'queued' : attempt.sent ? 'sent' : 'connecting', this.now())
  }

  answerReady(): void {
    this.#done(null, { statusCode: this.#status, headers: NO_HEADERS, body: this })
  }

  resumeBody(): void {
    this.attempt?.resume()
    this.activeAt = this.now()
  }

  abandonBody(): void {
    // Where the response has ended, a hook has sent something else.
    if (this.exchange.response.writableEnded) this.#discard()
    else this.clientGone()
  }

  /** Called by reply-from when the client has left in the meantime. */
  destroy(): void {
    this.clientGone()
  }

  /** Gives the answer, or the error, to Fastify: hooks and error handlers see it as any other. */
  respond(reply: FastifyReply): void {
    if (this.#context.isDraining()) answerLast(this.exchange.raw, reply)
    if (this.#error !== null) {
      if (!answerInstead(this.#error, this.exchange, this.#route, reply)) reply.send(this.#error)
      return
    }
    try {
      this.#answer?.respond(reply, this.#context)
    } catch (error) {
      // Fastify or Node would not have the head. Thrown on, it would be lost in the transport, and the client wait.
      this.drop(reply)
      reply.send(new GatewayError('internal_error', { cause: error }))
    }
  }

  /** Takes the answer back from the reply, or stops waiting for one: something else is sent in its place. */
  drop(reply: FastifyReply): void {
    if (reply.raw.headersSent) return
    if (this.#answer === null) {
      const { reason, detail } = this.exchange
      this.clientGone()
      Object.assign(this.exchange, { reason, detail })
      return
    }
    this.#answer.retract(reply)
    this.#discard()
  }

  #discard(): void {
    const { attempt } = this
    if (this.over || attempt === null) return
    attempt.discard()
    this.observe(attempt)
    this.#over()
  }

  wake(now: number): number {
    if (this.#phase === 'waiting') {
      this.#enter('connecting', now)
      this.nextAttempt()
    } else if (this.#phase !== 'over') {
      if (this.#hedgeAt > 0) this.#hedgeAt = this.stalls.extended(this.#hedgeAt)
      if (this.#hedgeAt > 0 && now >= this.#hedgeAt) {
        this.#hedgeAt = 0
        this.beginHedge()
      }
      const limit = this.#nextLimit()
      const { reason } = limit
      const fixed = reason === 'deadline_exceeded' && isClients(this.exchange, this.#route.timeouts)
      const at = fixed ? limit.at : this.stalls.extended(limit.at)
      const due = this.#hedgeAt > 0 ? Math.min(at, this.#hedgeAt) : at
      if (now < at) return Math.min(due, now + this.#step)
      if (reason === 'deadline_exceeded') this.#miss()
      else this.attempt?.abort(reason, null)
    }
    return this.#wakeAt(now)
  }

  #wakeAt(now: number): number {
    switch (this.#phase) {
      case 'over':
        return 0
      case 'waiting':
        return this.dueAt
      default:
        return now + this.#step
    }
  }

  #nextLimit(): Limit {
    const body = this.requestBody
    return nextLimit({
      phase: this.#phase,
      phaseAt: this.#phaseAt,
      attemptAt: this.attempt?.startedAt ?? this.#phaseAt,
      activeAt: Math.max(this.activeAt, body?.activeAt ?? 0),
      deadlineAt: this.#answer?.isEventStream === true ? 0 : this.exchange.deadlineAt,
      timeouts: this.#route.timeouts,
      queueTimeoutMs: this.pool.settings.connections.queueTimeoutMs,
      uploading: body !== null && !body.ended,
      upstreamStalled: body?.stalled === true,
      clientStalled: this.#answer?.stalled === true
    })
  }

  #noteBody(): void {
    if (this.requestBody === null) return
    this.exchange.bodyKept = this.requestBody.isKept
    this.exchange.bodyEndedAt = this.requestBody.endedAt
  }

  #watch(now: number): void {
    this.#step = shortest(this.#route.timeouts, this.pool.settings.connections.queueTimeoutMs)
    this.#context.wheel.schedule(this, now + this.#step)
  }

  protected wait(delayMs: number): void {
    const now = this.now()
    this.#answer = null
    this.#enter('waiting', now)
    if (delayMs > 0) this.#context.wheel.schedule(this, now + delayMs)
    else process.nextTick(tryAgain, this)
  }

  /** The wait is over at once. */
  tryAgain(): void {
    if (this.#phase !== 'waiting' && this.#phase !== 'admission') return
    this.#enter('connecting', this.now())
    this.nextAttempt()
  }

  protected fail(error: GatewayError): void {
    const { exchange } = this
    this.#noteBody()
    const other = this.#answer === null ? mayFallBack(error, exchange, this.#route) : null
    if (other !== null) {
      fellBack(error, exchange)
      this.moveTo(other)
      this.#watch(this.now())
      this.#move()
      return
    }
    this.#over()
    exchange.reason = error.reason
    exchange.detail = error.detail
    if (this.#answer?.begun === true) {
      this.#answer.breakOff(error)
    } else if (error.reason !== 'client_closed') {
      this.#error = error
      this.answerReady()
    }
  }

  #over(): void {
    this.over = true
    this.#phase = 'over'
    this.#context.wheel.cancel(this)
    const body = this.requestBody
    if (body !== null && !body.ended) {
      body.close()
      lingerAfterAnswer(this.exchange.raw)
    }
    if (body !== null) this.exchange.bytesReceived = body.received
  }

  #enter(phase: Phase, now: number): void {
    this.#phase = phase
    this.#phaseAt = this.activeAt = now
  }
}

function tryAgain(forwarding: Forwarding): void {
  forwarding.tryAgain()
}

function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError('internal_error', { cause: error })
}
