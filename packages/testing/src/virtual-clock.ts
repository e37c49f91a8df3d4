import type { Clock } from '@gatewright/core'

/** A clock that stands still until a test advances it. */
export interface VirtualClock {
  /** To be passed wherever a `Clock` is taken. */
  readonly clock: Clock
  /** What the clock shows now, in milliseconds. */
  now(): number
  /** Moves the clock forward by `ms` milliseconds. Throws a RangeError when `ms` is negative: the clock is monotonic. */
  advance(ms: number): void
}

/**
 * Makes a clock for tests.
 *
 * @param startMs Its first time. Default 1000; never 0, which records use for "not yet".
 */
export function virtualClock(startMs = 1_000): VirtualClock {
  let now = startMs
  return {
    clock: () => now,
    now: () => now,
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`a monotonic clock cannot move by ${ms} ms`)
      now += ms
    }
  }
}
