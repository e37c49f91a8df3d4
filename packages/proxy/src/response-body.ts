import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { type BodyWatcher, isWrittenAtOnce, kWatch, type Watchable } from '@gatewright/core'
import { cutOnBadHead } from './bad-head.js'
import { resetOnFailure } from './cut-off.js'
import type { ReadBuffers } from './read-buffers.js'

/** Where a response body comes from. */
export interface BodySource {
  /** The buffers its chunks were read into. */
  readonly buffers: ReadBuffers
  /** The reader wants more. */
  resumeBody(): void
  /** The reader has stopped before the end; with the error that a hook has ended it with, `null` for none. */
  abandonBody(error: Error | null): void
}

/**
 * An upstream's response body on its way to the client, with back-pressure. Any stream to hooks; piped to the
 * response itself, which is what Fastify does when no hook has replaced it, its chunks are written to it at once.
 */
export class ResponseBody extends Readable implements Watchable {
  readonly #source: BodySource
  readonly #response: ServerResponse
  readonly #trailer: string
  /** What a hook has made of it, or put in its place. */
  #replacement: Readable | null = null
  #direct = false
  /** Chunks that the response has not taken yet. */
  readonly #written: Buffer[] = []
  /** What has come before somebody reads it, for watchers; `null` from then on. */
  #early: Buffer[] | null = []
  #watchers: BodyWatcher[] | null = null
  /** Whether the client takes no more for now. */
  stalled = false

  /** `trailer` are the names to announce where trailers can follow; `''` for none. */
  constructor(source: BodySource, response: ServerResponse, trailer: string) {
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
    this.#response = response
    this.#trailer = trailer
    // A hook that pipes it on without a listener must not end the process.
    this.on('error', () => {})
    response.once('pipe', (piped) => {
      if (piped !== this) this.#replace(piped)
    })
    response.once('finish', () => this.destroy())
  }

  /** Passes a chunk on. False: stop until `resumeBody` is called. */
  pass(chunk: Buffer): boolean {
    if (this.readableFlowing === null) this.#early?.push(chunk)
    else this.#early = null
    if (this.#watchers !== null) for (const watcher of this.#watchers) watcher.chunk(chunk)
    this.stalled = !(this.#direct ? this.#write(chunk) : this.push(chunk))
    return !this.stalled
  }

  /** Tells a watcher of all of it; for an `onSend` step, before anybody reads it. */
  [kWatch](watcher: BodyWatcher): void {
    for (const chunk of this.#early ?? []) watcher.chunk(chunk)
    this.#watchers ??= []
    this.#watchers.push(watcher)
    this.once('end', () => watcher.end())
  }

  /** It breaks off, and with it whatever a hook has made of it. */
  breakOff(error: Error): void {
    this.destroy(error)
    this.#replacement?.destroy(error)
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    const response = this.#response
    this.#early = null
    if ((destination as unknown) !== response) return super.pipe(destination, options)
    // Of one that broke off while a hook was at work Fastify hears from the stream itself.
    if (this.destroyed || !this.#writeHead()) return destination
    // The client learns of the head at once, even when the body keeps it waiting.
    if (this.readableLength === 0) response.flushHeaders()
    // Something that the app has put in place of it may keep chunks.
    if (!isWrittenAtOnce(response)) return super.pipe(destination, options)
    this.#pass(options?.end !== false)
    return destination
  }

  // A header that Node refuses to write fails here; with the first chunk it would be thrown without a catch.
  #writeHead(): boolean {
    const response = this.#response
    if (response.headersSent) return true
    try {
      if (this.#trailer !== '' && canHaveTrailers(response)) response.setHeader('trailer', this.#trailer)
      response.writeHead(response.statusCode)
      return true
    } catch (error) {
      this.destroy(error as Error)
      return false
    }
  }

  #replace(replacement: Readable): void {
    this.#replacement = replacement
    // The length is that of the upstream's body.
    if (!this.#response.headersSent) this.#response.removeHeader('content-length')
    cutOnBadHead(this.#response)
    resetOnFailure(this.#response, replacement)
    if (this.errored) replacement.destroy(this.errored)
  }

  // From here on nothing is buffered in this stream, and reading it only brings its end.
  #pass(ends: boolean): void {
    const response = this.#response
    let accepts = true
    for (let chunk = this.read(); chunk !== null; chunk = this.read()) accepts = this.#write(chunk)
    this.#direct = true
    if (ends) this.once('end', () => response.end())
    response.on('drain', () => this.#resumeSource())
    this.resume()
    if (accepts) this.#resumeSource()
    else this.stalled = true
  }

  #write(chunk: Buffer): boolean {
    const response = this.#response
    if (response.destroyed || response.writableEnded) return true
    this.#written.push(chunk)
    return response.write(chunk, this.#taken)
  }

  readonly #taken = (error?: Error | null): void => {
    const chunk = this.#written.shift()
    if (!error && chunk !== undefined) this.#source.buffers.release(chunk)
  }

  #resumeSource(): void {
    this.stalled = false
    if (!this.destroyed) this.#source.resumeBody()
  }

  override _read(): void {
    if (!this.#direct) this.#resumeSource()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.readableEnded) {
      this.#source.abandonBody(error)
      for (const watcher of this.#watchers ?? []) watcher.cut()
    }
    callback(error)
  }
}

// Trailers follow chunks (RFC 9112, section 7.1.2).
function canHaveTrailers(response: ServerResponse): boolean {
  return response.req.httpVersionMinor > 0 && !response.hasHeader('content-length')
}
