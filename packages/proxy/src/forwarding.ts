import {
  admitAgain,
  type Cancellable,
  type Exchange,
  GatewayError,
  type Pool,
  type Reason,
  type ResponseEdit,
  type Route,
  respondLast
} from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import type { Attempt } from './attempt.js'
import { AttemptDriver } from './attempt-driver.js'
import { answerInstead, fellBack, mayFallBack } from './fallback.js'
import type { ForwardingContext } from './forwarding-context.js'
import type { ReadBuffers } from './read-buffers.js'
import type { ResponseHead } from './response-headers.js'
import { deadlineOf, type Limit, nextLimit } from './time-limits.js'
import { type ResponseOwner, UpstreamResponse } from './upstream-response.js'

/** What reply-from is called back with. The response's headers are written by {@link Forwarding.respond}. */
export type TransportDone = (
  error: null,
  answer: { readonly statusCode: number; readonly headers: Record<string, never>; readonly body: Forwarding }
) => void

const NO_HEADERS: Record<string, never> = {}

/**
 * One request on its way to its pool: from its admission to the response or the error that the client gets. Nothing of an
 * answer is given to the client before the retry policy has let it go.
 */
export class Forwarding extends AttemptDriver implements ResponseOwner, Cancellable {
  readonly buffers: ReadBuffers
  readonly #done: TransportDone
  #answer: UpstreamResponse | null = null
  #error: GatewayError | null = null

  /** `done` is called once: when there is a response to give, or an error. Never after the client has left. */
  constructor(context: ForwardingContext, exchange: Exchange, route: Route, pool: Pool, done: TransportDone) {
    super(context, exchange, route, pool)
    this.#done = done
    this.buffers = context.buffers
    exchange.deadlineAt = deadlineOf(exchange, route.timeouts)
  }

  start(): void {
    const { exchange, timer } = this
    const { bodyLimit } = this.route
    this.openBody()
    exchange.inProgress = this
    if (bodyLimit > 0 && (exchange.body?.length ?? exchange.ingress.contentLength) > bodyLimit) {
      this.fail(new GatewayError('body_too_large', { detail: `more than ${bodyLimit} bytes` }))
      return
    }
    timer.watch(timer.phaseAt, this.#queueTimeoutMs)
    if (exchange.admittedTo === this.pool || this.stages.admissions.length === 0) this.nextAttempt()
    else this.#admit()
  }

  // What lets requests in has not been asked for this pool.
  #admit(): void {
    this.timer.enter('admission', this.now())
    admitAgain(this.stages, this.exchange, (refusal) => {
      if (this.timer.phase !== 'admission') return
      if (refusal !== undefined) this.fail(asGatewayError(refusal))
      else this.tryAgain()
    })
  }

  answered(attempt: Attempt, head: ResponseHead, statusText: string): void {
    this.noteBody()
    if (!this.attemptAnswered(attempt)) return
    this.timer.enter('answered', attempt.headAt)
    this.#answer = new UpstreamResponse(this.exchange, attempt, head, statusText, this)
    this.#answer.expectBody()
  }

  body(_attempt: Attempt, chunk: Buffer): boolean {
    const answer = this.#answer as UpstreamResponse
    if (answer.begun) this.timer.activeAt = this.now()
    return answer.pass(chunk)
  }

  ended(attempt: Attempt, trailers: readonly Buffer[]): void {
    this.observe(attempt)
    this.end()
    this.#answer?.end(trailers)
  }

  failed(attempt: Attempt): void {
    this.noteBody()
    this.attemptFailed(attempt, this.#answer?.begun === true || attempt.failure === 'client_closed')
  }

  protected wait(delayMs: number): void {
    this.#answer = null
    this.timer.wait(delayMs, this.now())
  }

  protected fail(given: GatewayError): void {
    const { exchange } = this
    const error = given.known(exchange.snapshot.reasons)
    this.noteBody()
    const other = this.#answer === null ? mayFallBack(error, exchange, this.route) : null
    if (other !== null) {
      fellBack(error, exchange)
      this.moveTo(other)
      this.timer.watch(this.now(), this.#queueTimeoutMs)
      this.#admit()
      return
    }
    this.end()
    exchange.reason = error.reason
    exchange.detail = error.detail
    if (this.#answer?.begun === true) {
      this.#answer.breakOff(error)
    } else if (error.reason !== 'client_closed') {
      this.#error = error
      this.responseReady()
    }
  }

  clientGone(): void {
    if (!this.over) this.abortAll('client_closed')
  }

  expire(reason: Reason): void {
    const { attempt } = this
    if (reason !== 'deadline_exceeded') {
      attempt?.abort(reason, null)
      return
    }
    // A deadline that the client has set, and not the route, says nothing of the endpoint; nor does a wait in line.
    if (attempt !== null && (attempt.waiting || this.timer.isClients)) attempt.cancelled = true
    this.abortAll(reason)
  }

  nextLimit(): Limit {
    const { timer, requestBody: body } = this
    return nextLimit({
      phase: timer.phase,
      phaseAt: timer.phaseAt,
      attemptAt: this.attempt?.startedAt ?? timer.phaseAt,
      activeAt: Math.max(timer.activeAt, body?.activeAt ?? 0),
      deadlineAt: this.#answer?.isEventStream === true ? 0 : this.exchange.deadlineAt,
      timeouts: this.route.timeouts,
      queueTimeoutMs: this.#queueTimeoutMs,
      uploading: body !== null && !body.ended,
      upstreamStalled: body?.stalled === true,
      clientStalled: this.#answer?.stalled === true
    })
  }

  responseReady(): void {
    const statusCode = this.#error?.statusCode ?? (this.#answer as UpstreamResponse).status
    this.#done(null, { statusCode, headers: NO_HEADERS, body: this })
  }

  get responseEdits(): readonly ResponseEdit[] {
    return this.route.pipeline.responseEdits
  }

  discardBody(): void {
    this.#discardResponse()
  }

  resumeBody(): void {
    this.attempt?.resume()
    this.timer.activeAt = this.now()
  }

  abandonBody(error: Error | null): void {
    const { exchange } = this
    // Where the response has ended, a hook has sent something else.
    if (exchange.response.writableEnded) this.#discardResponse()
    else if (error instanceof GatewayError && !this.over) {
      // A hook that reads it has found that it must not go on.
      exchange.reason = error.reason
      exchange.detail = error.detail
      this.#discardResponse()
    } else this.clientGone()
  }

  /** Called by reply-from when the client has left in the meantime. */
  destroy(): void {
    this.clientGone()
  }

  /** Gives the response, or the error, to Fastify: hooks and error handlers see it as any other. */
  respond(reply: FastifyReply): void {
    if (this.context.isDraining()) respondLast(this.exchange.raw, reply)
    if (this.#error !== null) {
      if (!answerInstead(this.#error, this.exchange, this.route, reply)) reply.send(this.#error)
      return
    }
    try {
      this.#answer?.respond(reply)
    } catch (error) {
      // Fastify or Node would not have the head. Thrown on, it would be lost in the transport, and the client wait.
      this.drop(reply)
      reply.send(new GatewayError('internal_error', { cause: error }))
    }
  }

  /** Takes the response back from the reply, or stops waiting for one: something else is sent in its place. */
  drop(reply: FastifyReply): void {
    if (reply.raw.headersSent) return
    if (this.#answer === null) {
      const { reason, detail } = this.exchange
      this.clientGone()
      Object.assign(this.exchange, { reason, detail })
      return
    }
    this.#answer.retract(reply)
    this.#discardResponse()
  }

  #discardResponse(): void {
    const { attempt } = this
    if (this.over || attempt === null) return
    attempt.discard()
    this.observe(attempt)
    this.end()
  }

  get #queueTimeoutMs(): number {
    return this.pool.settings.connections.queueTimeoutMs
  }
}

function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError('internal_error', { cause: error })
}
