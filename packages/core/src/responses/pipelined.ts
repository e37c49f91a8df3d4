import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'

const kWaiting = Symbol('gatewright.waiting')

type Pipelined = Socket & { [kWaiting]?: Set<ServerResponse> }

/**
 * Makes a response that waits for the ones before it emit `close` when its connection is gone: of several pipelined
 * responses Node notifies only the current one. Node 24 notifies all, slightly later.
 */
export function closeWithConnection(response: ServerResponse): void {
  const socket: Pipelined = response.req.socket
  if (response.socket !== null || !(socket instanceof Socket)) return
  const waiting = socket[kWaiting] ?? watch(socket)
  waiting.add(response)
  response.once('close', () => waiting.delete(response))
}

// One listener for all: a client decides how many requests it pipelines.
function watch(socket: Pipelined): Set<ServerResponse> {
  const waiting = new Set<ServerResponse>()
  socket[kWaiting] = waiting
  socket.once('close', () => process.nextTick(closeAll, waiting))
  return waiting
}

// Excludes those that Node has notified meanwhile.
function closeAll(waiting: ReadonlySet<ServerResponse>): void {
  for (const response of waiting) if (response.socket === null) response.emit('close')
}
