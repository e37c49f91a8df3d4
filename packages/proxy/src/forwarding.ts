// Long because the attempt loop, its phases and its time limits are one state machine that reads best in one place.
import {
  answerLast,
  type Cancellable,
  type Endpoint,
  type Exchange,
  GatewayError,
  lingerAfterAnswer,
  type Pool,
  type Route,
  type Stages,
  upstreamTarget
} from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import type { Dispatcher } from 'undici'
import { Answer, type AnswerOwner } from './answer.js'
import { Attempt, type AttemptOwner, errorOf } from './attempt.js'
import type { Connections } from './connections.js'
import { writeInterim } from './delivery.js'
import { RequestBody } from './request-body.js'
import { type RequestHeaderSettings, upstreamHeaders } from './request-headers.js'
import type { ResponseHead } from './response-headers.js'
import {
  decideRetry,
  isRepeatable,
  pickEndpoint,
  type Report,
  tellEnded,
  tellStarted
} from './stage-calls.js'
import { type Limit, nextLimit, type Phase, shortest } from './time-limits.js'
import { Timed, type TimerWheel } from './timer-wheel.js'

/** What all forwardings of an app share. */
export interface ForwardingContext extends RequestHeaderSettings {
  readonly stages: Stages
  readonly wheel: TimerWheel
  readonly now: () => number
  connectionsOf(endpoint: Endpoint, pool: Pool): Connections
  /** Whether clients should close their connections. */
  isDraining(): boolean
  readonly report: Report
}

/** What reply-from is called back with. The answer's headers are written by {@link Forwarding.respond}. */
export type TransportDone = (
  error: null,
  answer: { readonly statusCode: number; readonly headers: Record<string, never>; readonly body: Forwarding }
) => void

const NO_HEADERS: Record<string, never> = {}

/**
 * One request on its way to its pool: the attempt loop (filter, pick, send, observe, decide) and its time
 * limits. Nothing of an answer is given to the client before the retry policy has let it go.
 */
export class Forwarding extends Timed implements AttemptOwner, AnswerOwner, Cancellable {
  readonly now: () => number
  readonly #context: ForwardingContext
  readonly #exchange: Exchange
  readonly #route: Route
  readonly #pool: Pool
  readonly #done: TransportDone
  readonly #step: number
  #phase: Phase = 'connecting'
  #phaseAt: number
  #activeAt: number
  #attempt: Attempt | null = null
  #requestBody: RequestBody | null = null
  #answer: Answer | null = null
  #error: GatewayError | null = null

  /** `done` is called once: when there is an answer to give, or an error. Never after the client has left. */
  constructor(context: ForwardingContext, exchange: Exchange, route: Route, pool: Pool, done: TransportDone) {
    super()
    this.#context = context
    this.#exchange = exchange
    this.#route = route
    this.#pool = pool
    this.#done = done
    this.now = context.now
    this.#phaseAt = this.#activeAt = this.now()
    const { timeouts } = route
    if (timeouts.totalMs > 0) exchange.deadlineAt = exchange.startedAt + timeouts.totalMs
    this.#step = shortest(timeouts, pool.settings.connections.queueTimeoutMs)
  }

  get #status(): number {
    return this.#error?.statusCode ?? (this.#answer as Answer).status
  }

  start(): void {
    const { ingress, body, raw } = this.#exchange
    const { bodyLimit } = this.#route
    this.#exchange.inProgress = this
    if (ingress.hasBody && body === null) this.#requestBody = new RequestBody(raw, bodyLimit, this.now)
    if (bodyLimit > 0 && (body?.length ?? ingress.contentLength) > bodyLimit) {
      this.#fail(new GatewayError('body_too_large', { detail: `more than ${bodyLimit} bytes` }))
      return
    }
    this.#context.wheel.schedule(this, this.#phaseAt + this.#step)
    this.#next()
  }

  // One turn of the loop: filter, pick, send. What comes of it is reported to the methods below.
  #next(): void {
    const exchange = this.#exchange
    let attempt: Attempt
    try {
      const endpoint = pickEndpoint(this.#context.stages, this.#pool, exchange)
      attempt = new Attempt(
        this,
        endpoint,
        exchange.attempts.length + 1,
        this.#phaseAt,
        this.#context.connectionsOf(endpoint, this.#pool)
      )
    } catch (error) {
      this.#fail(error instanceof GatewayError ? error : new GatewayError('internal_error', { cause: error }))
      return
    }
    this.#attempt = attempt
    exchange.attempts.push(attempt)
    const { stages, report } = this.#context
    tellStarted(stages, this.#pool, exchange, attempt.endpoint, report)
    if (attempt.begin()) this.#enter('queued', attempt.startedAt)
  }

  requestFor({ endpoint }: Attempt): Dispatcher.DispatchOptions {
    const exchange = this.#exchange
    return {
      path: upstreamTarget(exchange, this.#route, endpoint),
      method: exchange.method as Dispatcher.HttpMethod,
      headers: upstreamHeaders(exchange, this.#route, endpoint, this.#context),
      body: exchange.body ?? this.#requestBody,
      blocking: false
    }
  }

  mayResend(): boolean {
    return isRepeatable(this.#exchange)
  }

  dispatched(): void {
    if (this.#phase !== 'connecting') this.#enter('connecting', this.now())
  }

  sent(): void {
    this.#enter('sent', this.now())
  }

  interim(status: number, head: ResponseHead): void {
    writeInterim(this.#exchange.response, status, head)
  }

  answered(attempt: Attempt, head: ResponseHead, statusText: string): void {
    const delay = this.#decide(attempt)
    if (delay !== null) {
      attempt.discard()
      this.#observe(attempt)
      this.#wait(delay)
      return
    }
    this.#enter('answered', attempt.headAt)
    this.#answer = new Answer(this.#exchange, attempt.status, head, statusText, this)
    this.#answer.expectBody()
  }

  body(_attempt: Attempt, chunk: Buffer): boolean {
    const answer = this.#answer as Answer
    if (answer.begun) this.#activeAt = this.now()
    return answer.pass(chunk)
  }

  ended(attempt: Attempt, trailers: readonly Buffer[]): void {
    this.#observe(attempt)
    this.#over()
    this.#answer?.end(trailers)
  }

  failed(attempt: Attempt): void {
    this.#observe(attempt)
    const begun = this.#answer?.begun === true
    const delay = begun || attempt.failure === 'client_closed' ? null : this.#decide(attempt)
    if (delay === null) this.#fail(errorOf(attempt))
    else this.#wait(delay)
  }

  clientGone(): void {
    if (this.#phase === 'over') return
    if (this.#phase === 'waiting') this.#fail(new GatewayError('client_closed'))
    else this.#attempt?.abort('client_closed', null)
  }

  answerReady(): void {
    this.#done(null, { statusCode: this.#status, headers: NO_HEADERS, body: this })
  }

  resumeBody(): void {
    this.#activeAt = this.now()
    this.#attempt?.resume()
  }

  abandonBody(): void {
    this.clientGone()
  }

  /** Called by reply-from when the client has left in the meantime. */
  destroy(): void {
    this.clientGone()
  }

  /** Gives the answer, or the error, to Fastify: hooks and error handlers see it as any other. */
  respond(reply: FastifyReply): void {
    if (this.#context.isDraining()) answerLast(this.#exchange.raw, reply)
    if (this.#error !== null) {
      reply.send(this.#error)
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

  /** Takes the answer back from the reply: something else is sent in its place. */
  drop(reply: FastifyReply): void {
    if (this.#answer === null || reply.raw.headersSent) return
    this.#answer.retract(reply)
    const attempt = this.#attempt
    if (this.#phase === 'over' || attempt === null) return
    attempt.discard()
    this.#observe(attempt)
    this.#over()
  }

  override wake(now: number): number {
    if (this.#phase === 'waiting') {
      this.#enter('connecting', now)
      this.#next()
    } else if (this.#phase !== 'over') {
      const { at, reason } = this.#nextLimit()
      if (now < at) return Math.min(at, now + this.#step)
      this.#attempt?.abort(reason, null)
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
    const body = this.#requestBody
    return nextLimit({
      phase: this.#phase,
      phaseAt: this.#phaseAt,
      activeAt: Math.max(this.#activeAt, body?.activeAt ?? 0),
      deadlineAt: this.#answer?.isEventStream === true ? 0 : this.#exchange.deadlineAt,
      timeouts: this.#route.timeouts,
      queueTimeoutMs: this.#pool.settings.connections.queueTimeoutMs,
      uploading: body !== null && !body.ended,
      upstreamStalled: body?.stalled === true,
      clientStalled: this.#answer?.stalled === true
    })
  }

  #decide(attempt: Attempt): number | null {
    const { stages, report } = this.#context
    return decideRetry(stages, attempt, this.#exchange, report)
  }

  #wait(delayMs: number): void {
    const now = this.now()
    this.#answer = null
    this.#enter('waiting', now)
    this.#context.wheel.schedule(this, now + delayMs)
  }

  #fail(error: GatewayError): void {
    this.#over()
    const exchange = this.#exchange
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
    this.#phase = 'over'
    this.#context.wheel.cancel(this)
    const body = this.#requestBody
    if (body !== null && !body.ended) {
      body.destroy()
      lingerAfterAnswer(this.#exchange.raw)
    }
    if (body !== null) this.#exchange.bytesReceived = body.received
  }

  #enter(phase: Phase, now: number): void {
    this.#phase = phase
    this.#phaseAt = this.#activeAt = now
  }

  #observe(attempt: Attempt): void {
    const { stages, report } = this.#context
    tellEnded(stages, this.#pool, this.#exchange, attempt, report)
  }
}
