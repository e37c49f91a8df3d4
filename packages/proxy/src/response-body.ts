import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** Where a response body comes from. */
export interface BodySource {
  /** The reader wants more. */
  resumeBody(): void
  /** The reader has gone before the end. */
  abandonBody(): void
}

/** An upstream's response body on its way to the client, with back-pressure. */
export class ResponseBody extends Readable {
  readonly #source: BodySource
  readonly #response: ServerResponse
  #flushed = false
  #over = false
  /** Whether the client takes no more for now. */
  stalled = false

  constructor(source: BodySource, response: ServerResponse) {
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
    this.#response = response
    // A hook that pipes it on without a listener must not end the process.
    this.on('error', () => {})
  }

  /** Passes a piece on. False: stop until `resumeBody` is called. */
  pass(chunk: Buffer): boolean {
    this.stalled = !this.push(chunk)
    return !this.stalled
  }

  /** Nothing more will come. The head goes out first: of a body known to be empty Node would declare the length. */
  endAfterHead(): void {
    if (this.#flushed || this.readableLength > 0) this.push(null)
    else this.#over = true
  }

  override _read(): void {
    this.stalled = false
    // The client learns of the head at once, even when the body keeps it waiting.
    if (!this.#flushed) {
      this.#flushed = true
      if (this.readableLength === 0 && !this.#response.headersSent) this.#response.flushHeaders()
    }
    if (this.#over) this.push(null)
    else this.#source.resumeBody()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.readableEnded) this.#source.abandonBody()
    callback(error)
  }
}
