import { isHost, type RouteAction, readPath } from '@gatewright/core'

/** Yields the problems of a route's own response: nothing else may reach its head. */
export function* checkResponse(action: RouteAction): Iterable<string> {
  if (action.kind === 'redirect') {
    const { host, path } = action.redirect
    if (host !== undefined && (!isHost(host) || /:\d*$/.test(host.replace(/^\[.*\]/, ''))))
      yield `redirect.host '${host}' must be a host name without port`
    if (path !== undefined && !isCanonical(path)) yield `redirect.path '${path}' must be a canonical path`
  }
}

function isCanonical(path: string): boolean {
  const settings = { policy: 'reject', encodedSlashes: 'keep', duplicateSlashes: 'keep' } as const
  return !path.includes('?') && readPath(path, settings).kind === 'clean'
}
