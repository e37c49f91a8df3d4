import type { Endpoint, TransportFactory, UpstreamConnection } from '@gatewright/core'
import type { LineMember } from './connection-line.js'
import { type ConnectorSettings, createConnector } from './connector.js'
import type { ReadBuffers } from './read-buffers.js'
import type { Holder } from './slow-clients.js'
import { UndiciConnection } from './undici-connection.js'

/** What a connection serves: one attempt, notified when it may send. */
export interface Waiter extends Holder, LineMember<Waiter> {
  /** A connection is yours; it was just opened or has served before. */
  connected(connection: Connection): void
  /** The client is too slow to keep its connection while others wait. */
  takeBack(): void
  /** The line is full, and it has had to leave it for another client's. */
  displace(): void
}

/** Makes a connection, which calls `lost` whenever it has ended. */
export type Connector = (lost: (error?: unknown) => void) => UpstreamConnection

/** One of the connections to an endpoint, and who has it. */
export class Connection {
  readonly upstream: UpstreamConnection
  /** Requests served since it was last made. */
  served = 0
  busy = true
  /** The attempt it serves, from `connected` on. */
  user: Waiter | null = null
  /** Whether it has carried a HEAD since it was last made. */
  headSent = false

  constructor(connect: Connector, lost: (connection: Connection, error: unknown) => void) {
    this.upstream = connect((error) => lost(this, error))
  }
}

/** What makes the connections to an endpoint. `factory` takes the place of undici, for tests without a network. */
export function connectorTo(
  endpoint: Endpoint,
  made: ConnectorSettings,
  factory: TransportFactory | null,
  buffers: ReadBuffers
): Connector {
  if (factory !== null) return (lost) => factory(endpoint, made.settings, lost)
  const connect = createConnector(made, endpoint, buffers)
  const options = { keepAliveTimeout: made.settings.connections.keepAliveMs }
  return (lost) => new UndiciConnection(endpoint.origin, options, connect, lost)
}
