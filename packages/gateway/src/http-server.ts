import { once } from 'node:events'
import { Server } from 'node:http'
import { createServer, type ListenOptions, type Server as NetServer } from 'node:net'

/**
 * Node's HTTP server on more than one address: whatever address a connection has come to, it is the one server's, so
 * that its listeners, limits and end hold for all of them. `localhost` is two addresses where there is IPv6.
 */
export class HttpServer extends Server {
  /** Whether every response that is yet to begin is the last one of its connection. */
  lastResponses = false
  readonly #doors: NetServer[] = []

  /** Takes connections at another address too. Rejects when that is not to be had. */
  async listenToo(options: ListenOptions): Promise<void> {
    const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.emit('connection', socket)
    )
    door.listen(options)
    await once(door, 'listening')
    // A connection that cannot be taken is its client's to notice.
    door.on('error', () => {})
    if (this.listening) this.#doors.push(door)
    else door.close()
  }

  /** Takes no more connections. Calls back when those of every address are gone. */
  override close(callback?: (error?: Error) => void): this {
    let open = this.#doors.length + 1
    let failed: Error | undefined
    const closed = (error?: Error): void => {
      failed ??= error
      if (--open === 0) callback?.(failed)
    }
    for (const door of this.#doors.splice(0)) door.close(() => closed())
    return super.close(closed)
  }
}
