import type { EndpointHealth } from '@gatewright/core'
import type { ProbeResult } from './config/callbacks.js'
import type { ProbeSettings } from './settings.js'

/** What probes say of an endpoint: pure, one probe after another. */
export interface ProbeState {
  readonly health: Exclude<EndpointHealth, 'ejected'>
  /** Results in a row that differ from `health`. */
  readonly streak: number
}

/** Before the first probe. */
export const UNPROBED: ProbeState = { health: 'unknown', streak: 0 }

/**
 * The state after a probe. The first one that passes makes an unknown endpoint healthy; after that it takes
 * `unhealthyThreshold` failures in a row, or `healthyThreshold` passes, to turn. Between healthy and degraded one does.
 */
export function afterProbe(
  { health, streak }: ProbeState,
  result: ProbeResult,
  { healthyThreshold, unhealthyThreshold }: Pick<ProbeSettings, 'healthyThreshold' | 'unhealthyThreshold'>
): ProbeState {
  const passed = result !== 'unhealthy'
  const wasUp = health === 'healthy' || health === 'degraded'
  if (passed && (wasUp || health === 'unknown')) return { health: result, streak: 0 }
  if (!passed && health === 'unhealthy') return { health, streak: 0 }
  const count = streak + 1
  const threshold = passed ? healthyThreshold : unhealthyThreshold
  return count >= threshold ? { health: result, streak: 0 } : { health, streak: count }
}

/** Whether the state is about to turn, so that probes should come fast. */
export function isTurning({ streak }: ProbeState): boolean {
  return streak > 0
}
