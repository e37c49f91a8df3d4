import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadBuffers } from './read-buffers.js'

/** Where a response body comes from. */
export interface BodySource {
  /** What its chunks were read into. */
  readonly buffers: ReadBuffers
  /** The reader wants more. */
  resumeBody(): void
  /** The reader has gone before the end. */
  abandonBody(): void
}

/**
 * An upstream's response body on its way to the client, with back-pressure. Any stream to hooks; piped to the
 * response itself, which is what Fastify does when no hook has replaced it, its chunks are written to it at once.
 */
export class ResponseBody extends Readable {
  readonly #source: BodySource
  readonly #response: ServerResponse
  #direct = false
  #asked = false
  #over = false
  /** Chunks that the response has not taken yet. */
  readonly #written: Buffer[] = []
  /** Whether the client takes no more for now. */
  stalled = false

  constructor(source: BodySource, response: ServerResponse) {
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
    this.#response = response
    // A hook that pipes it on without a listener must not end the process.
    this.on('error', () => {})
  }

  /** Passes a chunk on. False: stop until `resumeBody` is called. */
  pass(chunk: Buffer): boolean {
    this.stalled = !(this.#direct ? this.#write(chunk) : this.push(chunk))
    return !this.stalled
  }

  /** Nothing more will come. The head goes out first: of a body known to be empty Node would declare the length. */
  endAfterHead(): void {
    if (this.#direct || this.#asked || this.readableLength > 0) this.push(null)
    else this.#over = true
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    const response = this.#response
    // One that broke off while a hook was at work still becomes an error.
    if ((destination as unknown) !== response || this.destroyed) return super.pipe(destination, options)
    // The client learns of the head at once, even when the body keeps it waiting.
    if (this.readableLength === 0 && !response.headersSent) response.flushHeaders()
    // Something that the app has put in place of it may keep chunks.
    if (Object.hasOwn(response, 'write')) return super.pipe(destination, options)
    this.#pass(options?.end !== false)
    return destination
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
    if (this.#over) this.push(null)
    else if (!this.destroyed) this.#source.resumeBody()
  }

  override _read(): void {
    this.#asked = true
    if (!this.#direct) this.#resumeSource()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.readableEnded) this.#source.abandonBody()
    callback(error)
  }
}
