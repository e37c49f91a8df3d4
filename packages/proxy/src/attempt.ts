import {
  type Endpoint,
  type Exchange,
  GatewayError,
  type Reason,
  type ResponseReceiver,
  type UpstreamRequest
} from '@gatewright/core'
import { AttemptFacts } from './attempt-facts.js'
import type { AttemptOwner } from './attempt-owner.js'
import type { Connection, Waiter } from './connection.js'
import type { Connections } from './connections.js'
import { isStaleConnection, reasonOf } from './failure.js'
import { InterimCount, interimText } from './interim.js'
import { BadHeadError, fieldValue, readHead } from './response-headers.js'
import type { ClientPace } from './slow-clients.js'

/** One try at one endpoint: takes a connection, sends, and reports what comes back. */
export class Attempt extends AttemptFacts implements Waiter, ResponseReceiver {
  /** Interim answers that are held back until it is known which attempt's answer the client gets. */
  interims = ''
  nextWaiter: Waiter | null = null
  previousWaiter: Waiter | null = null
  waiting = false
  readonly client: string
  /** Whether it has had to wait in line for a connection. */
  queued = false
  readonly #owner: AttemptOwner<Attempt>
  readonly #connections: Connections
  #connection: Connection | null = null
  #paused = false
  #pauseMs = 0
  #interim: InterimCount | null = null
  #began = false
  #over = false

  constructor(
    owner: AttemptOwner<Attempt>,
    endpoint: Endpoint,
    exchange: Exchange,
    startedAt: number,
    connections: Connections
  ) {
    super(endpoint, exchange, startedAt, owner.stalls)
    this.client = exchange.ingress.client
    this.#owner = owner
    this.#connections = connections
  }

  /** Takes a connection and sends, or waits in line for one. True when it waits. */
  begin(): boolean {
    let connection: ReturnType<Connections['acquire']>
    try {
      connection = this.#connections.acquire(this)
    } catch (error) {
      this.#fail('internal_error', error)
      return false
    }
    if (connection === 'full') this.#fail('pool_queue_full', null)
    else if (connection === 'wait') this.queued = true
    else this.connected(connection)
    return this.waiting
  }

  connected(connection: Connection): void {
    this.#connection = connection
    connection.user = this
    this.reused = connection.served > 0
    this.#owner.dispatched(this)
    let request: UpstreamRequest
    try {
      request = this.#owner.requestFor(this)
    } catch (error) {
      this.#release(false)
      this.#fail(error instanceof GatewayError ? error.reason : 'internal_error', error)
      return
    }
    if (this.#connections.endsWithNext(connection)) request.last = true
    else if (request.method === 'HEAD') request.last = this.#connections.endsWithHead(connection)
    connection.upstream.begin(request, this)
  }

  clientPace(): ClientPace | null {
    if (this.#over || !this.sent) return null
    if (this.status === 0) return this.#owner.requestBody
    return this.#paused ? { waitedSince: this.#owner.activeAt, pauseMs: this.#pauseMs } : null
  }

  displace(): void {
    this.#fail('pool_queue_full', null)
  }

  takeBack(): void {
    const reason = this.status === 0 ? 'request_timeout' : 'client_too_slow'
    this.abort(reason, new GatewayError(reason, { detail: 'too slow while others waited for a connection' }))
  }

  /** Ends the attempt at once, for `reason`. Its connection is destroyed, made or not. */
  abort(reason: Reason, error: unknown): void {
    if (this.#over) return
    if (this.waiting) this.#connections.leave(this)
    this.#fail(reason, error)
    this.#cancel()
  }

  /** Forgets the response that has begun to arrive; nothing is reported. */
  discard(): void {
    this.#over = true
    this.endedAt = this.#owner.now()
    this.#cancel()
  }

  /** Ends the attempt because another one has answered first; nothing is reported. */
  giveUp(): void {
    this.cancelled = true
    this.noteStall(this.#owner.now())
    if (this.waiting) this.#connections.leave(this)
    this.discard()
  }

  /** The body may flow again. */
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#pauseMs = this.#owner.now() - this.#owner.activeAt
    this.#connection?.upstream.resume()
  }

  sending(): void {
    if (this.#over) return
    this.sent = true
    this.#owner.sent(this)
  }

  began(): void {
    this.#began = true
  }

  interim(status: number, fields: readonly Buffer[], statusText: string): void {
    const text = interimText(status, statusText, fields, this.#owner.fields)
    this.passedOver(text.length)
    this.#owner.interim(this, text)
  }

  passedOver(bytes: number): void {
    this.#interim ??= new InterimCount()
    this.#interim.add(bytes)
  }

  head(status: number, fields: readonly Buffer[], statusText: string): boolean {
    if (status < 200 || status > 599) throw new BadHeadError(`status ${status}`)
    const head = readHead(fields, this.#owner.fields)
    this.status = status
    this.headAt = this.#owner.now()
    this.noteStall(this.headAt)
    if (status >= 400) this.retryAfter = fieldValue(head, 'retry-after')
    this.#owner.answered(this, head, statusText)
    return head.untilClose
  }

  data(chunk: Buffer): boolean {
    if (this.#over) return true
    this.#paused = !this.#owner.body(this, chunk)
    return !this.#paused
  }

  end(trailers: readonly Buffer[], reusable: boolean): void {
    this.#release(reusable)
    if (this.#over) return
    this.#over = true
    this.endedAt = this.#owner.now()
    this.#owner.ended(this, trailers)
  }

  failed(error: Error): void {
    if (!this.#over && !this.#began && this.reused && isStaleConnection(error) && this.#owner.mayResend()) {
      this.#sendAgain()
      return
    }
    this.#release(false)
    if (!this.#over) this.#fail(reasonOf(error, this.sent), error)
  }

  // The connection has just been lost, so the next request uses a new one.
  #sendAgain(): void {
    this.reused = this.sent = false
    this.reconnected = true
    process.nextTick(() => {
      if (this.#over) this.#release(false)
      else this.connected(this.#connection as Connection)
    })
  }

  #fail(reason: Reason, error: unknown): void {
    this.#over = true
    this.failure = reason
    this.error = error
    this.endedAt = this.#owner.now()
    if (this.headAt === 0) this.noteStall(this.endedAt)
    this.#owner.failed(this)
  }

  // Until it sends, there is only the connection to end.
  #cancel(): void {
    this.#connection?.upstream.abort()
    this.#release(false)
  }

  #release(reusable: boolean): void {
    const connection = this.#connection
    if (connection === null) return
    this.#connection = null
    this.#connections.release(connection, reusable)
  }
}
