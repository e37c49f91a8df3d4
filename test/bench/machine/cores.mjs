import { availableParallelism } from 'node:os'
import { findBinary } from './binaries.mjs'

const apart = availableParallelism() > 1 && findBinary('taskset') !== null

/** The core of the proxy under test, `null` when processes cannot be pinned apart. */
export const proxyCore = apart ? 0 : null
/** The core that load generator and upstream share. */
export const loadCore = apart ? 1 : null
/** How the report says it. */
export const pinning = apart
  ? 'the proxy alone on core 0, load generator and upstream together on core 1'
  : 'NOT pinned (one core, or no taskset): proxy, load generator and upstream compete, read with care'
