import type { Chance, Clock, Timers, TransportFactory } from '@gatewright/core'

/** What tests replace. */
export interface GatewaySeams {
  /** Default: the process's monotonic clock. */
  readonly clock?: Clock
  /** Default: `Math.random`. */
  readonly chance?: Chance
  /** Default: the process's timers. */
  readonly timers?: Timers
  /** Connections in place of real ones. */
  readonly transport?: TransportFactory
}
