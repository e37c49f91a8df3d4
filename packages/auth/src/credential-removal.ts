import type { Exchange } from '@gatewright/core'
import type { CredentialPlace } from './scheme.js'

/** Keeps a credential from the upstream: the header, the cookie or the parameter that it was found in, every copy of it. */
export function removeCredential(exchange: Exchange, { in: where, name }: CredentialPlace): void {
  if (where === 'header') exchange.dropHeader(name)
  else if (where === 'cookie') removeCookie(exchange, name)
  else exchange.upstreamQuery = withoutParameter(exchange.upstreamQuery ?? exchange.query, name)
}

function removeCookie(exchange: Exchange, name: string): void {
  const cookies = exchange.upstreamHeaders?.get('cookie') ?? exchange.headers.cookie
  if (cookies === undefined) return
  const kept = cookies.split(';').filter((pair) => nameOf(pair.trimStart(), '=').trimEnd() !== name)
  if (kept.length === 0) exchange.dropHeader('cookie')
  else exchange.forwardHeader('cookie', kept.join(';').trim())
}

/** A query without a parameter, the others byte for byte as they were. */
function withoutParameter(query: string, name: string): string {
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => decoded(nameOf(pair, '=')) !== name)
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

/** What a name or a value in a query stands for; as it is where it is no valid encoding. */
export function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

function nameOf(pair: string, mark: string): string {
  const end = pair.indexOf(mark)
  return end === -1 ? pair : pair.slice(0, end)
}
