import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Endpoint, PoolSettings, TransportConnection, TransportFactory } from '@gatewright/core'
import type { Client, Dispatcher } from 'undici'
import type { Connection, Waiter } from './connections.js'
import { type Connect, createConnector } from './connector.js'
import { readBeforeWritesFail } from './late-write-errors.js'
import type { ReadBuffers } from './read-buffers.js'
import * as transport from './transport.js'
import { mendParser } from './upstream-parser.js'

const { write } = Writable.prototype
const EMPTY = Buffer.alloc(0)

/** What makes the connections to an endpoint. `factory` takes the place of undici, for tests without a network. */
export function connectionsTo(
  endpoint: Endpoint,
  settings: PoolSettings,
  factory: TransportFactory | null,
  buffers: ReadBuffers
): () => Connection {
  if (factory !== null) return () => new ForeignConnection(factory(endpoint, settings))
  const connect = createConnector(settings, endpoint, buffers)
  const options: Client.Options = {
    pipelining: 1,
    keepAliveTimeout: settings.connections.keepAliveMs,
    // Every time limit is the forwarder's own.
    headersTimeout: 0,
    bodyTimeout: 0
  }
  return () => new UndiciConnection(endpoint.origin, options, connect)
}

class UndiciConnection implements Connection {
  readonly client: Client
  served = 0
  busy = true
  headSent = false
  user: Waiter | null = null
  #socket: Socket | null = null
  /** Where HTTP is spoken: the socket, or TLS on it. */
  #wire: Socket | null = null

  constructor(origin: string, options: Client.Options, connect: Connect) {
    this.client = new transport.Client(origin, {
      ...options,
      connect: (target, done) => {
        this.#socket = connect(target, (...result) => {
          const [, socket] = result
          if (socket !== null) this.#watch(socket)
          done(...result)
          if (socket !== null) mendParser(socket, (bytes) => this.user?.passedOver(bytes))
        })
      }
    })
    this.client.on('disconnect', (_origin, _targets, error) => this.onDisconnect(error))
  }

  onDisconnect: (error?: unknown) => void = () => {}

  async destroy(): Promise<void> {
    const destroyed = this.client.destroy()
    this.#socket?.destroy()
    await destroyed
  }

  // When the reset comes with the last bytes, the event loop reports an ordinary end. The system still knows: it fails
  // the next write, even one of no bytes. (`socket.write` itself is closed by now.)
  wasReset(done: (error: Error | null) => void): void {
    const socket = this.#wire
    if (socket === null || socket instanceof TLSSocket) done(null)
    else Reflect.apply(write, socket, [EMPTY, (error?: Error | null) => done(error ?? null)])
  }

  // Undici's parser must not be paused when the socket ends, or an assertion ends the process; and a reset is to it
  // the regular end of an answer with `connection: close`. These listeners come before undici's own.
  #watch(socket: Socket): void {
    this.#wire = socket
    readBeforeWritesFail(socket)
    socket.on('end', () => this.user?.upstreamEnded())
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') error.code = 'EPIPE'
    })
  }
}

class ForeignConnection implements Connection {
  readonly client: Connection['client']
  served = 0
  busy = true
  headSent = false
  user: Waiter | null = null
  onDisconnect: (error?: unknown) => void = () => {}
  readonly #foreign: TransportConnection

  constructor(foreign: TransportConnection) {
    this.#foreign = foreign
    this.client = foreign as unknown as { dispatch(request: Dispatcher.DispatchOptions): unknown }
  }

  destroy(): Promise<void> {
    return this.#foreign.destroy()
  }
}
