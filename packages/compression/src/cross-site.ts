import { type Exchange, hostKey } from '@gatewright/core'

// Schemes whose credentials browsers send by themselves.
const AMBIENT = /^(?:basic|digest|negotiate|ntlm)\b/i

/** Whether a request has credentials that a browser adds to whatever any page asks for. */
export function hasAmbientCredentials({ headers }: Pick<Exchange, 'headers'>): boolean {
  return headers.cookie !== undefined || AMBIENT.test(headers.authorization ?? '')
}

/**
 * Whether the page of another site may have made a request. The browser says so in a header that pages cannot write (Fetch
 * Metadata, section 2.4). One that does not is believed by `Origin` or `Referer`, which a page can leave out but not forge.
 */
export function mayBeCrossSite({ headers, ingress }: Pick<Exchange, 'headers' | 'ingress'>): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'same-site' && site !== 'none'
  const page = headers.origin ?? headers.referer
  if (page === undefined || !URL.canParse(page)) return true
  return new URL(page).hostname !== hostKey(ingress.forwardedHost || ingress.authority)
}
