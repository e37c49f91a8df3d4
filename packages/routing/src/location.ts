import {
  type Exchange,
  GatewayError,
  type RedirectConfig,
  type Route,
  upstreamTarget
} from '@gatewright/core'

const NO_BASE = { basePath: '', baseQuery: '' }
const PORT = /:(\d*)$/
const DEFAULT_PORTS = { http: '80', https: '443' }

/**
 * The `Location` of a redirect (RFC 9110, section 10.2.2): an absolute URL made of checked parts only. Throws
 * `request_rejected` when neither the route nor the request names a host, and `path_rejected` when the route's
 * rewrite makes a path that is not canonical.
 */
export function locationOf(
  redirect: RedirectConfig,
  exchange: Pick<Exchange, 'path' | 'query' | 'params' | 'ingress'>,
  route: Pick<Route, 'id' | 'rewrite'>
): string {
  const { ingress } = exchange
  const authority = ingress.forwardedHost || ingress.authority
  const scheme = redirect.scheme ?? ingress.proto
  const host = redirect.host ?? authority.replace(PORT, '')
  if (host === '') throw new GatewayError('request_rejected', { detail: 'a redirect needs a Host' })
  const keepsPort = redirect.scheme === undefined && redirect.host === undefined
  const port =
    redirect.port?.toString() ?? (keepsPort ? ingress.forwardedPort || (PORT.exec(authority)?.[1] ?? '') : '')
  const target =
    redirect.path === undefined ? upstreamTarget(exchange, route, NO_BASE) : redirect.path + exchange.query
  return `${scheme}://${host}${port === '' || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}${target}`
}
