import type {
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
  OutgoingHttpHeaders
} from 'node:http2'
import { type Cancel, type Timers, waitFor } from '@gatewright/core'
import { framed, MessageReader } from './frames.js'
import type { Session } from './session.js'
import { GrpcError, STATUS, statusOfHttp, toldMessage } from './status.js'
import { wireTimeout } from './wire-timeout.js'

/** RST_STREAM: nobody waits for the answer; the server has not looked at the call (RFC 9113, section 7). */
const CANCEL = 8
const REFUSED_STREAM = 7
const GRPC = /^application\/grpc(?:[+;]|$)/

/** What a call is to do. */
export interface CallOptions {
  /** `/package.Service/Method` */
  readonly path: string
  readonly message: Uint8Array
  /** Header fields of the call, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>
  /** From now on, in milliseconds. */
  readonly timeoutMs: number
  /** Longest message of the answer, in bytes. */
  readonly maxBytes: number
}

/** Called once, when the call has ended, and not when it was cancelled. */
export type CallDone = (error: GrpcError | null, message: Buffer | null) => void

/** One call: it waits for a session, runs on a stream, and ends in time. */
export class Call {
  readonly #options: CallOptions
  readonly #done: CallDone
  readonly #dueAt: number
  readonly #clock: () => number
  readonly #cancelTimer: Cancel
  #stream: ClientHttp2Stream | null = null
  #session: Session | null = null
  #over = false
  /** Whether it was refused once without having been looked at, and is sent again. */
  isSecond = false

  constructor(options: CallOptions, clock: () => number, timers: Timers, done: CallDone) {
    this.#options = options
    this.#done = done
    this.#clock = clock
    this.#dueAt = clock() + options.timeoutMs
    this.#cancelTimer = waitFor(timers, options.timeoutMs, () => this.#late())
  }

  /** Whether it has ended, one way or another. */
  get isOver(): boolean {
    return this.#over
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    if (this.#over) return
    this.#over = true
    this.#cancelTimer()
    this.#stream?.close(CANCEL)
  }

  /** It ends without an answer. */
  fail(error: GrpcError): void {
    if (this.#over) return
    this.#over = true
    this.#cancelTimer()
    this.#stream?.close(CANCEL)
    this.#done(error, null)
  }

  /** Runs on a session that has room. `again` is called for a call that the server has not looked at. */
  run(session: Session, scheme: string, authority: string, again: (call: Call) => void): void {
    const { path, message, metadata } = this.#options
    const headers: OutgoingHttpHeaders = {
      ...metadata,
      ':method': 'POST',
      ':scheme': scheme,
      ':authority': authority,
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': wireTimeout(this.#dueAt - this.#clock()),
      'user-agent': 'gatewright'
    }
    let stream: ClientHttp2Stream
    try {
      stream = session.begin(headers)
    } catch {
      this.#retry(again, 'the connection was lost')
      return
    }
    this.#session = session
    this.#stream = stream
    const answer = new Answer(this.#options.maxBytes)
    stream.on('response', (head) => this.#read(() => answer.head(head)))
    stream.on('data', (chunk: Buffer) => this.#read(() => answer.reader.push(chunk)))
    stream.on('trailers', (trailers) => answer.trailers(trailers))
    stream.on('end', () => {
      if (!answer.isWhole) return
      this.#answered(answer, stream)
      // It has answered without having read the whole question.
      if (!stream.writableFinished) stream.close(CANCEL)
    })
    // It is told by its end, and must not be an uncaught exception.
    stream.on('error', (error: Error) => answer.failed(error.message))
    stream.on('close', () => {
      if (this.#over) return
      const isRefused = stream.rstCode === REFUSED_STREAM || !session.mayHaveSeen(stream)
      if (isRefused && !answer.hasBegun) this.#retry(again, 'the server refused it')
      else this.#answered(answer, stream)
    })
    stream.end(framed(message))
  }

  #answered(answer: Answer, { rstCode }: ClientHttp2Stream): void {
    if (this.#over) return
    let message: Buffer
    try {
      message = answer.message(rstCode)
    } catch (error) {
      this.fail(asGrpcError(error))
      return
    }
    this.#over = true
    this.#cancelTimer()
    if (this.#session !== null) this.#session.answered++
    this.#done(null, message)
  }

  #retry(again: (call: Call) => void, because: string): void {
    this.#stream = null
    if (this.isSecond) this.fail(new GrpcError(STATUS.unavailable, because))
    else {
      this.isSecond = true
      again(this)
    }
  }

  #late(): void {
    const { timeoutMs } = this.#options
    this.#session?.ping()
    this.fail(new GrpcError(STATUS.deadlineExceeded, `no answer in ${Math.round(timeoutMs)} ms`))
  }

  #read(part: () => void): void {
    if (this.#over) return
    try {
      part()
    } catch (error) {
      this.fail(asGrpcError(error))
    }
  }
}

function asGrpcError(error: unknown): GrpcError {
  return error instanceof GrpcError ? error : new GrpcError(STATUS.internal, String(error))
}

/** What has come of an answer. */
class Answer {
  readonly reader: MessageReader
  #status = ''
  #told: unknown
  #error = ''
  hasBegun = false

  constructor(maxBytes: number) {
    this.reader = new MessageReader(maxBytes)
  }

  head(head: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.hasBegun = true
    const { ':status': status = 0, 'content-type': type = '' } = head
    // Without a body, the head is the trailers.
    this.trailers(head)
    if (this.#status !== '' && this.#status !== '0') return
    if (status !== 200) throw new GrpcError(statusOfHttp(status), `the server answered HTTP ${status}`)
    if (!GRPC.test(type))
      throw new GrpcError(STATUS.unknown, `the answer is '${type.slice(0, 60)}', and not gRPC`)
  }

  // An error stays one, whatever comes behind it.
  trailers({ 'grpc-status': status, 'grpc-message': told }: IncomingHttpHeaders): void {
    if (typeof status === 'string' && (this.#status === '' || this.#status === '0')) this.#status = status
    this.#told ??= told
  }

  /** Whether its status has come. */
  get isWhole(): boolean {
    return this.#status !== ''
  }

  failed(message: string): void {
    this.#error = message
  }

  /** The message of a call whose stream has closed. Throws a {@link GrpcError} where there is none. */
  message(rstCode: number | undefined): Buffer {
    if (this.#status === '') {
      const because = this.#error === '' ? `the stream ended with code ${rstCode ?? 0}` : this.#error
      throw new GrpcError(this.hasBegun ? STATUS.internal : STATUS.unavailable, because)
    }
    const status = /^\d{1,2}$/.test(this.#status) ? Number(this.#status) : STATUS.unknown
    if (status !== 0) throw new GrpcError(status, toldMessage(this.#told))
    const message = this.reader.end()
    if (message === null) throw new GrpcError(STATUS.internal, 'the answer has no message')
    return message
  }
}
