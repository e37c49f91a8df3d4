import { Readable } from 'node:stream'
import type { Exchange } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import type { AnswerSource } from '../template/variable.js'

/** Fields that describe the bytes of a body: of a changed one they would be wrong. */
const OF_BYTES = [
  'content-length',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
  'accept-ranges',
  'content-range'
]

/** A field of a response as text, several of a name joined; `''` for none. */
export function fieldOf(reply: FastifyReply, name: string): string {
  const value = reply.getHeader(name)
  return value === undefined ? '' : [value].flat().join(', ')
}

/** Drops what describes the bytes of a body that is changed; {@link changeValidators} as well. */
export function dropFields(reply: FastifyReply, dropsValidators: boolean): void {
  for (const name of OF_BYTES) reply.removeHeader(name)
  changeValidators(reply, dropsValidators)
}

/** A strong `ETag` would say that the bytes are the upstream's (RFC 9110, section 8.8.1): it becomes weak, or all validators go. */
export function changeValidators(reply: FastifyReply, drops: boolean): void {
  const tag = fieldOf(reply, 'etag')
  if (drops) {
    reply.removeHeader('etag')
    reply.removeHeader('last-modified')
  } else if (tag !== '' && !tag.startsWith('W/')) reply.header('etag', `W/${tag}`)
}

/** Whether a response says that it must not be changed (RFC 9111, section 5.2.2.6). */
export function isFixed(reply: FastifyReply): boolean {
  return /(?:^|,)\s*no-transform\s*(?:,|$)/i.test(fieldOf(reply, 'cache-control'))
}

/** Whether there is no body to change. */
export function isEmpty(payload: unknown): boolean {
  if (payload instanceof Readable) return false
  return !(Buffer.isBuffer(payload) || typeof payload === 'string') || payload.length === 0
}

/** What templates know of a response. */
export function answerSource({ attempts }: Exchange, { statusCode }: FastifyReply): AnswerSource {
  return { endpoint: attempts.at(-1)?.endpoint.host ?? '', status: statusCode }
}
