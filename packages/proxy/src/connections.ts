import type { PoolSettings } from '@gatewright/core'
import { Connection, type Connector, type Waiter } from './connection.js'
import { ConnectionLine } from './connection-line.js'
import { isUnasked } from './failure.js'
import { SlowClients } from './slow-clients.js'
import { Timed, type TimerWheel } from './timer-wheel.js'

/** How an endpoint answers HEAD. */
export interface HeadResponses {
  /** Whether it has sent a body behind such a response. */
  haveBodies: boolean
}

/**
 * The connections to one endpoint: as many as `connections.max`, the most recently used one first, so that the
 * others can grow idle and close. When all are busy, or the client has `connections.perClient` of them, requests wait in a
 * line that clients have equal shares of; the caller bounds how long. While some have waited for long, connections that
 * only wait for slow clients are taken back.
 */
export class Connections extends Timed {
  readonly #settings: PoolSettings
  readonly #connect: Connector
  readonly #wheel: TimerWheel
  readonly #heads: HeadResponses
  readonly #slowClients: SlowClients<Waiter>
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  readonly #line: ConnectionLine<Waiter>
  /** Whether connections close when they are idle, instead of waiting for the next request. */
  closing = false
  /** Called when it is closing and nothing is left. */
  emptied: () => void = () => {}
  #stoodStill = false
  /** Requests that found the line full, since slow clients were looked for. */
  #refused = 0

  /** `heads`: facts about the endpoint from earlier connections. */
  constructor(
    settings: PoolSettings,
    connect: Connector,
    wheel: TimerWheel,
    heads: HeadResponses = { haveBodies: false }
  ) {
    super()
    this.#settings = settings
    this.#connect = connect
    this.#wheel = wheel
    this.#heads = heads
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
      if (this.closing) this.#remove(connection)
      else this.#idle.push(connection)
    }
  }

  /** Whether the next request on this connection is its last one, by `connections.maxRequests`. */
  endsWithNext({ served }: Connection): boolean {
    const { maxRequests } = this.#settings.connections
    return maxRequests > 0 && served + 1 >= maxRequests
  }

  /**
   * Whether a HEAD is the last request of its connection: once the endpoint has sent a body behind the response to one,
   * it would be taken for the next response.
   */
  endsWithHead(connection: Connection): boolean {
    connection.headSent = true
    return this.#heads.haveBodies
  }

  /** Takes a waiter out of the line. */
  leave(waiter: Waiter): void {
    this.#line.leave(waiter)
  }

  /**
   * Looks for slow clients as long as a request waits. After the process has stood still it first reads what has come from
   * them in the meantime.
   */
  override wake(now: number): number {
    const { everyMs, patienceMs } = this.#slowClients
    this.#stoodStill = !this.#stoodStill && now - this.dueAt > everyMs
    if (this.#stoodStill) return now + 1
    // Without a queue, it serves the next requests.
    const nobodyWaits = this.#settings.connections.maxQueue === 0
    const most = nobodyWaits ? this.#refused : this.#line.since(now - patienceMs)
    this.#refused = 0
    if (most > 0) for (const user of this.#slowClients.find(this.#users(), most, now)) user.takeBack()
    return this.#line.size === 0 ? 0 : now + everyMs
  }

  /** Closes idle connections now and the others on release. */
  closeIdle(): void {
    this.closing = true
    for (const connection of [...this.#idle]) this.#remove(connection)
    this.#end()
  }

  /** The opposite of {@link closeIdle}. */
  keepIdle(): void {
    this.closing = false
  }

  /** Destroys every connection. */
  async destroy(): Promise<void> {
    this.closing = true
    this.#wheel.cancel(this)
    await Promise.all([...this.#all].map(({ upstream }) => upstream.destroy()))
    this.#all.clear()
    this.#idle.length = 0
  }

  #add(): Connection {
    const connection = new Connection(this.#connect, this.#lost)
    this.#all.add(connection)
    return connection
  }

  readonly #lost = (connection: Connection, error: unknown): void => {
    if (connection.headSent && isUnasked(error)) this.#heads.haveBodies = true
    connection.served = 0
    connection.headSent = false
    if (!connection.busy) this.#remove(connection)
  };

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
    if (this.#all.delete(connection)) void connection.upstream.destroy()
    this.#end()
  }

  #end(): void {
    if (this.closing && this.#all.size === 0 && this.#line.size === 0) this.emptied()
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
