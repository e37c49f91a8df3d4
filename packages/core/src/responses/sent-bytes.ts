import type { ServerResponse } from 'node:http'

const kSent = Symbol('gatewright.sent')

type Counted = ServerResponse & { [kSent]?: number }
type Ended = (chunk?: unknown, encoding?: unknown, callback?: unknown) => ServerResponse
type Written = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean

/**
 * Counts the body bytes written to a response from now on, by any writer: the forwarder, Fastify, or
 * a handler that has taken the reply over.
 */
export function countSent(response: Counted): void {
  response[kSent] = 0
  if (Object.hasOwn(response, 'write') || Object.hasOwn(response, 'end')) countBeneath(response)
  else {
    response.write = countedWrite as ServerResponse['write']
    response.end = countedEnd as ServerResponse['end']
  }
}

/** How many bytes of a body a response was given; 0 where it can have none (RFC 9110, section 6.4.1). */
export function sentBytes(response: Counted): number {
  const { statusCode, req } = response
  if (req.method === 'HEAD' || statusCode === 204 || statusCode === 304) return 0
  return response[kSent] ?? 0
}

/** Whether writes go directly to Node, with nothing of the app in between. */
export function isWrittenAtOnce(response: ServerResponse): boolean {
  return response.write === countedWrite || !Object.hasOwn(response, 'write')
}

function countedWrite(this: Counted, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
  add(this, chunk, encoding)
  return (Object.getPrototypeOf(this) as { write: Written }).write.call(this, chunk, encoding, callback)
}

function countedEnd(this: Counted, chunk?: unknown, encoding?: unknown, callback?: unknown): ServerResponse {
  add(this, chunk, encoding)
  return (Object.getPrototypeOf(this) as { end: Ended }).end.call(this, chunk, encoding, callback)
}

// Whatever has replaced them already is kept.
function countBeneath(response: Counted): void {
  const write = response.write as Written
  const end = response.end as Ended
  response.write = ((chunk: unknown, encoding: unknown, callback: unknown) => {
    add(response, chunk, encoding)
    return write.call(response, chunk, encoding, callback)
  }) as ServerResponse['write']
  response.end = ((chunk: unknown, encoding: unknown, callback: unknown) => {
    add(response, chunk, encoding)
    return end.call(response, chunk, encoding, callback)
  }) as ServerResponse['end']
}

function add(response: Counted, chunk: unknown, encoding: unknown): void {
  if (response.writableEnded || response.destroyed) return
  if (chunk instanceof Uint8Array) (response[kSent] as number) += chunk.length
  else if (typeof chunk === 'string')
    (response[kSent] as number) += Buffer.byteLength(
      chunk,
      typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'
    )
}
