/** A worker that has served for so long, in milliseconds, was no failure of the start. */
export const SETTLED_MS = 10_000
/** Failures in a row after which the workers are given up, where none serves. */
export const MOST_FAILURES = 5

const FIRST_MS = 100
const LONGEST_MS = 30_000

/**
 * How long to wait before a worker is started in the place of another, in milliseconds: not at all after the first failure,
 * then twice as long each time, at most 30 s, and up to a quarter longer by `chance`, so that workers do not fail together.
 */
export function restartDelayMs(failuresInRow: number, chance: () => number): number {
  if (failuresInRow <= 1) return 0
  const delayMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failuresInRow - 2))
  return Math.round(delayMs * (1 + chance() / 4))
}
