import type { AttemptRecord } from '@gatewright/core'

/** How an attempt's time was spent, in milliseconds. */
export interface Phases {
  /** Waiting in line for a connection. */
  readonly queue_ms: number
  /** Opening a connection, or finding one open; `null` when it never got so far. */
  readonly connect_ms: number | null
  /** From the request being sent to the head of the response; `null` when none came. */
  readonly first_byte_ms: number | null
  /** All of it, to the end of the response's body. */
  readonly ms: number
}

/** The phases of an attempt. One that is not over, or only after its exchange, counts until `now`. */
export function phasesOf(attempt: AttemptRecord, now: number): Phases {
  return {
    queue_ms: queueMs(attempt, now),
    connect_ms: connectMs(attempt, now),
    first_byte_ms: firstByteMs(attempt),
    ms: microseconds(endOf(attempt, now) - attempt.startedAt)
  }
}

/** When an attempt was over, as far as its exchange lasted, which is until `now`. */
export function endOf({ endedAt }: AttemptRecord, now: number): number {
  return endedAt === 0 ? now : Math.min(endedAt, now)
}

/** How long it waited in line. */
export function queueMs(attempt: AttemptRecord, now: number): number {
  return microseconds((attempt.dispatchedAt || endOf(attempt, now)) - attempt.startedAt)
}

/** How long connecting took, or was tried. */
export function connectMs(attempt: AttemptRecord, now: number): number | null {
  const { dispatchedAt, sentAt } = attempt
  return dispatchedAt === 0 ? null : microseconds((sentAt || endOf(attempt, now)) - dispatchedAt)
}

/** How long the head of the response took after the request. */
export function firstByteMs({ sentAt, headAt }: AttemptRecord): number | null {
  return headAt === 0 || sentAt === 0 ? null : microseconds(headAt - sentAt)
}

/** The attempt whose outcome is the exchange's: the last one to end that was not lost to a faster attempt. */
export function decisive(attempts: readonly AttemptRecord[]): AttemptRecord | null {
  const [first] = attempts
  if (attempts.length < 2) return first ?? null
  let best: AttemptRecord | null = null
  for (const attempt of attempts)
    if (!attempt.cancelled && (best === null || lastOf(attempt) >= lastOf(best))) best = attempt
  return best ?? (attempts.at(-1) as AttemptRecord)
}

/** Milliseconds, rounded to microseconds. */
function microseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}

function lastOf({ endedAt }: AttemptRecord): number {
  return endedAt === 0 ? Number.POSITIVE_INFINITY : endedAt
}
