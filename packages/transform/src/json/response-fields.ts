import type { FastifyReply } from 'fastify'

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
