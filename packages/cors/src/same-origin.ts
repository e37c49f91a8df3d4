import { type Exchange, hostKey } from '@gatewright/core'

/**
 * Whether the page that a request comes from is of the origin it asks. The browser says so in a header that pages cannot
 * write (Fetch Metadata, section 2.4); otherwise `Origin` is compared with the address that the client has asked for, as
 * trusted proxies tell it.
 */
export function isSameOrigin({ headers, ingress }: Pick<Exchange, 'headers' | 'ingress'>): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin = '' } = headers
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  const authority = ingress.forwardedHost || ingress.authority
  if (page.protocol !== `${ingress.proto}:` || page.hostname !== hostKey(authority)) return false
  return (
    portOf(page.port, page.protocol) === portOf(askedPort(authority, ingress.forwardedPort), page.protocol)
  )
}

function askedPort(authority: string, forwardedPort: string): string {
  return /:(\d+)$/.exec(authority)?.[1] ?? forwardedPort
}

function portOf(port: string, protocol: string): string {
  return port || (protocol === 'https:' ? '443' : '80')
}
