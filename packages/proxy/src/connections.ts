import type { PoolSettings } from '@gatewright/core'
import type { Dispatcher } from 'undici'
import { ConnectionLine, type LineMember } from './connection-line.js'
import { isUnasked } from './failure.js'
import { type Holder, SlowClients } from './slow-clients.js'
import { Timed, type TimerWheel } from './timer-wheel.js'

/** What the connections serve: one attempt, told when it may go. */
export interface Waiter extends Holder, LineMember<Waiter> {
  /** A connection is yours; it was just opened or has served before. */
  connected(connection: Connection): void
  /** The upstream has closed its side of the connection: what has arrived is all there is. */
  upstreamEnded(): void
  /** An interim answer of so many bytes was passed over. Throws when they are too many. */
  passedOver(bytes: number): void
  /** The client is too slow to keep its connection while others wait. */
  takeBack(): void
  /** The line is full, and it has had to leave it for another client's. */
  displace(): void
}

/** One connection slot of an endpoint: it keeps at most one socket. */
export interface Connection {
  readonly client: {
    dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): unknown
  }
  /** Requests served by the present socket. */
  served: number
  busy: boolean
  /** What it serves now, from `connected` on. */
  user: Waiter | null
  /** Whether the present socket has carried a HEAD. */
  headSent: boolean
  /** Called when the socket is gone, with the transport's error. */
  onDisconnect: (error?: unknown) => void
  /**
   * Whether the other side, whose end has just been read, had reset the connection instead of closing it: `done` gets
   * the error, or `null`. Without this method nobody can tell.
   */
  wasReset?(done: (error: Error | null) => void): void
  /** Closes it at once, also while it is being made. */
  destroy(): Promise<void>
}

/**
 * The connections to one endpoint: as many as `connections.max`, the most recently used one first, so that the
 * others can grow idle and close. When all are busy, or the client has `connections.perClient` of them, requests wait in a
 * line that clients have equal shares of; the caller bounds how long. While some have waited for long, connections that
 * only wait for slow clients are taken back.
 */
export class Connections extends Timed {
  readonly #settings: PoolSettings
  readonly #create: () => Connection
  readonly #wheel: TimerWheel
  readonly #slowClients: SlowClients<Waiter>
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  readonly #line: ConnectionLine<Waiter>
  #closed = false
  #stoodStill = false
  /** Requests that found the line full, since slow clients were looked for. */
  #refused = 0
  #headsHaveBodies = false

  constructor(settings: PoolSettings, create: () => Connection, wheel: TimerWheel) {
    super()
    this.#settings = settings
    this.#create = create
    this.#wheel = wheel
    this.#slowClients = new SlowClients(settings.connections)
    this.#line = new ConnectionLine(settings.connections.perClient)
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
    return this.#line.size
  }

  /** A connection now, `'wait'` when the waiter has been put in line, or `'full'` when the line is full. */
  acquire(waiter: Waiter): Connection | 'wait' | 'full' {
    if (this.#line.isOverShare(waiter)) return this.#wait(waiter) ? 'wait' : 'full'
    let connection = this.#idle.pop()
    if (connection !== undefined) connection.busy = true
    else if (this.#all.size < this.#settings.connections.max) connection = this.#add()
    else return this.#wait(waiter) ? 'wait' : 'full'
    this.#line.took(waiter)
    return connection
  }

  /** Gives a connection back; whose turn it is in the line gets it. One that is not `healthy` is not used again. */
  release(connection: Connection, healthy: boolean): void {
    if (connection.user !== null) this.#line.gave(connection.user)
    connection.user = null
    if (healthy) connection.served++
    else this.#remove(connection)
    const waiter = this.#line.next()
    if (waiter !== null) {
      const next = healthy ? connection : this.#add()
      this.#line.took(waiter)
      waiter.connected(next)
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

  /**
   * Whether a HEAD is the last request of its connection: once the endpoint has sent a body behind the answer to one,
   * it would be taken for the next answer.
   */
  endsWithHead(connection: Connection): boolean {
    connection.headSent = true
    return this.#headsHaveBodies
  }

  /** Takes a waiter out of the line. */
  leave(waiter: Waiter): void {
    this.#line.leave(waiter)
  }

  /**
   * Looks for slow clients as long as somebody waits. After the process has stood still it first reads what has come from
   * them in the meantime.
   */
  override wake(now: number): number {
    const { everyMs, patienceMs } = this.#slowClients
    this.#stoodStill = !this.#stoodStill && now - this.dueAt > everyMs
    if (this.#stoodStill) return now + 1
    // Where nobody may wait, it is for the next ones.
    const nobodyWaits = this.#settings.connections.maxQueue === 0
    const most = nobodyWaits ? this.#refused : this.#line.since(now - patienceMs)
    this.#refused = 0
    if (most > 0) for (const user of this.#slowClients.find(this.#users(), most, now)) user.takeBack()
    return this.#line.size === 0 ? 0 : now + everyMs
  }

  /** Closes what is idle now and the rest as it is given back. */
  closeIdle(): void {
    this.#closed = true
    for (const connection of [...this.#idle]) this.#remove(connection)
  }

  /** Destroys every connection. */
  async destroy(): Promise<void> {
    this.#closed = true
    this.#wheel.cancel(this)
    await Promise.all([...this.#all].map((connection) => connection.destroy()))
    this.#all.clear()
    this.#idle.length = 0
  }

  #add(): Connection {
    const connection = this.#create()
    connection.onDisconnect = (error) => {
      if (connection.headSent && isUnasked(error)) this.#headsHaveBodies = true
      connection.served = 0
      connection.headSent = false
      if (!connection.busy) this.#remove(connection)
    }
    this.#all.add(connection)
    return connection
  }

  *#users(): Generator<Waiter> {
    for (const { user } of this.#all) if (user !== null) yield user
  }

  #lookForSlow(): void {
    const { everyMs } = this.#slowClients
    if (everyMs > 0 && this.slot === -1) this.#wheel.scheduleIn(this, everyMs)
  }

  #remove(connection: Connection): void {
    const index = this.#idle.indexOf(connection)
    if (index !== -1) this.#idle.splice(index, 1)
    if (this.#all.delete(connection)) void connection.destroy()
  }

  // Who is displaced hears of it last: it may come back at once.
  #wait(waiter: Waiter): boolean {
    const full = this.#line.size >= this.#settings.connections.maxQueue
    if (full && waiter.overShare) return false
    const displaced = full ? this.#line.displacedBy(waiter) : null
    if (full && displaced === null) {
      this.#refused++
      this.#lookForSlow()
      return false
    }
    if (displaced !== null) this.#line.leave(displaced)
    this.#line.join(waiter)
    this.#lookForSlow()
    displaced?.displace()
    return true
  }
}
