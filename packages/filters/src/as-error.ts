import { toldError } from '@gatewright/core'

/** What was thrown, which may be anything, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(toldError(thrown))
}
