import { type Duration, durationMs } from '@gatewright/core'

/** A duration that has been checked, in milliseconds. */
export function durationOf(text: Duration): number {
  return durationMs(text) as number
}
