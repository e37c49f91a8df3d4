/** A latency that fades. */
export interface Estimate {
  /** Milliseconds, as of `at`. */
  readonly ms: number
  /** When it was last measured. */
  readonly at: number
}

/** An estimate decayed to `now`: it falls to 37 % in `decayMs`. */
export function estimateAt({ ms, at }: Estimate, now: number, decayMs: number): number {
  return ms * Math.exp((at - now) / decayMs)
}

/**
 * The estimate after a measurement of `ms` at `now`. The first one, and any above the estimate, counts at once; a
 * lower one weighs the more, the longer ago the last one was.
 */
export function observe(estimate: Estimate | undefined, ms: number, now: number, decayMs: number): Estimate {
  if (estimate === undefined || ms > estimate.ms) return { ms, at: now }
  const kept = Math.exp((estimate.at - now) / decayMs)
  return { ms: estimate.ms * kept + ms * (1 - kept), at: now }
}
