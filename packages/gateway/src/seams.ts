import type { ApplyOptions, Chance, Clock, Timers, TransportFactory } from '@gatewright/core'
import type { ProbeStarter } from './probes.js'
import type { StopStage } from './shutdown.js'

/** What tests replace, and what a program that runs gateways is told and does for them. */
export interface GatewaySeams {
  /** Default: the process's monotonic clock. */
  readonly clock?: Clock
  /** Default: `Math.random`. */
  readonly chance?: Chance
  /** Default: the process's timers. */
  readonly timers?: Timers
  /** Connections in place of real ones. */
  readonly transport?: TransportFactory
  /** Who gives the configuration of the start, why, and where it comes from: for the history, as with `apply`. */
  readonly origin?: Pick<ApplyOptions, 'author' | 'reason' | 'source'>
  /** Who answers probes and scrapes. Default: a listener of the gateway's own. */
  readonly startProbes?: ProbeStarter
  /** How many processes serve the same traffic: limits that count in memory are divided by it. Default 1. */
  readonly processes?: number
  /** Told of every stage of stopping. Must not throw. */
  readonly stopping?: (stage: StopStage) => void
}
