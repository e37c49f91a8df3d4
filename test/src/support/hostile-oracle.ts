import type { Reason } from '@gatewright/gateway'
import { answerOf } from './hostile-answers.js'
import type { Round } from './hostile-rounds.js'

/** What a client that reads to the end is owed: the answer, a part of it that does not look whole, or a reason. */
export type Owed = OwedAnswer | { readonly kind: 'failed'; readonly reason: Reason }

interface OwedAnswer {
  readonly kind: 'whole' | 'cut'
  readonly status: number
  /** Of one that is cut, what the upstream has sent at most. */
  readonly content: string
}

/** What a hook that reads nothing of a stream sends in its place. */
export const INSTEAD = 'instead'

/** What the upstream's bytes come to, and what the hook of the route makes of it. */
export function owedFor(round: Round): Owed {
  const { hook, method, answer } = round
  const owed = cameOf(round)
  if (owed.kind === 'failed') return owed
  if (method === 'HEAD' || hasNoContent(answer)) return { ...owed, content: '' }
  if (hook === 'read' && owed.kind === 'cut') return failed(round)
  if ((hook === 'piped' || hook === 'web') && owed.kind === 'cut' && isEmpty(round)) return failed(round)
  if (hook === 'unread' && isStreamed(round)) return { ...owed, kind: 'whole', content: INSTEAD }
  return owed
}

/** Whether the answer ends with trailers. */
export function owesTrailers({ answer, request }: Pick<Round, 'answer' | 'request'>): boolean {
  return (
    answer.trailer && /^(?!HEAD).* HTTP\/1\.1\r\n/.test(request) && request.includes('\r\nTE: trailers\r\n')
  )
}

function cameOf(round: Round): Owed {
  const { method, answer, assault, number } = round
  const { status, headEnd, fault, untilClose } = answer
  const { bytes } = assault
  const sent = assault.rest ? bytes.length : assault.at
  const end = method === 'HEAD' || hasNoContent(answer) ? headEnd : answer.end
  const content = answerOf(answer.content, number)
  if (sent >= end && end < fault) return { kind: 'whole', status, content }
  if (sent < headEnd || fault <= headEnd) return failed(round)
  if (untilClose && assault.end === 'close')
    return { kind: 'whole', status, content: bytes.slice(headEnd, sent) }
  return { kind: 'cut', status, content }
}

function failed({ answer, assault }: Round): Owed {
  const sent = assault.rest ? assault.bytes.length : assault.at
  return { kind: 'failed', reason: sent >= answer.fault ? 'upstream_protocol_error' : 'upstream_reset' }
}

// A stream that a hook has put in its place sends the head with its first piece.
function isEmpty({ answer, assault }: Round): boolean {
  const sent = assault.rest ? assault.bytes.length : assault.at
  return answer.content === '' || Math.min(sent, answer.fault) <= answer.contentAt
}

function hasNoContent({ status }: Round['answer']): boolean {
  return status === 204 || status === 304
}

// In one piece is what comes at once, and can be sent as it is.
function isStreamed(round: Round): boolean {
  const { answer, assault } = round
  const { headEnd, end, content, bytes } = answer
  const atOnce =
    end <= bytes.length && headEnd <= assault.at === end <= assault.at && (assault.rest || end <= assault.at)
  return !atOnce || owesTrailers(round) || (content !== '' && !/content-type: \w+\/\w+\r\n/.test(bytes))
}
