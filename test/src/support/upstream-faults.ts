/**
 * What is wrong with an upstream. `slow`: answers after {@link SLOW_MS}. `narrow`: serves {@link NARROW_PLACES} at a
 * time, each for {@link NARROW_MS}, and the others wait. `drip`: the head at once, then a byte every 20 ms without end.
 */
export type ProcessFault =
  | 'none'
  | 'slow'
  | 'narrow'
  | 'errors'
  | 'silent'
  | 'reset-before-head'
  | 'reset-mid-head'
  | 'reset-mid-body'
  | 'drip'

export const SLOW_MS = 300
export const NARROW_PLACES = 2
export const NARROW_MS = 50

/** Requests for it get no answer until the upstream is told to give them. */
export const HELD_PATH = '/held'

/** What an upstream is told or asked. */
export type ToUpstream = ProcessFault | 'release' | 'counts?'

/** What an upstream has had since it began. */
export interface UpstreamCounts {
  readonly requests: number
  readonly connections: number
  /** Requests that are held now. */
  readonly held: number
}
