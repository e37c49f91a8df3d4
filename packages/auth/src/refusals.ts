import {
  type Events,
  type Exchange,
  GatewayError,
  isBodyUnread,
  type ReasonDefinition,
  respondLast
} from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import { FORBIDDEN, UNAUTHENTICATED } from './reasons.js'
import type { Answered } from './scheme.js'

/** What a client gets besides the reason. */
interface Fields {
  /** Of WWW-Authenticate; `''` for none. */
  readonly challenge?: string
  /** In seconds; 0 for none. */
  readonly retryAfter?: number
}

/** Refuses requests, and tells of those that are only observed. */
export class Refusals {
  readonly #events: Events

  constructor(events: Events) {
    this.#events = events
  }

  /** The error that a request is answered with. `because` is for the log alone. */
  refusal(exchange: Exchange, reason: ReasonDefinition, because: string, fields: Fields = {}): GatewayError {
    const { challenge = '', retryAfter = 0 } = fields
    this.#events.emit('rejected', { exchange, reason: reason.name, because })
    const headers: Record<string, string> = {}
    if (challenge !== '') headers['www-authenticate'] = challenge
    if (retryAfter > 0) headers['retry-after'] = String(retryAfter)
    return new GatewayError(reason, { detail: because, headers })
  }

  /** A request that only observes would have been refused. */
  observed(exchange: Exchange, { name: reason }: ReasonDefinition, because: string): void {
    exchange.observe(reason)
    this.#events.emit('observed', { exchange, reason, because })
  }

  /** Relays what an authorization service has answered. */
  relay(exchange: Exchange, reply: FastifyReply, { status, headers, body, detail }: Answered): void {
    const { name: reason } = status === 403 ? FORBIDDEN : UNAUTHENTICATED
    exchange.reason = reason
    exchange.detail = detail
    this.#events.emit('rejected', { exchange, reason, because: detail })
    if (isBodyUnread(exchange.raw)) respondLast(exchange.raw, reply)
    for (const [name, value] of headers) reply.header(name, value)
    reply.code(status).header('cache-control', 'no-store').serializer(asIs).send(body)
  }
}

// Without a serializer of its own Fastify would append a charset to the media type.
function asIs(body: unknown): string {
  return body as string
}
