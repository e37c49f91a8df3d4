import type { Duration } from '@gatewright/core'

/** When a hedged attempt begins: a duration, or a percentile of the pool's recent latency such as `'p95'`. */
export type HedgeDelay = Duration | `p${number}`
