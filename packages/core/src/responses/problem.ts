import type { Reason, ReasonInfo } from '../config/reason.js'

/** The media type of {@link problem} (RFC 9457, section 6.1). */
export const PROBLEM_TYPE = 'application/problem+json'

/**
 * The body of every response that the gateway makes itself (RFC 9457). It carries the reason and the
 * request id, the trace id where there is one, what the error adds, and neither the upstream's address nor the text of an internal error.
 */
export function problem(
  reason: Reason,
  { status, title }: ReasonInfo,
  requestId: string,
  traceId = '',
  members: Readonly<Record<string, unknown>> = {}
): string {
  const type = `urn:gatewright:reason:${reason}`
  const trace = traceId === '' ? {} : { traceId }
  const own = { type, title, status, reason, requestId, ...trace }
  return JSON.stringify({ ...own, ...members, ...own })
}
