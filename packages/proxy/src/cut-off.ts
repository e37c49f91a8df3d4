import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'

/**
 * Cuts a response off that has begun, so that the client cannot take the part for the whole. To one of HTTP/1.0 a closed
 * connection is the end of the body; a reset is not. TLS has its own end. And what the system keeps for a client that does
 * not take it (`forgets`) is let go by a reset only.
 */
export function cutOff(response: ServerResponse, forgets: boolean): void {
  const { socket, req } = response
  if ((forgets || req.httpVersionMinor === 0) && socket !== null && !('encrypted' in socket))
    socket.resetAndDestroy()
  else response.destroy()
}

/** The same for a stream that a hook has put in the place of an upstream's body, when it fails or breaks off: Fastify would close the connection. */
export function resetOnFailure(response: ServerResponse, body: Readable): void {
  if (response.req.httpVersionMinor > 0) return
  const cut = (): void => {
    if (response.headersSent && !body.readableEnded) cutOff(response, false)
  }
  // Before Fastify, which listens already.
  body.prependListener('error', cut)
  body.prependListener('close', cut)
}
