import {
  AttemptLoop,
  bodySource,
  type Endpoint,
  type Exchange,
  editedQuery,
  type GatewayError,
  isRepeatable,
  lingerAfterResponse,
  notifySending,
  type Pool,
  type Reason,
  type Route,
  type UpstreamRequest,
  upstreamTarget
} from '@gatewright/core'
import { Attempt } from './attempt.js'
import type { AttemptOwner } from './attempt-owner.js'
import { errorOf } from './failure.js'
import type { ForwardingContext } from './forwarding-context.js'
import { writeInterim } from './interim.js'
import type { KnownFields } from './known-fields.js'
import { type PhaseOwner, PhaseTimer } from './phase-timer.js'
import { RequestBody } from './request-body.js'
import { upstreamHeaders } from './request-headers.js'
import type { ResponseHead } from './response-headers.js'
import type { StallMeter } from './stall-meter.js'
import type { Limit } from './time-limits.js'

/**
 * The upstream's side of a forwarding: drives the attempt loop with connections, gives each attempt the request and its
 * body, and notes which phase that is. What arrives, the client's side delivers.
 */
export abstract class AttemptDriver
  extends AttemptLoop<Attempt>
  implements AttemptOwner<Attempt>, PhaseOwner
{
  readonly now: () => number
  readonly stalls: StallMeter
  readonly fields: KnownFields
  requestBody: RequestBody | null = null
  protected readonly context: ForwardingContext
  protected readonly route: Route
  protected readonly timer: PhaseTimer

  constructor(context: ForwardingContext, exchange: Exchange, route: Route, pool: Pool) {
    super(exchange.snapshot.stages, exchange, pool, context.report)
    this.context = context
    this.route = route
    this.now = context.now
    this.stalls = context.wheel.stalls
    this.fields = context.fields
    this.timer = new PhaseTimer(this, context.wheel, exchange, route.timeouts, context.now())
  }

  abstract answered(attempt: Attempt, head: ResponseHead, statusText: string): void
  abstract body(attempt: Attempt, chunk: Buffer): boolean
  abstract ended(attempt: Attempt, trailers: readonly Buffer[]): void
  abstract failed(attempt: Attempt): void
  abstract nextLimit(): Limit
  abstract expire(reason: Reason): void

  get activeAt(): number {
    return this.timer.activeAt
  }

  protected create(endpoint: Endpoint): Attempt {
    const { exchange } = this
    const startedAt = exchange.hedging ? this.now() : this.timer.phaseAt
    return new Attempt(this, endpoint, exchange, startedAt, this.context.connectionsOf(endpoint, this.pool))
  }

  protected begin(attempt: Attempt): void {
    if (attempt.begin() && attempt === this.attempt) this.timer.enter('queued', attempt.startedAt)
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
    this.timer.armHedge(delayMs)
  }

  protected disarmHedge(): void {
    this.timer.disarmHedge()
  }

  hedge(): void {
    this.beginHedge()
  }

  /** The wait for the next attempt, or for its admission, has ended. */
  tryAgain(): void {
    this.timer.enter('connecting', this.now())
    this.nextAttempt()
  }

  requestFor(attempt: Attempt): UpstreamRequest {
    const { endpoint, number } = attempt
    const { exchange } = this
    notifySending(this.stages, exchange, attempt, this.report)
    const body = this.requestBody
    return {
      method: exchange.upstreamMethod,
      path: upstreamTarget(exchange, this.route, endpoint, editedQuery(exchange, this.route)),
      headers: upstreamHeaders(exchange, this.route, endpoint, number, this.now),
      body: exchange.body ?? body?.open() ?? null,
      last: false
    }
  }

  mayResend(): boolean {
    this.noteBody()
    return isRepeatable(this.exchange)
  }

  dispatched(attempt: Attempt): void {
    const { timer } = this
    if (attempt === this.attempt && timer.phase === 'connecting') {
      attempt.dispatchedAt ||= timer.phaseAt
      return
    }
    const now = this.now()
    attempt.dispatchedAt ||= attempt.queued ? now : attempt.startedAt
    if (attempt === this.attempt) timer.enter('connecting', now)
  }

  sent(attempt: Attempt): void {
    attempt.sentAt = this.now()
    if (attempt === this.attempt) this.timer.enter('sent', attempt.sentAt)
  }

  // Of two attempts, only one is the response's.
  interim(attempt: Attempt, text: string): void {
    if (this.rival === null) writeInterim(this.exchange.response, text)
    else attempt.interims += text
  }

  protected goesOn(attempt: Attempt): void {
    if (attempt.interims !== '') writeInterim(this.exchange.response, attempt.interims)
    attempt.interims = ''
    // The phase of the first attempt is already this one's.
    if (attempt.hedge)
      this.timer.enter(attempt.waiting ? 'queued' : attempt.sent ? 'sent' : 'connecting', this.now())
  }

  /** Begins to read the client's body, if there is one that no hook has read. */
  protected openBody(): void {
    const { ingress, body, raw } = this.exchange
    if (!ingress.hasBody || body !== null) return
    const { bodyLimit, keepBody } = this.route
    const limits = { most: bodyLimit, kept: ingress.contentLength > keepBody ? 0 : keepBody }
    this.requestBody = new RequestBody(raw, bodySource(this.exchange), limits, this.now)
  }

  /** Records the state of the request body on the exchange. */
  protected noteBody(): void {
    if (this.requestBody === null) return
    this.exchange.bodyKept = this.requestBody.isKept
    this.exchange.bodyEndedAt = this.requestBody.endedAt
  }

  /** No attempt follows: nothing more is read from the client, and no limit holds. */
  protected end(): void {
    this.over = true
    this.timer.end()
    const body = this.requestBody
    if (body === null) return
    if (!body.ended) {
      body.close()
      lingerAfterResponse(this.exchange.raw)
    }
    this.exchange.bytesReceived = body.received
  }
}
