import type { Endpoint, PoolSettings } from '@gatewright/core'
import type { Connections } from './connections.js'
import type { ConnectorSettings } from './connector.js'
import type { TlsContext } from './tls-context.js'

/** Makes what holds the connections to an endpoint. */
export type ConnectionsFactory = (endpoint: Endpoint, settings: ConnectorSettings) => Connections

/**
 * The connections to the endpoints of a pool, in all configurations in which they are made alike. Where an endpoint has left,
 * or the pool is made otherwise by now, requests that began before still get connections, and none of them is kept.
 */
export class PoolTransport implements ConnectorSettings {
  readonly tls: TlsContext
  /** Those of the newest configuration. */
  settings: PoolSettings
  readonly #create: ConnectionsFactory
  readonly #byEndpoint = new Map<Endpoint, Connections>()
  readonly #left = new WeakSet<Endpoint>()
  #closed = false

  constructor(settings: PoolSettings, tls: TlsContext, create: ConnectionsFactory) {
    this.settings = settings
    this.tls = tls
    this.#create = create
  }

  /** The connections to an endpoint. */
  to(endpoint: Endpoint): Connections {
    return this.#byEndpoint.get(endpoint) ?? this.#add(endpoint)
  }

  entries(): Iterable<[Endpoint, Connections]> {
    return this.#byEndpoint
  }

  /** The endpoint is one of the pool's. */
  came(endpoint: Endpoint): void {
    this.#left.delete(endpoint)
    if (!this.#closed) this.#byEndpoint.get(endpoint)?.keepIdle()
  }

  /** It is no more. */
  left(endpoint: Endpoint): void {
    this.#left.add(endpoint)
    this.#byEndpoint.get(endpoint)?.closeIdle()
  }

  /** Requests of the newest configuration do not come here any more. */
  close(): void {
    this.#closed = true
    for (const connections of [...this.#byEndpoint.values()]) connections.closeIdle()
  }

  /** Destroys every connection. */
  async destroy(): Promise<void> {
    this.#closed = true
    const all = [...this.#byEndpoint.values()]
    this.#byEndpoint.clear()
    await Promise.all(all.map((connections) => connections.destroy()))
  }

  #add(endpoint: Endpoint): Connections {
    const connections = this.#create(endpoint, this)
    this.#byEndpoint.set(endpoint, connections)
    connections.closing = this.#closed || this.#left.has(endpoint)
    connections.emptied = () => {
      if (this.#byEndpoint.get(endpoint) === connections) this.#byEndpoint.delete(endpoint)
    }
    return connections
  }
}
