import type { AttemptRecord, Exchange } from '@gatewright/core'

/**
 * How long the upstream took for the head of an answer, in milliseconds; -1 when that cannot be said. What a client takes
 * to send its body is none of it, and where the gateway itself stood still meanwhile nothing was measured.
 */
export function timeToHead(
  {
    startedAt,
    headAt,
    status,
    stalledMs
  }: Pick<AttemptRecord, 'startedAt' | 'headAt' | 'status' | 'stalledMs'>,
  { bodyEndedAt, body, ingress }: Pick<Exchange, 'bodyEndedAt' | 'body' | 'ingress'>
): number {
  const uploading = ingress.hasBody && body === null && bodyEndedAt === 0
  return status >= 500 || uploading || stalledMs > 0 ? -1 : headAt - Math.max(startedAt, bodyEndedAt)
}
