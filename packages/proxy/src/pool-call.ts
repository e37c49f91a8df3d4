import type { IncomingMessage } from 'node:http'
import {
  type Cancellable,
  Exchange,
  GatewayError,
  Ingress,
  type PoolCall,
  type PoolResponse,
  type Reason,
  type Route,
  type UpstreamRequest,
  upstreamTarget
} from '@gatewright/core'
import type { Attempt } from './attempt.js'
import { AttemptDriver } from './attempt-driver.js'
import type { ForwardingContext } from './forwarding-context.js'
import type { ResponseHead } from './response-headers.js'
import { type Limit, nextLimit } from './time-limits.js'

const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE'])

/**
 * A request of the gateway's own to a pool, on behalf of an exchange: the attempts are those of a forwarding, and the
 * response is collected.
 */
export class PoolCalling extends AttemptDriver implements Cancellable {
  readonly #call: PoolCall
  readonly #done: (error: GatewayError | null, response: PoolResponse | null) => void
  #head: ResponseHead | null = null
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(
    context: ForwardingContext,
    parent: Exchange,
    call: PoolCall,
    done: (error: GatewayError | null, response: PoolResponse | null) => void
  ) {
    super(context, exchangeOf(parent, call, context.now()), routeOf(call), call.pool)
    this.#call = call
    this.#done = done
  }

  start(): void {
    this.timer.watch(this.timer.phaseAt, this.#queueTimeoutMs)
    this.nextAttempt()
  }

  clientGone(): void {
    if (this.over) return
    const { attempt } = this
    if (attempt !== null && attempt.endedAt === 0) attempt.cancelled = true
    this.abortAll('client_closed')
  }

  override requestFor({ endpoint }: Attempt): UpstreamRequest {
    const { method, host, headers, body } = this.#call
    const { id, snapshot } = this.exchange
    const list = [...headers, 'host', host || endpoint.host, snapshot.ingress.settings.requestIdHeader, id]
    // RFC 9110, section 8.6: methods that mean a body say that there is none.
    if (body !== null || !BODILESS.has(method)) list.push('content-length', String(body?.length ?? 0))
    const path = upstreamTarget(this.exchange, this.route, endpoint)
    return { method, path, headers: list, body, last: false }
  }

  // Nobody waits for it.
  override interim(): void {}

  answered(attempt: Attempt, head: ResponseHead): void {
    if (!this.attemptAnswered(attempt)) return
    this.timer.enter('answered', attempt.headAt)
    this.#head = head
  }

  body(attempt: Attempt, chunk: Buffer): boolean {
    this.timer.activeAt = this.now()
    this.#bytes += chunk.length
    if (this.#bytes <= this.#call.maxBytes) this.#chunks.push(chunk)
    else {
      attempt.discard()
      this.observe(attempt)
      this.fail(
        new GatewayError('upstream_protocol_error', { detail: `more than ${this.#call.maxBytes} bytes` })
      )
    }
    return true
  }

  ended(attempt: Attempt): void {
    this.observe(attempt)
    this.end()
    const { headers } = this.#head as ResponseHead
    this.#done(null, { status: attempt.status, headers, body: Buffer.concat(this.#chunks) })
  }

  failed(attempt: Attempt): void {
    this.attemptFailed(attempt, this.#head !== null || attempt.failure === 'client_closed')
  }

  protected override wait(delayMs: number): void {
    this.#head = null
    this.#chunks = []
    this.#bytes = 0
    this.timer.wait(delayMs, this.now())
  }

  protected override fail(error: GatewayError): void {
    if (this.over) return
    this.end()
    if (error.reason !== 'client_closed') this.#done(error.known(this.exchange.snapshot.reasons), null)
  }

  expire(reason: Reason): void {
    if (reason === 'deadline_exceeded') this.abortAll(reason)
    else this.attempt?.abort(reason, null)
  }

  nextLimit(): Limit {
    const { timer } = this
    return nextLimit({
      phase: timer.phase,
      phaseAt: timer.phaseAt,
      attemptAt: this.attempt?.startedAt ?? timer.phaseAt,
      activeAt: timer.activeAt,
      deadlineAt: this.exchange.deadlineAt,
      timeouts: this.route.timeouts,
      queueTimeoutMs: this.#queueTimeoutMs,
      uploading: false,
      upstreamStalled: false,
      clientStalled: false
    })
  }

  get #queueTimeoutMs(): number {
    return this.pool.settings.connections.queueTimeoutMs
  }
}

// Stages ask exchanges: this one is the gateway's own request, from the client that it is made for.
function exchangeOf(
  parent: Exchange,
  { pool, method, path, body, timeoutMs }: PoolCall,
  now: number
): Exchange {
  const ingress = new Ingress()
  ingress.client = ingress.peer = parent.ingress.client
  ingress.hasBody = body !== null
  const raw = { method, url: path, headers: {}, rawHeaders: [], complete: true } as unknown as IncomingMessage
  const query = path.indexOf('?')
  const exchange = new Exchange(
    parent.id,
    raw,
    parent.response,
    parent.snapshot,
    now,
    query === -1 ? path : path.slice(0, query),
    query === -1 ? '' : path.slice(query),
    ingress
  )
  exchange.pool = exchange.admittedTo = pool
  exchange.body = body
  exchange.deadlineAt = now + timeoutMs
  return exchange
}

// What a forwarding reads of a route; nothing but its time limits is asked here.
function routeOf({ pool, timeoutMs }: PoolCall): Route {
  return { id: pool.id, rewrite: null, timeouts: { ...pool.settings.timeouts, totalMs: timeoutMs } } as Route
}
