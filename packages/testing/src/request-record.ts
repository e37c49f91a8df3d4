import type { Socket } from 'node:net'
import { type Framed, framingOf } from './body.js'
import type { ByteReader } from './byte-reader.js'
import { type Deferred, deferred } from './deferred.js'
import { type Field, MalformedMessageError, readFields, valuesOf } from './fields.js'
import type { AbortPoint, SeenRequest } from './seen-request.js'

/** The head of a request, read strictly. */
export interface RequestHead extends Framed {
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly headers: readonly Field[]
  readonly rawHead: string
}

const REQUEST_LINE = /^([\w!#$%&'*+.^`|~-]+) ([\x21-\x7e]+) HTTP\/(1\.[01])\r\n$/

/** Reads the head of a request; throws {@link MalformedMessageError} for what a strict server would refuse. */
export async function readRequestHead(reader: ByteReader): Promise<RequestHead> {
  const line = await reader.line()
  const match = REQUEST_LINE.exec(line)
  if (match === null)
    throw new MalformedMessageError('a request must begin with "METHOD target HTTP/1.1" and CRLF', line)
  const [, method, target, httpVersion] = match as unknown as [string, string, string, string]
  const { raw, fields } = await readFields(reader)
  const hosts = valuesOf(fields, 'host')
  if (hosts.length > 1 || (hosts.length === 0 && httpVersion === '1.1'))
    throw new MalformedMessageError('Host must be there once', hosts.join(', '))
  return { method, target, httpVersion, headers: fields, rawHead: line + raw, ...framingOf(fields) }
}

/** The {@link SeenRequest} that a connection fills in. */
export class RequestRecord implements SeenRequest {
  readonly number: number
  readonly connection: number
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly headers: readonly Field[]
  readonly rawHead: string
  readonly framing: RequestHead['framing']
  bodyBytes = 0
  trailers: readonly Field[] = []
  complete = false
  abortedAt: AbortPoint | null = null
  readonly #pieces: Buffer[] = []
  readonly #finished: Deferred<SeenRequest> = deferred()
  readonly #aborted: Deferred<AbortPoint> = deferred()
  readonly #awaited = new Map<number, Deferred<void>>()
  readonly #socket: Socket
  readonly #keepBody: boolean

  constructor(
    head: RequestHead,
    at: { readonly number: number; readonly connection: number },
    socket: Socket,
    keepBody: boolean
  ) {
    this.number = at.number
    this.connection = at.connection
    this.method = head.method
    this.target = head.target
    this.httpVersion = head.httpVersion
    this.headers = head.headers
    this.rawHead = head.rawHead
    this.framing = head.framing
    this.#socket = socket
    this.#keepBody = keepBody
  }

  get body(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  get finished(): Promise<SeenRequest> {
    return this.#finished.promise
  }

  get aborted(): Promise<AbortPoint> {
    return this.#aborted.promise
  }

  header(name: string): string | undefined {
    return this.headerAll(name)[0]
  }

  headerAll(name: string): string[] {
    return valuesOf(this.headers, name)
  }

  received(bytes: number): Promise<void> {
    if (this.bodyBytes >= bytes) return Promise.resolve()
    const awaited = this.#awaited.get(bytes) ?? deferred()
    this.#awaited.set(bytes, awaited)
    if (this.complete || this.abortedAt !== null) awaited.reject(this.#short())
    return awaited.promise
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** A chunk of the body has arrived. */
  add(piece: Buffer): void {
    this.bodyBytes += piece.length
    if (this.#keepBody) this.#pieces.push(piece)
    for (const [bytes, awaited] of this.#awaited) if (this.bodyBytes >= bytes) awaited.resolve()
  }

  /** The request is whole. */
  finish(trailers: readonly Field[]): void {
    this.trailers = trailers
    this.complete = true
    this.#finished.resolve(this)
    this.#rejectAwaited()
  }

  /** The client has left without its response. */
  abort(headSent: boolean): void {
    this.abortedAt = headSent ? 'response' : this.complete ? 'waiting' : 'request'
    this.#aborted.resolve(this.abortedAt)
    this.breakOff()
  }

  /** No more of the request will come. */
  breakOff(): void {
    this.#finished.reject(this.#short())
    this.#rejectAwaited()
  }

  // Those that have been resolved stay resolved.
  #rejectAwaited(): void {
    for (const awaited of this.#awaited.values()) awaited.reject(this.#short())
  }

  #short(): Error {
    return new Error(`the body ended after ${this.bodyBytes} bytes`)
  }
}
