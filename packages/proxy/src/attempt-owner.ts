import type { UpstreamRequest } from '@gatewright/core'
import type { KnownFields } from './known-fields.js'
import type { ResponseHead } from './response-headers.js'
import type { BodyPace } from './slow-clients.js'
import type { StallMeter } from './stall-meter.js'

/** Who an attempt works for. Every attempt ends in exactly one call of `answered…ended` or `failed`. */
export interface AttemptOwner<Attempt> {
  readonly now: () => number
  readonly stalls: StallMeter
  /** The header fields met so far. */
  readonly fields: KnownFields
  /** When bytes of the response last moved, either way. */
  readonly activeAt: number
  /** The body that the client sends, if any. */
  readonly requestBody: BodyPace | null
  /** The request to send; asked when there is a connection, and again when a stale one is replaced. May throw. */
  requestFor(attempt: Attempt): UpstreamRequest
  /** Whether the request may be sent a second time without harm. */
  mayResend(): boolean
  /** There is a connection for it. */
  dispatched(attempt: Attempt): void
  /** The first byte of the request is about to be sent. */
  sent(attempt: Attempt): void
  /** An interim response (1xx), as it is to be sent. */
  interim(attempt: Attempt, text: string): void
  answered(attempt: Attempt, head: ResponseHead, statusText: string): void
  /** A chunk of the body. Returns false to pause until the attempt is resumed. */
  body(attempt: Attempt, chunk: Buffer): boolean
  ended(attempt: Attempt, trailers: readonly Buffer[]): void
  failed(attempt: Attempt): void
}
