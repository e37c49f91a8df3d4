import type { Probe } from './probe.js'

/** A part of a table that is searched as one. */
export interface Layer {
  /** Finds the best route, or collects methods, for the probe. */
  match(probe: Probe): boolean
}
