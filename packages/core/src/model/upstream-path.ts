import { shownTarget } from '../config/shown-url.js'
import type { Endpoint } from './endpoint.js'
import { GatewayError } from './gateway-error.js'
import { isPlainPath, readPath } from './path.js'
import type { Params, Route } from './route.js'

/**
 * The request target sent upstream: the endpoint's base path, the rewritten canonical path and the query, the
 * endpoint's own query first. Throws `path_rejected` when a rewrite has made a path that is not canonical:
 * nothing may leave the endpoint's base path.
 */
export function upstreamTarget(
  { path, query, params }: { readonly path: string; readonly query: string; readonly params: Params | null },
  route: Pick<Route, 'id' | 'rewrite'>,
  endpoint: Pick<Endpoint, 'basePath' | 'baseQuery'>
): string {
  const rewritten = route.rewrite === null ? path : checked(route.rewrite(path, params), route.id)
  const whole =
    endpoint.basePath === '' ? rewritten : endpoint.basePath + (rewritten === '*' ? '' : rewritten)
  if (endpoint.baseQuery === '') return whole + query
  return whole + endpoint.baseQuery + (query.length > 1 ? `&${query.slice(1)}` : '')
}

function checked(path: string, routeId: string): string {
  if (isPlainPath(path)) return path
  if (path.includes('?')) throw refusedRewrite(path, routeId)
  const read = readPath(path, { policy: 'reject', encodedSlashes: 'keep', duplicateSlashes: 'keep' })
  if (read.kind !== 'clean') throw refusedRewrite(path, routeId)
  return read.path
}

function refusedRewrite(path: string, routeId: string): GatewayError {
  return new GatewayError('path_rejected', {
    detail: `the rewrite of route '${routeId}' made '${shownTarget(path)}'`
  })
}
