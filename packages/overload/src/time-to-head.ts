import type { AttemptRecord, Exchange } from '@gatewright/core'

/**
 * The upstream's time to the response head, in milliseconds; -1 if unknown. The time in which the client sends its body is
 * not included.
 */
export function timeToHead(
  { startedAt, headAt, status }: Pick<AttemptRecord, 'startedAt' | 'headAt' | 'status'>,
  { bodyEndedAt, body, ingress }: Pick<Exchange, 'bodyEndedAt' | 'body' | 'ingress'>
): number {
  const uploading = ingress.hasBody && body === null && bodyEndedAt === 0
  return status >= 500 || uploading ? -1 : headAt - Math.max(startedAt, bodyEndedAt)
}
