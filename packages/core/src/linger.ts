import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

const LINGER_MS = 2_000

/**
 * The answer is on its way while the client still sends. Reads and forgets the rest for a while after the answer
 * has gone, as closing at once would make the kernel send a reset that can destroy the answer before the client
 * has read it (RFC 9112, section 9.6). The connection is never used again.
 */
export function lingerAfterAnswer(raw: IncomingMessage): void {
  const { socket } = raw
  raw.on('error', ignore)
  raw.resume()
  socket.destroySoon = function lingeringEnd() {
    endLingering(this)
  }
}

/** Ends our side of a connection, and all of it when the client has not done so with its own after a while. */
export function endLingering(socket: Socket): void {
  socket.end()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

function ignore(): void {}
