import type { FastifyReply } from 'fastify'
import type { EditedHead, ResponseEdit } from '../model/edits.js'
import type { Exchange } from '../model/exchange.js'

/** Lets edits change the head of an answer that the gateway itself gives. */
export function editOwnResponse(
  edits: readonly ResponseEdit[],
  exchange: Exchange,
  reply: FastifyReply
): void {
  const before = new Map<string, string | string[]>()
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) before.set(name.toLowerCase(), Array.isArray(value) ? value : String(value))
  const head: EditedHead = { status: reply.statusCode, headers: [...before].flat() as EditedHead['headers'] }
  for (const edit of edits) edit.edit(head, exchange, null)
  const after = new Map<string, string | string[]>()
  for (let i = 0; i < head.headers.length; i += 2)
    after.set(head.headers[i] as string, head.headers[i + 1] as string | string[])
  for (const [name, value] of before) if (after.get(name) !== value) remove(reply, name)
  for (const [name, value] of after) if (before.get(name) !== value) reply.header(name, value)
}

function remove(reply: FastifyReply, name: string): void {
  reply.removeHeader(name)
  reply.raw.removeHeader(name)
}
