import type { FastifyReply } from 'fastify'

/**
 * Adds request fields to `Vary`, beside what is there (RFC 9110, section 12.5.5): no name is repeated, and `*` is kept, as it says
 * more. `names` are separated by commas.
 */
export function addVary(reply: Pick<FastifyReply, 'getHeader' | 'header'>, names: string): void {
  const before = reply.getHeader('vary')
  if (before === undefined || before === '') {
    reply.header('vary', names)
    return
  }
  const lines = Array.isArray(before) ? before.join(', ') : String(before)
  const there = new Set(itemsOf(lines).map((name) => name.toLowerCase()))
  if (there.has('*')) return
  const missing = itemsOf(names).filter((name) => !there.has(name.toLowerCase()))
  if (missing.length > 0) reply.header('vary', `${lines}, ${missing.join(', ')}`)
}

function itemsOf(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
