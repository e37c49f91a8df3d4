import { Readable } from 'node:stream'
import type { Exchange, GatewayError } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import { changeReply } from './answering.js'
import type { PreparedAnswer } from './prepared-decision.js'
import { FILTER_DENIED } from './reasons.js'

type SendDone = (error: Error | null, payload?: unknown) => void

/** What the gateway says of a response whoever gives it. */
const KEPT = /^(?:vary|access-control-.*|ratelimit.*|x-ratelimit-.*|strict-transport-security)$/

/** Gives an answer in place of a response whose head is there. Nothing of the response is left. */
export function replaceResponse(
  exchange: Exchange,
  reply: FastifyReply,
  payload: unknown,
  { status, headers, body, denies }: PreparedAnswer,
  detail: string,
  done: SendDone
): void {
  discard(exchange, reply, payload, null)
  if (denies) {
    exchange.reason = FILTER_DENIED.name
    exchange.detail = detail
    if (exchange.snapshot.ingress.reasonHeader) reply.header('x-gw-reason', FILTER_DENIED.name)
  }
  changeReply(headers, reply)
  if (body.length > 0 && reply.getHeader('content-type') === undefined)
    reply.header('content-type', 'text/plain; charset=utf-8')
  reply.code(status)
  done(null, body)
}

/** Takes back a response: its header fields, and its body, which is not read on. */
export function discard(
  { snapshot }: Exchange,
  reply: FastifyReply,
  payload: unknown,
  error: GatewayError | null
): void {
  const { requestIdHeader } = snapshot.ingress.settings
  for (const name of Object.keys(reply.getHeaders()))
    if (name !== requestIdHeader && !KEPT.test(name)) {
      reply.removeHeader(name)
      reply.raw.removeHeader(name)
    }
  reply.raw.statusMessage = ''
  if (payload instanceof Readable) payload.on('error', ignore).destroy(error ?? undefined)
}

function ignore(): void {}
