import type { ServerResponse } from 'node:http'
import { type Readable, Transform, type TransformCallback } from 'node:stream'
import { bodySource, bytesOf, notBytes } from './body-source.js'
import type { Exchange } from './exchange.js'
import { GatewayError } from './gateway-error.js'

/** Told of a body on its way, which it neither holds nor changes. It must not throw. */
export interface BodyWatcher {
  /** Bytes that go on now. They must be copied to be kept: what they were read into is read into again. */
  chunk(bytes: Buffer): void
  /** All of it has gone on. */
  end(): void
  /** It has broken off: nothing more comes. */
  cut(): void
}

/** The method by which a stream of bytes has watchers; see {@link watchResponseBody}. */
export const kWatch: unique symbol = Symbol('gatewright.watch')

/** A stream that tells watchers of its bytes itself, so that nothing has to stand in its way. */
export interface Watchable {
  [kWatch](watcher: BodyWatcher): void
}

/**
 * Tells of the body of a request while it is read, whoever reads it: the upstream, or `exchange.buffer`. One that is there as
 * a whole is told of at once; of one that nobody reads nothing is told. Its framing stays, and it can be sent again
 * as before. For a `preHandler` step.
 */
export function watchRequestBody(exchange: Exchange, watcher: BodyWatcher): void {
  const { body } = exchange
  if (body === null) exchange.payload = new WatchedRequest(exchange, watcher)
  else {
    watcher.chunk(body)
    watcher.end()
  }
}

/**
 * Tells of the body of a response while it goes to the client. Returns the stream to send: that of an upstream itself, and in the
 * place of another one a stream of the same bytes. For an `onSend` step.
 */
export function watchResponseBody(body: Readable, response: ServerResponse, watcher: BodyWatcher): Readable {
  if (isWatchable(body)) {
    body[kWatch](watcher)
    return body
  }
  const watched = new Watched(watcher)
  // Each ends the other.
  body.on('error', (error) => watched.destroy(error))
  body.on('close', () => {
    if (!body.readableEnded) watched.destroy()
  })
  watched.on('close', () => body.destroy(watched.errored ?? undefined))
  body.pipe(watched)
  keepLength(response, watched)
  return watched
}

function isWatchable(body: Readable): body is Readable & Watchable {
  return kWatch in body
}

// The stream is another, but not one byte of it.
function keepLength(response: ServerResponse, watched: Readable): void {
  const length = response.getHeader('content-length')
  if (length === undefined) return
  response.once('pipe', (piped) => {
    if (piped === watched && !response.headersSent) response.setHeader('content-length', length)
  })
}

/** Bytes as they come, of which somebody is told. */
class Watched extends Transform {
  readonly #watcher: BodyWatcher
  #isWhole = false

  constructor(watcher: BodyWatcher) {
    super()
    this.#watcher = watcher
  }

  override _transform(data: unknown, _encoding: BufferEncoding, done: TransformCallback): void {
    const chunk = bytesOf(data)
    if (chunk !== null) this.#watcher.chunk(chunk)
    done(chunk === null ? notBytes() : null, chunk)
  }

  override _flush(done: TransformCallback): void {
    this.#isWhole = true
    this.#watcher.end()
    done()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#isWhole) this.#watcher.cut()
    super._destroy(error, callback)
  }
}

/** The body of a request. It is not read before this is, so that a hook that reads it goes before. */
class WatchedRequest extends Watched {
  readonly #exchange: Pick<Exchange, 'raw' | 'payload'>
  #begun = false

  constructor({ raw, payload }: Exchange, watcher: BodyWatcher) {
    super(watcher)
    this.#exchange = { raw, payload }
    this.on('error', () => {})
  }

  override _read(size: number): void {
    if (!this.#begun) {
      this.#begun = true
      this.#begin()
    }
    super._read(size)
  }

  #begin(): void {
    const { raw } = this.#exchange
    try {
      const source = bodySource(this.#exchange)
      if (source !== raw) source.on('error', (error) => this.destroy(error))
      const cut = (): void => {
        if (!raw.complete) this.destroy(new GatewayError('client_closed'))
      }
      if (raw.destroyed) cut()
      else raw.once('close', cut)
      source.pipe(this)
    } catch (error) {
      this.destroy(error as Error)
    }
  }
}
