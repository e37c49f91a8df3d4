import process from 'node:process'
import type { AttemptRecord, EditedHead, Exchange, GatewayError, ResponseEdit } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import { cutOff } from './cut-off.js'
import { relayedTrailers, retractHead, writeHead } from './delivery.js'
import { type BodySource, ResponseBody } from './response-body.js'
import { editedHead, type Overlaid, type ResponseHead, withCookies } from './response-headers.js'

// A declared length beyond this will not arrive within one turn of the event loop.
const WHOLE = 64 * 1024

// Its content, which it must not have (RFC 9110, section 15.3.6), goes no further: some clients do not expect any.
const RESET_CONTENT = 205

// An edit may make it of a response with a body.
const NO_CONTENT = 204

// RFC 9110, section 8.3.1.
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[\t ]*(?:;|$)/

/** Who a response belongs to. */
export interface ResponseOwner extends BodySource {
  /** What changes the head; empty for none. */
  readonly responseEdits: readonly ResponseEdit[]
  /** Called once, when {@link UpstreamResponse.respond} has something to give. */
  responseReady(): void
  /** The rest of the body is not wanted. */
  discardBody(): void
}

/**
 * An upstream's response on its way to the reply. What arrives within one turn of its head is given to Fastify in
 * one buffer; anything else as a stream.
 */
export class UpstreamResponse {
  /** The status that the client gets. */
  status: number
  readonly #exchange: Exchange
  readonly #attempt: AttemptRecord
  #head: ResponseHead
  #statusText: string
  readonly #owner: ResponseOwner
  #chunks: Buffer[] = []
  #bytes = 0
  #stream: ResponseBody | null = null
  #complete = false
  #bodyless = false
  #overlaid: Overlaid = []

  constructor(
    exchange: Exchange,
    attempt: AttemptRecord,
    head: ResponseHead,
    statusText: string,
    owner: ResponseOwner
  ) {
    this.status = attempt.status
    this.#attempt = attempt
    this.#exchange = exchange
    this.#head = head
    this.#statusText = statusText
    this.#owner = owner
  }

  /** Whether the client has been given the head, so that nothing can be taken back. */
  get begun(): boolean {
    return this.#stream !== null
  }

  /** Whether the client takes no more for now. */
  get stalled(): boolean {
    return this.#stream?.stalled === true
  }

  get isEventStream(): boolean {
    return this.#head.contentType.startsWith('text/event-stream')
  }

  /** The head has arrived; the body may follow within this turn. */
  expectBody(): void {
    if (this.#head.contentLength > WHOLE && this.#exchange.method !== 'HEAD') this.#begin()
    else process.nextTick(beginUnlessComplete, this)
  }

  /** A chunk of the body. Returns false to pause until the source is resumed. */
  pass(chunk: Buffer): boolean {
    if (this.status === RESET_CONTENT || this.#bodyless) return true
    if (this.#stream !== null) return this.#stream.pass(chunk)
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    return true
  }

  /** The response is complete. */
  end(trailers: readonly Buffer[]): void {
    this.#complete = true
    if (trailers.length > 0) this.#exchange.trailers = trailers
    if (this.#stream === null) this.#edit()
    if (this.#bodyless) {
      this.#owner.responseReady()
      return
    }
    const relayed = trailers.length > 0 && this.#takesTrailers ? relayedTrailers(trailers) : []
    // Trailers need chunks to follow, and Fastify would make up a media type for a body that has no valid one.
    if (relayed.length > 0 || (this.#bytes > 0 && !MEDIA_TYPE.test(this.#head.contentType))) this.#begin()
    if (this.#stream === null) {
      this.#owner.responseReady()
      return
    }
    if (relayed.length > 0) this.#exchange.response.addTrailers(relayed)
    this.#stream.push(null)
  }

  /** The response breaks off: the client's connection is cut, so that it cannot take the part for the whole. */
  breakOff(error: GatewayError): void {
    this.#complete = true
    this.#stream?.breakOff(error)
    if (this.#exchange.response.headersSent)
      cutOff(this.#exchange.response, error.reason === 'client_too_slow')
  }

  /** Gives the response to Fastify: `onSend` hooks see it as any other. */
  respond(reply: FastifyReply): void {
    const { setCookies } = this.#exchange
    if (setCookies !== null) this.#head = withCookies(this.#head, setCookies)
    if (this.#attempt.setCookies !== null) this.#head = withCookies(this.#head, this.#attempt.setCookies)
    this.#exchange.answeredBy = this.#attempt
    this.#overlaid = writeHead(reply, this.#exchange, this.#head, this.#statusText)
    if (this.#stream !== null) {
      reply.send(this.#stream)
      return
    }
    reply.send(this.#bytes === 0 ? undefined : joined(this.#chunks, this.#bytes))
  }

  /** Removes from the reply what {@link respond} has written to it. */
  retract(reply: FastifyReply): void {
    this.#exchange.answeredBy = null
    retractHead(reply, this.#head, this.#overlaid)
  }

  /** Begins to stream if the turn has ended and the response is not complete. */
  beginUnlessComplete(): void {
    if (!this.#complete && this.#stream === null) this.#begin()
  }

  get #takesTrailers(): boolean {
    const { ingress, method, raw } = this.#exchange
    return ingress.trailers && method !== 'HEAD' && raw.httpVersionMinor > 0
  }

  // Once, and before anything of it is given.
  #edit(): void {
    const { responseEdits } = this.#owner
    if (responseEdits.length === 0) return
    const head: EditedHead = { status: this.status, headers: this.#head.headers as EditedHead['headers'] }
    for (const edit of responseEdits) edit.edit(head, this.#exchange, this.#attempt)
    this.#head = editedHead(this.#head, head.headers)
    if (head.status === this.status) return
    this.status = head.status
    this.#statusText = ''
    if (this.status !== NO_CONTENT) return
    this.#bodyless = true
    this.#chunks = []
    this.#bytes = 0
  }

  #begin(): void {
    if (this.#stream !== null) return
    if (!this.#complete) this.#edit()
    if (this.#bodyless) {
      this.#complete = true
      this.#owner.discardBody()
      this.#owner.responseReady()
      return
    }
    const trailer = this.#takesTrailers ? this.#head.trailer : ''
    const stream = new ResponseBody(this.#owner, this.#exchange.response, trailer)
    this.#stream = stream
    for (const chunk of this.#chunks) stream.pass(chunk)
    this.#chunks = []
    this.#owner.responseReady()
  }
}

function beginUnlessComplete(answer: UpstreamResponse): void {
  answer.beginUnlessComplete()
}

function joined(chunks: readonly Buffer[], bytes: number): Buffer {
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes)
}
