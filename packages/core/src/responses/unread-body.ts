import type { IncomingMessage } from 'node:http'
import type { Reason } from '../config/reason.js'
import { endLingering } from './linger.js'

/** Bytes of an unwanted body that are read to keep its connection; a new connection costs about as much. */
const MOST_BYTES = 64 * 1024

/** Reasons that concern the body itself or its timing, or after which no other request may follow. */
const ENDING: ReadonlySet<Reason> = new Set<Reason>([
  'request_rejected',
  'request_timeout',
  'body_too_large',
  'draining'
])

/** Whether some of the request's body has not come yet. */
export function isBodyUnread({ complete, headers }: IncomingMessage): boolean {
  // Node calls a request without a body complete only after its handler has run.
  return !complete && (headers['content-length'] ?? headers['transfer-encoding']) !== undefined
}

/**
 * Whether the connection can be used again although the body of the request has not been read when it is answered
 * for this reason: so little is left that reading it costs less than a new connection. A client that waits for
 * `100 (Continue)` may leave its body out (RFC 9110, section 10.1.1), and what follows could be either.
 */
export function canKeepConnection({ headers }: IncomingMessage, reason: Reason): boolean {
  if (ENDING.has(reason) || headers.expect !== undefined) return false
  return Number(headers['content-length'] ?? 0) <= MOST_BYTES
}

/**
 * Reads the rest of the body and forgets it. A chunked one that turns out to be long ends the connection after all,
 * once the response, which has long gone, can be read.
 */
export function forgetBody(raw: IncomingMessage): void {
  let bytes = 0
  raw.on('error', ignore)
  if (raw.headers['content-length'] === undefined)
    raw.on('data', function count(chunk: Buffer) {
      bytes += chunk.length
      if (bytes <= MOST_BYTES) return
      raw.off('data', count)
      endLingering(raw.socket)
    })
  raw.resume()
}

function ignore(): void {}
