import type { Ingress } from '../model/ingress-facts.js'

/** Parts of an origin that take the place of the client's. */
interface OriginParts {
  readonly scheme?: 'http' | 'https'
  readonly host?: string
  readonly port?: number
}

const PORT = /:(\d*)$/
const DEFAULT_PORTS = { http: '80', https: '443' }

/**
 * The origin that the client has asked, as trusted proxies tell it: `https://api.example.com:8443`, without the scheme's own
 * port; `''` where nobody names a host. With another scheme or host, the client's port is none of theirs.
 */
export function clientOrigin(
  ingress: Pick<Ingress, 'proto' | 'authority' | 'forwardedHost' | 'forwardedPort'>,
  instead: OriginParts = {}
): string {
  const authority = ingress.forwardedHost || ingress.authority
  const scheme = instead.scheme ?? ingress.proto
  const host = instead.host ?? authority.replace(PORT, '')
  if (host === '') return ''
  const keepsPort = instead.scheme === undefined && instead.host === undefined
  const port =
    instead.port?.toString() ?? (keepsPort ? ingress.forwardedPort || (PORT.exec(authority)?.[1] ?? '') : '')
  return `${scheme}://${host}${port === '' || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}`
}
