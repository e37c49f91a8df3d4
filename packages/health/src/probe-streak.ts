import type { EndpointHealth } from '@gatewright/core'
import type { ProbeResult } from './config/callbacks.js'
import type { ProbeSettings } from './settings.js'

/** An endpoint's health by probes. */
export interface ProbeState {
  readonly health: Exclude<EndpointHealth, 'ejected'>
  /** Consecutive results that differ from `health`. */
  readonly streak: number
}

/** Before the first probe. */
export const UNPROBED: ProbeState = { health: 'unknown', streak: 0 }

/**
 * The state after a probe. The first passing probe makes an unknown endpoint healthy; after that it takes
 * `unhealthyThreshold` consecutive failures, or `healthyThreshold` passes, to change. Between healthy and degraded one
 * result is enough.
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

/** Whether the state is about to change, so that probes use the fast interval. */
export function isTurning({ streak }: ProbeState): boolean {
  return streak > 0
}
