import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { markLast } from './last-response.js'

const LINGER_MS = 2_000

/**
 * The response is on its way while the client still sends. Reads and forgets the rest for a while after the response
 * has gone, as closing at once would make the kernel send a reset that can destroy the response before the client
 * has read it (RFC 9112, section 9.6). The connection is never used again.
 */
export function lingerAfterResponse(raw: IncomingMessage): void {
  const { socket } = raw
  raw.on('error', ignore)
  raw.resume()
  socket.destroySoon = function lingeringEnd() {
    endLingering(this)
  }
}

/**
 * Ends our side of a connection, and all of it when nothing has come from the client for a while. One that keeps
 * sending is ended by the server's limit for a whole request. No request that still comes is processed: nothing could
 * answer it.
 */
export function endLingering(socket: Socket): void {
  markLast(socket)
  socket.end()
  socket.setTimeout(LINGER_MS, () => socket.destroy())
}

function ignore(): void {}
