/** Whether a service is asked that has failed: how often in a row, and from when on one request may try again. */
export interface Backoff {
  /** Those of requests that began before the pause count as one: they tell of the same moment. */
  readonly failures: number
  /** When the pause began, in milliseconds. */
  readonly since: number
  /** Before this moment, in milliseconds, nobody asks; 0 where everybody does. */
  readonly until: number
}

/** So many failures in a row, and it is asked no more for a while. */
const FAILURES = 5
const FIRST_MS = 1_000
const MOST_MS = 30_000

/** A service that answers. */
export const ANSWERS: Backoff = { failures: 0, since: 0, until: 0 }

/** Whether it may be asked now. */
export function mayAsk({ until }: Backoff, now: number): boolean {
  return now >= until
}

/** It is asked. After a pause this one request tries, and others wait for it or for the end of `timeoutMs`. */
export function asked(backoff: Backoff, now: number, timeoutMs: number): Backoff {
  return backoff.until === 0 ? backoff : { ...backoff, until: now + timeoutMs }
}

/** What was asked at `askedAt` has failed: from the fifth time in a row on it is left alone, from 1 s doubled up to 30 s. */
export function failed(backoff: Backoff, askedAt: number, now: number): Backoff {
  if (backoff.until !== 0 && askedAt <= backoff.since) return backoff
  const failures = backoff.failures + 1
  if (failures < FAILURES) return { failures, since: 0, until: 0 }
  return { failures, since: now, until: now + Math.min(FIRST_MS * 2 ** (failures - FAILURES), MOST_MS) }
}
