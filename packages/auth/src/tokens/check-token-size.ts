import { sizeBytes } from '@gatewright/core'

const MOST_BYTES = 64 * 1_024

/** Yields what is wrong with the longest token that is taken. */
export function* checkTokenSize(size: string | undefined, at: string): Iterable<string> {
  if (size === undefined) return
  const bytes = sizeBytes(size) as number
  if (bytes < 1 || bytes > MOST_BYTES) yield `${at}: must be from 1B to 64KiB`
}
