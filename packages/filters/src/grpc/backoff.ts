import type { Chance } from '@gatewright/core'

const FIRST_MS = 100
const LONGEST_MS = 5_000
const JITTER = 0.2

/** Milliseconds to wait before another connection is tried, after so many failures in a row (from 1). */
export function backoffMs(failures: number, chance: Chance): number {
  const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10))
  return ms * (1 + JITTER * (2 * chance() - 1))
}
