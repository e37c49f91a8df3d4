import { isDeepStrictEqual } from 'node:util'
import type { Endpoint, Pool, Prepared, Reset, Snapshot } from '@gatewright/core'
import type { Connections } from './connections.js'
import { type ConnectionsFactory, PoolTransport } from './pool-transport.js'
import { TlsContext } from './tls-context.js'

/** All connections to endpoints, over all configurations. */
export class Transports {
  readonly #create: ConnectionsFactory
  readonly #byPool = new WeakMap<Pool, PoolTransport>()
  /** Those that may have connections. */
  readonly #all = new Set<PoolTransport>()
  /** Of the pools that there are now, by their ids. */
  #current: ReadonlyMap<string, PoolTransport> = new Map()

  constructor(create: ConnectionsFactory) {
    this.#create = create
  }

  /** The connections to an endpoint of a pool, which may be one of an earlier configuration. */
  readonly connectionsOf = (endpoint: Endpoint, pool: Pool): Connections => {
    const transport = this.#byPool.get(pool) ?? this.#add(pool)
    return transport.to(endpoint)
  }

  /** Makes ready for other pools: those that are connected to alike share their connections. */
  prepare({ pools }: Snapshot): Prepared {
    const next = new Map<string, PoolTransport>()
    const reset: Reset[] = []
    for (const [id, pool] of pools) {
      const before = this.#current.get(id)
      const transport = this.#byPool.get(pool) ?? this.#transportFor(pool, before)
      if (before !== undefined && before !== transport) {
        const key = before.tls === transport.tls ? 'connections' : 'tls'
        reset.push({ pool: id, what: 'connections', because: `${key} has changed` })
      }
      next.set(id, transport)
      this.#byPool.set(pool, transport)
    }
    let gone: readonly PoolTransport[] = []
    return {
      reset,
      commit: () => {
        gone = [...this.#current].filter(([id, one]) => next.get(id) !== one).map(([, one]) => one)
        this.#current = next
        for (const [id, transport] of next) {
          this.#all.add(transport)
          transport.settings = (pools.get(id) as Pool).settings
        }
        for (const transport of gone) transport.close()
      },
      retire: () => {
        for (const transport of gone) {
          this.#all.delete(transport)
          void transport.destroy()
        }
      }
    }
  }

  /** Endpoints of a pool came or left. */
  changed(pool: Pool, added: readonly Endpoint[], removed: readonly Endpoint[]): void {
    const transport = this.#byPool.get(pool)
    for (const endpoint of removed) transport?.left(endpoint)
    for (const endpoint of added) transport?.came(endpoint)
  }

  /** The sums of a figure, by endpoint: one may have connections of several configurations. */
  sums(figure: (connections: Connections) => number): ReadonlyMap<Endpoint, number> {
    const sums = new Map<Endpoint, number>()
    for (const transport of this.#all)
      for (const [endpoint, connections] of transport.entries())
        sums.set(endpoint, (sums.get(endpoint) ?? 0) + figure(connections))
    return sums
  }

  /** Destroys every connection. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#all].map((transport) => transport.destroy()))
  }

  #transportFor({ settings }: Pool, before: PoolTransport | undefined): PoolTransport {
    const tls =
      before !== undefined && isDeepStrictEqual(before.tls.settings, settings.tls)
        ? before.tls
        : new TlsContext(settings.tls)
    if (before?.tls === tls && isDeepStrictEqual(before.settings.connections, settings.connections))
      return before
    return new PoolTransport(settings, tls, this.#create)
  }

  // Of a pool that a hook has made itself.
  #add(pool: Pool): PoolTransport {
    const made = this.#transportFor(pool, undefined)
    this.#byPool.set(pool, made)
    this.#all.add(made)
    return made
  }
}
