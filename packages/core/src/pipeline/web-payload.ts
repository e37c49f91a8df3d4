import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { FastifyReply } from 'fastify'

/**
 * A payload of the Fetch standard, as handlers may return it, as what steps know. Of a `Response`, status and fields become
 * those of the reply, as Fastify would make them behind all hooks, where they would take the place of what steps have set; its
 * body and a `ReadableStream` become a stream. Another payload stays, and so does a `Response` whose body is used, which Fastify refuses.
 */
export function nodePayload(payload: unknown, reply: FastifyReply): unknown {
  if (typeof payload !== 'object' || payload === null || Buffer.isBuffer(payload)) return payload
  const kind = Object.prototype.toString.call(payload)
  if (kind === '[object ReadableStream]') return Readable.fromWeb(payload as ReadableStream)
  if (kind !== '[object Response]') return payload
  const { status, headers, body, bodyUsed } = payload as Response
  if (bodyUsed) return payload
  reply.code(status)
  for (const [name, value] of headers) reply.header(name, value)
  return body === null ? null : Readable.fromWeb(body as ReadableStream)
}
