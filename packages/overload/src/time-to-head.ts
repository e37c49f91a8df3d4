import type { AttemptRecord, Exchange } from '@gatewright/core'

/**
 * How long the upstream took for the head of an answer, in milliseconds; -1 when that cannot be said. What a client takes
 * to send its body is none of it.
 */
export function timeToHead(
  { startedAt, headAt, status }: Pick<AttemptRecord, 'startedAt' | 'headAt' | 'status'>,
  { bodyEndedAt, body, ingress }: Pick<Exchange, 'bodyEndedAt' | 'body' | 'ingress'>
): number {
  const uploading = ingress.hasBody && body === null && bodyEndedAt === 0
  return status >= 500 || uploading ? -1 : headAt - Math.max(startedAt, bodyEndedAt)
}
