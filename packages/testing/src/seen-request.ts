import type { Field } from './fields.js'

/**
 * When the client of a fake upstream left: while it was sending the request, while it waited for the head of
 * the response, or while the response was being sent.
 */
export type AbortPoint = 'request' | 'waiting' | 'response'

/** A request as it arrived at a fake upstream, byte for byte. It fills up while the body comes in. */
export interface SeenRequest {
  /** 1 for the first one the upstream saw. */
  readonly number: number
  /** The number of the connection it came on, from 1. */
  readonly connection: number
  readonly method: string
  readonly target: string
  /** `1.1` or `1.0`. */
  readonly httpVersion: string
  /** Names and values as sent, in order. */
  readonly headers: readonly Field[]
  /** The request line and the header lines as received, with every CRLF, the empty line included. */
  readonly rawHead: string
  readonly framing: 'none' | 'sized' | 'chunked'
  /** The body received so far, without chunked coding; empty if bodies are not kept. */
  readonly body: Buffer
  /** Bytes of the body so far. */
  readonly bodyBytes: number
  readonly trailers: readonly Field[]
  /** The request has arrived whole. */
  readonly complete: boolean
  /** Where the client left before it had its response; `null` while it has not. */
  readonly abortedAt: AbortPoint | null
  /** Resolves when the request has arrived whole; rejects when the client leaves before. */
  readonly finished: Promise<SeenRequest>
  /** Resolves when the client leaves before it has its response. Pending for ever when it does not. */
  readonly aborted: Promise<AbortPoint>
  /** The first value of a header field, its name in any case. */
  header(name: string): string | undefined
  /** Every value of a header field, in order. */
  headerAll(name: string): string[]
  /** Resolves when at least this many bytes of the body have arrived; rejects when there are no more to come. */
  received(bytes: number): Promise<void>
  /** Stops reading from the connection, so that its buffers fill up. Also hides that the client leaves. */
  pause(): void
  resume(): void
}
