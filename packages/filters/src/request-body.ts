import { Readable } from 'node:stream'
import { bodyError, bodySource, bytesOf, type Exchange, GatewayError, notBytes } from '@gatewright/core'
import type { FilterRequest } from './filter.js'

type Body = Pick<FilterRequest, 'body' | 'isPartial'>

/**
 * The request body for a filter that gets at most `maxBytes` of it. Of a longer one it gets the beginning where `partial`, and
 * the whole goes on to the upstream; else rejects with `body_too_large` (413). Rejects as `exchange.buffer` does.
 */
export async function readBodyFor(exchange: Exchange, maxBytes: number, partial: boolean): Promise<Body> {
  const { body, ingress } = exchange
  if (!ingress.hasBody) return { body: Buffer.alloc(0), isPartial: false }
  if (body !== null) return beginningOf(body, maxBytes, partial)
  if (!partial) {
    if (ingress.contentLength > maxBytes) throw tooLarge(maxBytes)
    return { body: await exchange.buffer(maxBytes), isPartial: false }
  }
  const peeked = exchange.payload instanceof PeekedBody ? exchange.payload : new PeekedBody(exchange)
  const beginning = await peeked.peek(maxBytes)
  if (peeked.isWhole) {
    // Nothing is left to come: it may be sent again, and asked for as a whole.
    exchange.payload = null
    exchange.body = peeked.whole()
    return beginningOf(exchange.body, maxBytes, true)
  }
  exchange.payload = peeked
  return beginning
}

function beginningOf(body: Buffer, maxBytes: number, partial: boolean): Body {
  if (body.length <= maxBytes) return { body, isPartial: false }
  if (!partial) throw tooLarge(maxBytes)
  return { body: body.subarray(0, maxBytes), isPartial: true }
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('body_too_large', { detail: `more than ${maxBytes} bytes, which a filter gets` })
}

/** A request body whose beginning has been looked at: as a stream it is whole. */
class PeekedBody extends Readable {
  readonly #exchange: Exchange
  readonly #source: Readable
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #next = 0
  #flowing = false
  #error: GatewayError | null = null
  #wake: () => void = ignore
  isWhole = false

  constructor(exchange: Exchange) {
    super({ highWaterMark: 64 * 1024 })
    this.#exchange = exchange
    this.#source = bodySource(exchange)
    this.on('error', ignore)
    this.#source
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('close', this.#onClose)
      .on('error', this.#onError)
      .pause()
  }

  /** Waits until so much has come, or all. */
  async peek(maxBytes: number): Promise<Body> {
    while (this.#bytes < maxBytes + 1 && !this.isWhole && this.#error === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.#source.resume()
      })
    }
    this.#wake = ignore
    if (this.#error !== null) throw this.#error
    return { body: Buffer.concat(this.#chunks).subarray(0, maxBytes), isPartial: this.#bytes > maxBytes }
  }

  whole(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  override _read(): void {
    while (this.#next < this.#chunks.length) if (!this.push(this.#chunks[this.#next++])) return
    this.#flowing = true
    if (this.isWhole) this.push(null)
    else if (this.#error !== null) this.destroy(this.#error)
    else this.#source.resume()
  }

  readonly #onData = (data: unknown): void => {
    const chunk = bytesOf(data)
    if (chunk === null) this.#fail(notBytes())
    else if (this.#flowing) {
      if (!this.push(chunk)) this.#source.pause()
    } else {
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
      this.#exchange.bytesReceived = this.#bytes
      this.#source.pause()
      this.#wake()
    }
  }

  readonly #onEnd = (): void => {
    this.isWhole = true
    if (this.#flowing) this.push(null)
    this.#wake()
  }

  readonly #onClose = (): void => {
    if (!this.isWhole) this.#fail(new GatewayError('client_closed'))
  }

  readonly #onError = (error: Error): void => {
    this.#fail(this.#source === this.#exchange.raw ? new GatewayError('client_closed') : bodyError(error))
  }

  #fail(error: GatewayError): void {
    this.#error ??= error
    if (this.#flowing) this.destroy(this.#error)
    this.#wake()
  }
}

function ignore(): void {}
