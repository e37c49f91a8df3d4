import type { Exchange } from '@gatewright/core'

/** Returns what a request takes of a limit, from 0 to 1000000. One that throws, or returns something else, is reported and counts 1. */
export type RateLimitCost = (exchange: Exchange) => number

/** The most that a request may take. */
export const MOST_COST = 1_000_000

/** Whether a number can be a cost. */
export function isCost(cost: unknown): cost is number {
  return typeof cost === 'number' && cost >= 0 && cost <= MOST_COST
}
