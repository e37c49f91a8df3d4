/** Whether a service is asked that has failed: how often in a row, and from when on one request may try again. */
export interface Backoff {
  readonly failures: number
  /** Before this moment, in milliseconds, nobody asks; 0 where everybody does. */
  readonly until: number
}

/** So many failures in a row, and it is asked no more for a while. */
const FAILURES = 5
const FIRST_MS = 1_000
const MOST_MS = 30_000

/** A service that answers. */
export const ANSWERS: Backoff = { failures: 0, until: 0 }

/** Whether it may be asked now. */
export function mayAsk({ until }: Backoff, now: number): boolean {
  return now >= until
}

/** It is asked. After a pause this one request tries, and others wait for it or for the end of `timeoutMs`. */
export function asked(backoff: Backoff, now: number, timeoutMs: number): Backoff {
  return backoff.until === 0 ? backoff : { ...backoff, until: now + timeoutMs }
}

/** It has failed: from the fifth time in a row on it is left alone, from 1 s doubled up to 30 s. */
export function failed({ failures: before }: Backoff, now: number): Backoff {
  const failures = before + 1
  if (failures < FAILURES) return { failures, until: 0 }
  return { failures, until: now + Math.min(FIRST_MS * 2 ** (failures - FAILURES), MOST_MS) }
}
