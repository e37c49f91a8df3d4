import type { Socket } from 'node:net'
import type { Endpoint, PoolSettings } from '@gatewright/core'
import type { Client } from 'undici'
import { type Connect, createConnector } from './connector.js'
import { readBeforeWritesFail } from './late-write-errors.js'
import * as transport from './transport.js'

/** What the connections serve: one attempt, told when it may go. */
export interface Waiter {
  /** A connection is yours; it was just opened or has served before. */
  connected(connection: Connection): void
  /** The upstream has closed its side of the connection: what has arrived is all there is. */
  upstreamEnded(): void
  nextWaiter: Waiter | null
  previousWaiter: Waiter | null
  waiting: boolean
}

/** One connection slot of an endpoint: an undici `Client` that keeps at most one socket. */
export class Connection {
  readonly client: Client
  /** Requests served by the present socket. */
  served = 0
  busy = true
  /** What it serves now, from `connected` on. */
  user: Waiter | null = null
  #socket: Socket | null = null

  constructor(origin: string, options: Client.Options, connect: Connect) {
    this.client = new transport.Client(origin, {
      ...options,
      connect: (target, done) => {
        this.#socket = connect(target, (...result) => {
          if (result[1] !== null) this.#watch(result[1])
          done(...result)
        })
      }
    })
  }

  /** Closes it at once, also while it is being made. */
  async destroy(): Promise<void> {
    const destroyed = this.client.destroy()
    this.#socket?.destroy()
    await destroyed
  }

  // Undici's parser must not be paused when the socket ends, or an assertion ends the process; and a reset is to it
  // the regular end of an answer with `connection: close`. These listeners come before undici's own.
  #watch(socket: Socket): void {
    readBeforeWritesFail(socket)
    socket.on('end', () => this.user?.upstreamEnded())
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') error.code = 'EPIPE'
    })
  }
}

/**
 * The connections to one endpoint: as many as `connections.max`, the most recently used one first, so that the
 * others can grow idle and close. When all are busy, requests wait in line; the caller bounds how long.
 */
export class Connections {
  readonly #origin: string
  readonly #settings: PoolSettings
  readonly #options: Client.Options
  readonly #connect: Connect
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  #firstWaiter: Waiter | null = null
  #lastWaiter: Waiter | null = null
  #waiting = 0
  #closed = false

  constructor(endpoint: Endpoint, settings: PoolSettings) {
    this.#origin = endpoint.origin
    this.#settings = settings
    this.#connect = createConnector(settings)
    this.#options = {
      pipelining: 1,
      keepAliveTimeout: settings.connections.keepAliveMs,
      // Every time limit is the forwarder's own.
      headersTimeout: 0,
      bodyTimeout: 0
    }
  }

  /** Connections open or being opened. */
  get open(): number {
    return this.#all.size
  }

  /** Connections waiting for a request. */
  get idle(): number {
    return this.#idle.length
  }

  /** Requests waiting for a connection. */
  get waiting(): number {
    return this.#waiting
  }

  /** A connection now, `'wait'` when the waiter has been put in line, or `'full'` when the line is full. */
  acquire(waiter: Waiter): Connection | 'wait' | 'full' {
    const connection = this.#idle.pop()
    if (connection !== undefined) {
      connection.busy = true
      return connection
    }
    if (this.#all.size < this.#settings.connections.max) return this.#add()
    if (this.#waiting >= this.#settings.connections.maxQueue) return 'full'
    this.#enqueue(waiter)
    return 'wait'
  }

  /** Gives a connection back; whoever has waited longest gets it. One that is not `healthy` is not used again. */
  release(connection: Connection, healthy: boolean): void {
    connection.user = null
    if (healthy) connection.served++
    else this.#remove(connection)
    const waiter = this.#firstWaiter
    if (waiter !== null) {
      this.leave(waiter)
      waiter.connected(healthy ? connection : this.#add())
    } else if (healthy) {
      connection.busy = false
      if (this.#closed) this.#remove(connection)
      else this.#idle.push(connection)
    }
  }

  /** Whether the next request on this connection is its last one, by `connections.maxRequests`. */
  endsWithNext({ served }: Connection): boolean {
    const { maxRequests } = this.#settings.connections
    return maxRequests > 0 && served + 1 >= maxRequests
  }

  /** Takes a waiter out of the line. */
  leave(waiter: Waiter): void {
    if (!waiter.waiting) return
    const { nextWaiter: next, previousWaiter: previous } = waiter
    if (previous === null) this.#firstWaiter = next
    else previous.nextWaiter = next
    if (next === null) this.#lastWaiter = previous
    else next.previousWaiter = previous
    waiter.nextWaiter = waiter.previousWaiter = null
    waiter.waiting = false
    this.#waiting--
  }

  /** Closes what is idle now and the rest as it is given back. */
  closeIdle(): void {
    this.#closed = true
    for (const connection of [...this.#idle]) this.#remove(connection)
  }

  /** Destroys every connection. */
  async destroy(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#all].map((connection) => connection.destroy()))
    this.#all.clear()
    this.#idle.length = 0
  }

  #add(): Connection {
    const connection = new Connection(this.#origin, this.#options, this.#connect)
    connection.client.on('disconnect', () => {
      connection.served = 0
      if (!connection.busy) this.#remove(connection)
    })
    this.#all.add(connection)
    return connection
  }

  #remove(connection: Connection): void {
    const index = this.#idle.indexOf(connection)
    if (index !== -1) this.#idle.splice(index, 1)
    if (this.#all.delete(connection)) void connection.destroy()
  }

  #enqueue(waiter: Waiter): void {
    waiter.previousWaiter = this.#lastWaiter
    waiter.nextWaiter = null
    if (this.#lastWaiter === null) this.#firstWaiter = waiter
    else this.#lastWaiter.nextWaiter = waiter
    this.#lastWaiter = waiter
    waiter.waiting = true
    this.#waiting++
  }
}
