import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { type Clock, GatewayError } from '@gatewright/core'

/**
 * A request's body on its way upstream: the bytes as they come, counted, with back-pressure. It stands between
 * the client's socket and the transport, so that ending one never destroys the other.
 */
export class RequestBody extends Readable {
  readonly #raw: IncomingMessage
  readonly #limit: number
  readonly #clock: Clock
  #reading = false
  /** Bytes received so far. */
  received = 0
  /** Whether the last byte has been received. */
  ended = false
  /** Whether the upstream takes no more for now: a silence is then not the client's. */
  stalled = false
  /** When bytes last came or the upstream last took some, in milliseconds of the clock. */
  activeAt: number

  /** `limit` in bytes; 0 for none. Beyond it the stream fails with `body_too_large`. */
  constructor(raw: IncomingMessage, limit: number, clock: Clock) {
    super({ highWaterMark: 64 * 1024 })
    this.#raw = raw
    this.#limit = limit
    this.#clock = clock
    this.activeAt = clock()
  }

  override _read(): void {
    this.stalled = false
    this.activeAt = this.#clock()
    if (!this.#reading) this.#begin()
    this.#raw.resume()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const raw = this.#raw
    raw.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onGone)
    if (!this.ended) raw.pause()
    callback(error)
  }

  #begin(): void {
    this.#reading = true
    this.#raw.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onGone)
    // Without a listener a client that leaves would be an uncaught exception.
    this.#raw.on('error', ignore)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.received += chunk.length
    this.activeAt = this.#clock()
    if (this.#limit > 0 && this.received > this.#limit) {
      this.destroy(new GatewayError('body_too_large', { detail: `more than ${this.#limit} bytes` }))
    } else if (!this.push(chunk)) {
      this.stalled = true
      this.#raw.pause()
    }
  }

  readonly #onEnd = (): void => {
    this.activeAt = this.#clock()
    this.ended = true
    this.push(null)
  }

  readonly #onGone = (): void => {
    if (!this.ended)
      this.destroy(new GatewayError('client_closed', { detail: 'left while sending the body' }))
  }
}

function ignore(): void {}
