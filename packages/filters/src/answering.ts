import { type Exchange, GatewayError, isBodyUnread, respondLast } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import type { FieldChange } from './filter.js'
import type { PreparedAnswer } from './prepared-decision.js'
import { FILTER_DENIED } from './reasons.js'

/**
 * Answers in place of the upstream. A plain refusal, 403 without a body, is told as any other refusal of the gateway: `failed`
 * is then called with it.
 */
export function answerRequest(
  exchange: Exchange,
  reply: FastifyReply,
  { status, headers, body, denies }: PreparedAnswer,
  detail: string,
  failed: (error: GatewayError) => void
): void {
  changeReply(headers, reply)
  if (denies && status === FILTER_DENIED.status && body.length === 0) {
    failed(new GatewayError(FILTER_DENIED, { detail }))
    return
  }
  if (denies) {
    exchange.reason = FILTER_DENIED.name
    exchange.detail = detail
    if (exchange.snapshot.ingress.reasonHeader) reply.header('x-gw-reason', FILTER_DENIED.name)
  }
  if (isBodyUnread(exchange.raw)) respondLast(exchange.raw, reply)
  if (body.length > 0 && reply.getHeader('content-type') === undefined)
    reply.header('content-type', 'text/plain; charset=utf-8')
  reply.code(status).serializer(asIs).send(body)
}

/** Applies checked changes to what the client gets. */
export function changeReply(changes: readonly FieldChange[], reply: FastifyReply): void {
  for (const { name, value, how } of changes) {
    const before = reply.getHeader(name)
    if (how === 'remove') reply.removeHeader(name)
    else if (name === 'set-cookie') {
      // Fastify adds to the lines that are there.
      if (how !== 'add-if-absent' || before === undefined) reply.header(name, value)
    } else if (before === undefined) {
      if (how !== 'set-if-present') reply.header(name, value)
    } else if (how === 'append')
      // Its values have commas: clients read several from several lines only (RFC 9110, section 11.6.1).
      reply.header(
        name,
        name === 'www-authenticate' ? [before, value].flat() : `${[before].flat().join(', ')}, ${value}`
      )
    else if (how !== 'add-if-absent') reply.header(name, value)
  }
}

// Without a serializer of its own Fastify would write a text as JSON where that is the media type.
function asIs(body: unknown): string {
  return body as string
}
