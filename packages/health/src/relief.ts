import type { Endpoint } from '@gatewright/core'
import type { EndpointState } from './endpoint-state.js'
import { isTurning } from './probe-streak.js'

/** Shortest ejection before readmission, and shortest time between two readmissions, in milliseconds. */
export const REST_MS = 1_000

/**
 * The ejected endpoint to readmit when the remaining ones fail too and no more may be ejected: the one ejected longest ago,
 * at least {@link REST_MS}, unless its last probe failed; `null` for none.
 */
export function relief(
  endpoints: readonly Endpoint[],
  stateOf: (endpoint: Endpoint) => EndpointState,
  now: number
): Endpoint | null {
  let best: Endpoint | null = null
  let since = now - REST_MS
  for (const endpoint of endpoints) {
    if (!endpoint.open || endpoint.health !== 'ejected') continue
    const { ejection, probe } = stateOf(endpoint)
    // Its last probe failed.
    if (probe.health === 'unhealthy' || isTurning(probe) || ejection.began > since) continue
    if (best !== null && ejection.began === since) continue
    best = endpoint
    since = ejection.began
  }
  return best
}
