import { REASONS, type Reason } from './reason.js'

/** The media type of {@link problem} (RFC 9457, section 6.1). */
export const PROBLEM_TYPE = 'application/problem+json'

/**
 * The body of every answer that the gateway makes itself (RFC 9457). It carries the reason and the
 * request id, and neither the upstream's address nor the text of an internal error.
 */
export function problem(reason: Reason, requestId: string): string {
  const { status, title } = REASONS[reason]
  return JSON.stringify({ type: `urn:gatewright:reason:${reason}`, title, status, reason, requestId })
}
