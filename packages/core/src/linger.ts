import type { IncomingMessage } from 'node:http'

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
  socket.destroySoon = function lingeringClose() {
    this.end()
    const timer = setTimeout(() => this.destroy(), LINGER_MS)
    timer.unref()
    this.once('close', () => clearTimeout(timer))
  }
}

function ignore(): void {}
