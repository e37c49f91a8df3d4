import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { bodyError, bytesOf, type Clock, GatewayError, notBytes, whenReceived } from '@gatewright/core'

/** What a request's body may be, in bytes. */
export interface BodyLimits {
  /** 0 for none. Beyond it the stream fails with `body_too_large`. */
  readonly most: number
  /** How much is kept so that it can be sent again; 0 keeps nothing. */
  readonly kept: number
}

/**
 * A request's body on its way upstream: the bytes as they come, counted, with back-pressure. It stands between
 * the client's socket and the transport, so that ending one never destroys the other. Every attempt reads it from
 * the beginning, by a stream of its own, as long as all that has come is kept.
 */
export class RequestBody {
  readonly #raw: IncomingMessage
  readonly #source: Readable
  readonly #limits: BodyLimits
  readonly #clock: Clock
  #chunks: Buffer[] | null
  #stream: BodyStream | null = null
  #reading = false
  #error: GatewayError | null = null
  /** Bytes received so far. */
  received = 0
  /** Whether the last byte has been received. */
  ended = false
  /** When that was; 0 before. */
  endedAt = 0
  /** Whether the upstream takes no more for now: a silence is then not the client's. */
  stalled = false
  /** When bytes last came or the upstream last took some, in milliseconds of the clock. */
  activeAt: number
  #wantedAt = 0

  /** `source` is the request, or what a hook has made of its body; see `bodySource`. */
  constructor(raw: IncomingMessage, source: Readable, limits: BodyLimits, clock: Clock) {
    this.#raw = raw
    this.#source = source
    this.#limits = limits
    this.#clock = clock
    this.#chunks = limits.kept > 0 ? [] : null
    this.activeAt = clock()
  }

  /** Whether all that has come is kept, so that the body can be read again. */
  get isKept(): boolean {
    return this.#chunks !== null
  }

  /** Since when the client's next bytes are waited for; 0: they are not. */
  get waitedSince(): number {
    return this.ended || this.stalled ? 0 : this.#wantedAt
  }

  /** The body for an attempt; the previous attempt's stream has ended. */
  open(): Readable {
    this.#stream?.destroy()
    this.#stream = new BodyStream(this, this.#chunks ?? [])
    return this.#stream
  }

  /** The stream has passed on the buffered part and wants more. */
  pull(stream: BodyStream): void {
    if (stream !== this.#stream) return
    this.activeAt = this.#clock()
    if (this.stalled || !this.#reading) this.#wantedAt = this.activeAt
    this.stalled = false
    if (this.ended) {
      stream.push(null)
      return
    }
    if (this.#error !== null) {
      stream.destroy(this.#error)
      return
    }
    if (!this.#reading) this.#begin()
    this.#source.resume()
  }

  /** The stream has no reader any more. */
  leave(stream: BodyStream): void {
    if (stream !== this.#stream) return
    this.#stream = null
    if (!this.ended) this.#source.pause()
  }

  /** Nothing more is read from the client. */
  close(): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onGone)
    this.#stream?.destroy()
    this.#chunks = null
    // What still comes is not worth a hook's work.
    if (this.#source !== this.#raw) this.#raw.unpipe()
  }

  #begin(): void {
    this.#reading = true
    this.#source.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onGone)
    // Without a listener a client that leaves would be an uncaught exception.
    this.#source.on('error', this.#source === this.#raw ? ignore : this.#onError)
    if (this.#source.errored && this.#source !== this.#raw) this.#onError(this.#source.errored)
    else if (this.#source.destroyed) this.#onGone()
  }

  #keep(chunk: Buffer): void {
    if (this.#chunks === null) return
    if (this.received > this.#limits.kept) this.#chunks = null
    else this.#chunks.push(chunk)
  }

  readonly #onData = (data: unknown): void => {
    const chunk = bytesOf(data)
    if (chunk === null) {
      this.#fail(notBytes())
      return
    }
    const { most } = this.#limits
    this.received += chunk.length
    this.activeAt = this.#clock()
    this.#keep(chunk)
    const stream = this.#stream
    if (most > 0 && this.received > most) {
      stream?.destroy(new GatewayError('body_too_large', { detail: `more than ${most} bytes` }))
    } else if (stream === null || !stream.accept(chunk)) {
      this.stalled = stream !== null
      this.#source.pause()
    }
  }

  readonly #onEnd = (): void => {
    if (this.#source === this.#raw) {
      this.#end()
      return
    }
    this.#source.off('close', this.#onGone)
    whenReceived(this.#raw, () => this.#end(), this.#onGone)
  }

  #end(): void {
    this.activeAt = this.endedAt = this.#clock()
    this.ended = true
    this.#stream?.push(null)
  }

  readonly #onGone = (): void => {
    if (!this.ended) this.#fail(new GatewayError('client_closed', { detail: 'left while sending the body' }))
  }

  readonly #onError = (error: Error): void => {
    if (!this.ended) this.#fail(bodyError(error))
  }

  #fail(error: GatewayError): void {
    this.#error ??= error
    this.#stream?.destroy(this.#error)
  }
}

class BodyStream extends Readable {
  readonly #body: RequestBody
  // Shared with the body: missing chunks are at its end.
  readonly #chunks: readonly Buffer[]
  #next = 0

  constructor(body: RequestBody, chunks: readonly Buffer[]) {
    super({ highWaterMark: 64 * 1024 })
    this.#body = body
    this.#chunks = chunks
  }

  /** A new chunk. Returns false to pause until the next {@link RequestBody.pull}. */
  accept(chunk: Buffer): boolean {
    this.#next = this.#chunks.length
    return this.push(chunk)
  }

  override _read(): void {
    while (this.#next < this.#chunks.length) if (!this.push(this.#chunks[this.#next++])) return
    this.#body.pull(this)
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#body.leave(this)
    callback(error)
  }
}

function ignore(): void {}
