import { type Exchange, hopAddress } from '@gatewright/core'

/**
 * `Forwarded` as received, and an element for the gateway's own hop (RFC 7239, section 4): its scheme and
 * host are those that the peer requested on this connection.
 */
export function continuedForwarded({ ingress, raw }: Pick<Exchange, 'ingress' | 'raw'>): string {
  const { peer, authority, forwarded } = ingress
  const proto = 'encrypted' in raw.socket ? 'https' : 'http'
  const element = `for=${node(peer)}${origin(authority, proto)}`
  return forwarded === '' ? element : `${forwarded}, ${element}`
}

/**
 * `Forwarded` that says what the `X-Forwarded` headers say: an element for each address, the client's with the origin
 * that it has asked for.
 */
export function translatedForwarded({ ingress }: Pick<Exchange, 'ingress'>): string {
  const { peer, client, proto, forwardedFor, forwardedHost, authority } = ingress
  const asked = origin(forwardedHost === '' ? authority : forwardedHost, proto)
  const hops = forwardedFor === '' ? [] : forwardedFor.split(',').map(hopAddress)
  hops.push(peer)
  const at = hops.lastIndexOf(client)
  return hops.map((hop, index) => `for=${node(hop)}${index === at ? asked : ''}`).join(', ')
}

// Values that are no tokens are quoted, IPv6 addresses in brackets.
function node(address: string): string {
  if (address === '') return 'unknown'
  return address.includes(':') ? `"[${address}]"` : address
}

function origin(host: string, proto: string): string {
  if (host === '') return `;proto=${proto}`
  return `;host=${/^[\w.-]+$/.test(host) ? host : `"${host}"`};proto=${proto}`
}
