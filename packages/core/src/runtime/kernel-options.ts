import type { GatewayConfig } from '../config/config.js'
import type { Chance, Clock } from '../model/clock.js'
import type { ChangeOrigin } from './history.js'
import type { Timers } from './timers.js'

/** What a kernel is made from. */
export interface KernelOptions {
  readonly config: GatewayConfig
  readonly clock: Clock
  readonly chance: Chance
  /** Default: the process's. */
  readonly timers?: Timers
  /** Default 1. */
  readonly processes?: number
  /** Where the configuration comes from, for the history. Default: it is not said. */
  readonly origin?: ChangeOrigin
}
