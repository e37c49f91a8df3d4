import { type Endpoint, type Exchange, GatewayError, type Reason } from '@gatewright/core'
import type { Dispatcher } from 'undici'
import { AttemptFacts } from './attempt-facts.js'
import type { AttemptOwner } from './attempt-owner.js'
import type { Connection, Connections, Waiter } from './connections.js'
import { isShortBody, isStaleConnection, reasonOf } from './failure.js'
import { InterimCount, interimText } from './interim.js'
import { BadHeadError, fieldValue, readHead } from './response-headers.js'
import type { ClientPace } from './slow-clients.js'

/** One try at one endpoint: takes a connection, sends, and reports what comes back. Undici's request handler. */
export class Attempt extends AttemptFacts implements Waiter, Dispatcher.DispatchHandler {
  /** Interim answers that are held back until it is known which attempt's answer the client gets. */
  interims = ''
  nextWaiter: Waiter | null = null
  previousWaiter: Waiter | null = null
  waiting = false
  readonly client: string
  /** Whether it has had to wait in line for a connection. */
  queued = false
  readonly #owner: AttemptOwner
  readonly #connections: Connections
  #connection: Connection | null = null
  #abort: ((error?: Error) => void) | null = null
  #resume: (() => void) | null = null
  #paused = false
  #pauseMs = 0
  #upstreamEnded = false
  #untilClose = false
  #interim: InterimCount | null = null
  #began = false
  #over = false

  constructor(
    owner: AttemptOwner,
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
    let request: Dispatcher.DispatchOptions
    try {
      request = this.#owner.requestFor(this)
    } catch (error) {
      this.#release(false)
      this.#fail(error instanceof GatewayError ? error.reason : 'internal_error', error)
      return
    }
    if (this.#connections.endsWithNext(connection)) request.reset = true
    else if (request.method === 'HEAD') request.reset = this.#connections.endsWithHead(connection)
    connection.client.dispatch(request, this)
  }

  upstreamEnded(): void {
    this.#upstreamEnded = true
    this.resume()
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

  passedOver(bytes: number): void {
    this.#interim ??= new InterimCount()
    this.#interim.add(bytes)
  }

  /** Ends the attempt at once, for `reason`. Its connection is destroyed, made or not. */
  abort(reason: Reason, error: unknown): void {
    if (this.#over) return
    if (this.waiting) this.#connections.leave(this)
    this.#fail(reason, error)
    this.#cancel()
  }

  /** Forgets the answer that has begun to arrive; nothing is reported. */
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
    this.#resume?.()
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#over) {
      abort()
      return
    }
    this.#abort = abort
    this.sent = true
    this.#owner.sent(this)
  }

  onResponseStarted(): void {
    this.#began = true
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 100 || status > 599) throw new BadHeadError(`status ${status}`)
    if (status < 200) {
      const text = interimText(status, statusText, raw, this.#owner.fields)
      this.passedOver(text.length)
      this.#owner.interim(this, text)
      return true
    }
    const head = readHead(raw, this.#owner.fields)
    this.#resume = resume
    this.#untilClose = head.untilClose
    this.status = status
    this.headAt = this.#owner.now()
    this.noteStall(this.headAt)
    if (status >= 400) this.retryAfter = fieldValue(head, 'retry-after')
    this.#owner.answered(this, head, statusText)
    return !this.#paused
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true
    this.#paused = !this.#owner.body(this, chunk) && !this.#upstreamEnded
    return !this.#paused
  }

  onComplete(trailers: string[] | null): void {
    const connection = this.#connection
    if (this.#untilClose && this.#upstreamEnded && connection?.wasReset !== undefined) {
      this.#abort = null
      connection.wasReset((error) => this.#closed(error))
      return
    }
    this.#release(true)
    this.#complete((trailers ?? []) as unknown as readonly Buffer[])
  }

  // The connection was the end of the body, and has ended.
  #closed(error: Error | null): void {
    this.#release(error === null)
    if (error === null) this.#complete([])
    else if (!this.#over) this.#fail('upstream_reset', error)
  }

  onError(error: Error): void {
    if (!this.#over && !this.#began && this.reused && isStaleConnection(error) && this.#owner.mayResend()) {
      this.#sendAgain()
      return
    }
    this.#release(false)
    if (this.status === 304 && isShortBody(error)) this.#complete([])
    else if (!this.#over) this.#fail(this.#reasonOf(error), error)
  }

  // Undici reports what it cannot parse as a short body too, when a length was declared.
  #reasonOf(error: Error): Reason {
    const unparsable = isShortBody(error) && !this.#upstreamEnded
    return unparsable ? 'upstream_protocol_error' : reasonOf(error, this.sent)
  }

  // The client has just lost its socket, so what is sent on it next goes out on a new one.
  #sendAgain(): void {
    this.reused = this.sent = this.#upstreamEnded = false
    this.reconnected = true
    this.#abort = null
    process.nextTick(() => {
      if (this.#over) this.#release(false)
      else this.connected(this.#connection as Connection)
    })
  }

  #complete(trailers: readonly Buffer[]): void {
    if (this.#over) return
    this.#over = true
    this.endedAt = this.#owner.now()
    this.#owner.ended(this, trailers)
  }

  #fail(reason: Reason, error: unknown): void {
    this.#over = true
    this.failure = reason
    this.error = error
    this.endedAt = this.#owner.now()
    if (this.headAt === 0) this.noteStall(this.endedAt)
    this.#owner.failed(this)
  }

  // Until the transport has begun to send, there is only the connection to end.
  #cancel(): void {
    if (this.#abort === null) this.#release(false)
    else this.#abort()
  }

  #release(healthy: boolean): void {
    const connection = this.#connection
    if (connection === null) return
    this.#connection = null
    this.#abort = null
    this.#connections.release(connection, healthy)
  }
}
