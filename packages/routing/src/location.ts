import {
  clientOrigin,
  type Exchange,
  GatewayError,
  type RedirectConfig,
  type Route,
  upstreamTarget
} from '@gatewright/core'

const NO_BASE = { basePath: '', baseQuery: '' }

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
  const origin = clientOrigin(exchange.ingress, redirect)
  if (origin === '') throw new GatewayError('request_rejected', { detail: 'a redirect needs a Host' })
  return (
    origin +
    (redirect.path === undefined ? upstreamTarget(exchange, route, NO_BASE) : redirect.path + exchange.query)
  )
}
