import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Refuse } from './refusals.js'

type Answering = Socket & { readonly _httpMessage?: ServerResponse | null }

/**
 * Ends everything that a server still has in flight: clients that wait for a response get `draining`, and then all
 * connections are closed.
 */
export function createCutOff(app: FastifyInstance, refuse: Refuse): () => void {
  const sockets = new Set<Answering>()
  function forget(this: Answering): void {
    sockets.delete(this)
  }
  app.server.on('connection', (socket: Answering) => {
    sockets.add(socket)
    socket.once('close', forget)
  })
  return function cutOff() {
    if (app.hasDecorator('gateway')) app.gateway.cuttingOff = true
    for (const socket of sockets) {
      const due = socket._httpMessage
      if (due != null && !due.headersSent && !socket.writableEnded)
        refuse(socket, 'draining', 'cut off: the time to drain was over', null)
    }
    // Earlier writes have reached the system by then.
    setImmediate(() => app.server.closeAllConnections())
  }
}
