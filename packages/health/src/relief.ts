import type { Endpoint } from '@gatewright/core'
import type { EndpointState } from './endpoint-state.js'
import { isTurning } from './probe-streak.js'

/** How long an ejected endpoint is left alone in any case, and between two that are let back, in milliseconds. */
export const REST_MS = 1_000

/**
 * Which ejected endpoint to let back when those that are left fail too, and no more of them may be ejected: the one that
 * has been out for longest, for at least {@link REST_MS}, unless its last probe failed; `null` for none.
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
    // Turning, it is about to be unhealthy.
    if (probe.health === 'unhealthy' || isTurning(probe) || ejection.began > since) continue
    if (best !== null && ejection.began === since) continue
    best = endpoint
    since = ejection.began
  }
  return best
}
