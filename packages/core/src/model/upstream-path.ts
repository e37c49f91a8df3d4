import { shownTarget } from '../config/shown-url.js'
import type { EditedRequest } from './edits.js'
import type { Endpoint } from './endpoint.js'
import { GatewayError } from './gateway-error.js'
import { isPlainPath, readPath } from './path.js'
import type { Params, Route } from './route.js'

/** What a target is made of. */
interface Target {
  readonly path: string
  /** As the client sent it. */
  readonly query: string
  /** What is sent in its place. */
  readonly upstreamQuery?: string | null
  readonly params: Params | null
}

/**
 * The request target sent upstream: the endpoint's base path, the rewritten canonical path and the query with its `?`
 * (default: the client's), the endpoint's own query first. Throws `path_rejected` when a rewrite has made a path that is not canonical:
 * nothing may leave the endpoint's base path.
 */
export function upstreamTarget(
  request: Target,
  route: Pick<Route, 'id' | 'rewrite'>,
  endpoint: Pick<Endpoint, 'basePath' | 'baseQuery'>,
  query: string = request.upstreamQuery ?? request.query
): string {
  const { path, params } = request
  const rewritten = route.rewrite === null ? path : checked(route.rewrite(path, params), route.id)
  const whole =
    endpoint.basePath === '' ? rewritten : endpoint.basePath + (rewritten === '*' ? '' : rewritten)
  if (endpoint.baseQuery === '') return whole + query
  return whole + endpoint.baseQuery + (query.length > 1 ? `&${query.slice(1)}` : '')
}

/** The query of a request as its route's edits leave it, with its `?`; `''` for none. */
export function editedQuery(request: EditedRequest, { pipeline }: Pick<Route, 'pipeline'>): string {
  let query = request.upstreamQuery ?? request.query
  for (const edit of pipeline.requestEdits) if (edit.query !== undefined) query = edit.query(query, request)
  return query
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
