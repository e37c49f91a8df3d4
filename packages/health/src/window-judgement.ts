import type { Endpoint } from '@gatewright/core'
import type { EndpointState } from './endpoint-state.js'
import type { OutlierSettings } from './settings.js'

/** Consecutive windows in which an endpoint must be too slow. */
const SLOW_WINDOWS = 2

/** An outlier, with the cause as text. */
export interface Outlier {
  readonly endpoint: Endpoint
  readonly because: string
}

/** Compares the completed windows of a pool's endpoints: yields those that fail too often or are too slow. */
export function* outliersIn(
  endpoints: readonly Endpoint[],
  stateOf: (endpoint: Endpoint) => EndpointState,
  settings: OutlierSettings
): Iterable<Outlier> {
  const judged = endpoints.map((endpoint) => {
    const state = stateOf(endpoint)
    const enough = state.window.total >= settings.minRequests
    return { endpoint, state, median: enough ? state.window.median() : null, enough }
  })
  for (const { endpoint, state, median, enough } of judged) {
    const rate = state.window.errorRate
    if (enough && settings.errorRate > 0 && rate >= settings.errorRate)
      yield { endpoint, because: `${Math.round(rate * 100)} % of ${state.window.total} attempts failed` }
    const peers = judged.flatMap((other) =>
      other.endpoint !== endpoint && other.median !== null ? [other.median] : []
    )
    const typical = peers.sort((a, b) => a - b)[peers.length >> 1]
    const slow =
      settings.latencyFactor > 0 &&
      median !== null &&
      typical !== undefined &&
      median > typical * settings.latencyFactor
    // Too few attempts: no evaluation.
    if (median !== null) state.slowWindows = slow ? state.slowWindows + 1 : 0
    if (state.slowWindows >= SLOW_WINDOWS)
      yield {
        endpoint,
        because: `median latency ${Math.round(median as number)} ms, that of its peers ${Math.round(typical as number)} ms`
      }
  }
  for (const { state } of judged) state.window.reset()
}
