import { performance } from 'node:perf_hooks'

/**
 * Milliseconds on a monotonic scale; only differences mean anything.
 * Pure code takes a `Clock` as an argument, so that tests can turn the hands.
 */
export type Clock = () => number

/** The process's monotonic clock. */
export const monotonic: Clock = () => performance.now()

/** A source of chance: a number from 0 (included) to 1 (excluded), as `Math.random`. */
export type Chance = () => number
