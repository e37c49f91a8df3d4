import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

const known = new WeakMap<Socket, string>()

/**
 * The identity of the client's certificate, where the server has verified one: its URI name, its DNS name, or its subject, in
 * this order; `''` for none. Read once per connection.
 */
export function principalOf(socket: Socket): string {
  if ((socket as Partial<TLSSocket>).authorized !== true) return ''
  const before = known.get(socket)
  if (before !== undefined) return before
  const { subjectaltname = '', subject = {} } = (socket as TLSSocket).getPeerCertificate()
  const principal = nameOf(subjectaltname) ?? subjectOf(subject as unknown as Record<string, unknown>)
  known.set(socket, principal)
  return principal
}

function nameOf(names: string): string | undefined {
  for (const kind of ['URI:', 'DNS:']) {
    const found = names.split(', ').find((name) => name.startsWith(kind))
    if (found !== undefined) return found.slice(kind.length)
  }
  return undefined
}

function subjectOf(subject: Record<string, unknown>): string {
  return Object.entries(subject)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
}
