import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'

const kLast = Symbol('gatewright.last')

type Closing = Socket & { [kLast]?: true }

/**
 * Makes the response to this request the last one of its connection: it announces so, and what the client has sent
 * behind the request is not processed (RFC 9112, section 9.6).
 */
export function respondLast(raw: IncomingMessage, reply: FastifyReply): void {
  reply.header('connection', 'close')
  markLast(raw.socket)
}

/** What comes behind the present request of this connection is not processed. */
export function markLast(socket: Closing): void {
  socket[kLast] = true
}

/** Whether the request stands behind one that gets the last response of their connection. */
export function isBehindLast({ socket }: IncomingMessage): boolean {
  return (socket as Closing)[kLast] === true
}
