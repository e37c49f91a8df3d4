import type { Endpoint, Pool, Report } from '@gatewright/core'
import type { Connections } from './connections.js'
import type { KnownFields } from './known-fields.js'
import type { ReadBuffers } from './read-buffers.js'
import type { TimerWheel } from './timer-wheel.js'

/** What all forwardings of an app share. */
export interface ForwardingContext {
  readonly wheel: TimerWheel
  readonly now: () => number
  readonly fields: KnownFields
  readonly buffers: ReadBuffers
  connectionsOf(endpoint: Endpoint, pool: Pool): Connections
  /** Whether clients should close their connections. */
  isDraining(): boolean
  readonly report: Report
}
