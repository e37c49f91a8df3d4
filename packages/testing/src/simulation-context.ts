import type { AttemptRecord, Exchange, Pool } from '@gatewright/core'
import type { SimulatedPauses } from './simulated-pauses.js'
import type { SimulatedUpstream } from './simulated-upstream.js'
import type { VirtualTime } from './virtual-time.js'

/** What all exchanges of a simulation share. */
export interface SimulationContext {
  readonly time: VirtualTime
  readonly pauses: SimulatedPauses
  readonly pool: Pool
  upstreamOf(record: AttemptRecord): SimulatedUpstream
  /** An attempt has begun. */
  attempted(record: AttemptRecord): void
  /** The client has its response. */
  closed(exchange: Exchange): void
  /** What a stage has thrown. */
  readonly report: (error: unknown) => void
}

/** What an upstream takes for a response besides its own time, in milliseconds. */
export interface ResponseTimes {
  readonly holdMs?: number
  readonly bodyMs?: number
}
