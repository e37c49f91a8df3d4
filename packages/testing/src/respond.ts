import type { Socket } from 'node:net'
import { deferred } from './deferred.js'
import {
  cutResponse,
  type Ending,
  encodeChunk,
  encodeHead,
  encodeLastChunk,
  encodeResponse,
  type FakeResponse,
  type FieldsToSend,
  fieldList,
  framingOfResponse
} from './fake-response.js'
import { valuesOf } from './fields.js'
import type { RequestRecord } from './request-record.js'
import { otherEndReads } from './turns.js'

/** What begins a streamed response. Default framing `chunked`; for `sized`, give a `content-length` yourself. */
export type StreamedResponse = Pick<FakeResponse, 'status' | 'reason' | 'headers' | 'framing'>

/** The body of a response, under the control of the test. */
export interface BodyStream {
  /** Sends bytes at once, as one chunk when chunked. Resolves when they are written, or the client has disconnected. */
  write(piece: string | Buffer): Promise<void>
  /** Ends the body; the connection stays open for the next request, unless either side said otherwise. */
  end(trailers?: FieldsToSend): Promise<void>
}

/** Answers one request of a fake upstream. */
export interface Respond {
  /** Sends a response, once the request is whole, unless the response is `early`. Default: 200 without a body. */
  answer(answer?: FakeResponse): Promise<void>
  /** Sends an interim response, such as 100 or 103, at once. */
  interim(status: number, headers?: FieldsToSend): void
  /** Sends the head at once and leaves the body to the test: the way to send server-sent events. */
  stream(head?: StreamedResponse): BodyStream
  /** Closes the connection (FIN) when everything is written. */
  close(): void
  /** Resets the connection (RST), after a client in this process has read what was sent before. */
  reset(): void
  /**
   * Hands over the socket, paused, for a tunnel or for anything else; the upstream leaves it alone from now on.
   * For requests without a body.
   */
  takeOver(): Socket
}

/** The {@link Respond} of one request on one connection. */
export class Responder implements Respond {
  /** Part of the head of the response has been sent. */
  headSent = false
  /** How the response ended; pending while it has not. */
  readonly #ended = deferred<Ending>()
  #over = false
  readonly #request: RequestRecord
  readonly #socket: Socket
  readonly #release: () => void

  /** `release` makes the connection stop reading from the socket. */
  constructor(request: RequestRecord, socket: Socket, release: () => void) {
    this.#request = request
    this.#socket = socket
    this.#release = release
  }

  /** The client is owed no more bytes. */
  get over(): boolean {
    return this.#over
  }

  get ended(): Promise<Ending> {
    return this.#ended.promise
  }

  async answer(answer: FakeResponse = {}): Promise<void> {
    for (const { status, headers } of answer.interim ?? []) this.interim(status, headers)
    if (answer.early !== true && !(await this.#arrived())) return
    await answer.after
    const encoded = encodeResponse(answer, this.#request.method)
    if (answer.cut !== undefined) await this.#send(cutResponse(encoded, answer.cut))
    else for (const piece of [encoded.head, ...encoded.pieces, encoded.end]) await this.#send(piece)
    this.#finish(answer.end ?? this.#defaultEnding(answer))
  }

  interim(status: number, headers?: FieldsToSend): void {
    this.#socket.write(encodeHead({ status, ...(headers === undefined ? {} : { headers }) }, 'none', 0))
  }

  stream(head: StreamedResponse = {}): BodyStream {
    const framing = head.framing ?? 'chunked'
    this.headSent = true
    this.#socket.write(encodeHead(head, framing, 0))
    return {
      write: (piece) => {
        const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
        return this.#send(framing === 'chunked' ? encodeChunk(bytes) : bytes)
      },
      end: async (trailers = []) => {
        if (framing === 'chunked') await this.#send(encodeLastChunk(trailers))
        if (await this.#arrived()) this.#finish(this.#defaultEnding({ ...head, framing }))
      }
    }
  }

  close(): void {
    this.#finish('close')
  }

  reset(): void {
    this.#finish('reset')
  }

  takeOver(): Socket {
    this.#over = true
    this.#release()
    return this.#socket
  }

  /** The connection is gone: nothing more can be sent. */
  lost(): void {
    this.#ended.resolve('close')
  }

  #arrived(): Promise<boolean> {
    return this.#request.finished.then(
      () => true,
      () => false
    )
  }

  #send(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return Promise.resolve()
    this.headSent = true
    // A failed write shows in the socket's `close`, which is where the record of the request is completed.
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()))
  }

  #finish(ending: Ending): void {
    if (this.#socket.destroyed) return
    this.#over = ending !== 'silence'
    this.#ended.resolve(ending)
    if (ending === 'close') this.#socket.destroySoon()
    if (ending === 'reset') void this.#resetAfterBytes()
  }

  // A reset that overtakes bytes still unread looks like an ordinary end to some clients.
  async #resetAfterBytes(): Promise<void> {
    if (this.headSent) await otherEndReads()
    this.#socket.resetAndDestroy()
  }

  #defaultEnding(answer: FakeResponse): Ending {
    const said = [
      ...valuesOf(this.#request.headers, 'connection'),
      ...valuesOf(fieldList(answer.headers), 'connection')
    ]
    const closes =
      answer.cut !== undefined ||
      framingOfResponse(answer) === 'close' ||
      this.#request.httpVersion === '1.0' ||
      said.some((value) => /(?:^|[\s,])close(?:$|[\s,])/i.test(value))
    return closes ? 'close' : 'keep'
  }
}
