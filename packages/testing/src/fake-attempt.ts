import type { AttemptRecord, Endpoint } from '@gatewright/core'

/**
 * The record of a finished attempt for unit tests: the head of a 200 arrived after 10 ms and the attempt was over
 * with it. `changes` replaces any part.
 */
export function fakeAttempt(endpoint: Endpoint, changes: Partial<AttemptRecord> = {}): AttemptRecord {
  const { startedAt = 1_000 } = changes
  return {
    endpoint,
    number: 1,
    startedAt,
    dispatchedAt: startedAt,
    sentAt: startedAt,
    headAt: startedAt + 10,
    endedAt: startedAt + 10,
    status: 200,
    sent: true,
    reused: false,
    hedge: false,
    reconnected: false,
    failure: null,
    error: undefined,
    cancelled: false,
    overdue: false,
    overShare: false,
    superseded: false,
    stalledMs: 0,
    setCookies: null,
    retryAfter: '',
    ...changes
  }
}
