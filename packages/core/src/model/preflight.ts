import { compiledNative } from './compiled-native.js'
import type { MatchRequest, RouteFound, RouteTable } from './router.js'
import type { Snapshot } from './snapshot.js'

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/**
 * The method that a CORS preflight asks for (Fetch standard, "CORS-preflight fetch"): of an OPTIONS request with `Origin` and
 * one method in `Access-Control-Request-Method`. `''` for any other request.
 */
export function preflightMethod({ method, headers }: Pick<MatchRequest, 'method' | 'headers'>): string {
  if (method !== 'OPTIONS' || headers.origin === undefined) return ''
  const asked = headers['access-control-request-method']
  return asked !== undefined && TOKEN.test(asked) ? asked : ''
}

/** Where a preflight goes. */
export interface PreflightFound {
  /** `null` where no route takes it. */
  readonly found: RouteFound | null
  /** Whether that route answers it itself, and not as an OPTIONS request like any other. */
  readonly answered: boolean
}

/**
 * Finds the route that the request will go to which a preflight asks for: one of the app's own, or of the table. Where that
 * route has CORS it answers, though it may
 * not take OPTIONS. A header condition is met where the preflight says that the request has the header, whose value is not
 * known. If no route takes the method, a route for another method of the path answers.
 */
export function findForPreflight(
  snapshot: Pick<Snapshot, 'table' | 'preflights' | 'natives' | 'native'>,
  request: MatchRequest,
  method: string
): PreflightFound {
  const { host, path, query, headers } = request
  const asked = { method, host, path, query, headers }
  const { natives, table, preflights } = snapshot
  const native = natives?.find(asked) ?? null
  if (native !== null) {
    const route = compiledNative(snapshot, native)
    return route !== null && preflights.has(route)
      ? { found: { route, params: native.params }, answered: true }
      : { found: table?.find(request) ?? null, answered: false }
  }
  return table === null
    ? { found: null, answered: preflights.has(null) }
    : findInTable(table, preflights, request, asked)
}

function findInTable(
  table: RouteTable,
  preflights: Snapshot['preflights'],
  request: MatchRequest,
  asked: MatchRequest
): PreflightFound {
  const { headers } = request
  const announced = namesIn(headers['access-control-request-headers'])
  const exact = table.find(asked)
  if (exact !== null && preflights.has(exact.route)) return { found: exact, answered: true }
  const near = announced.size === 0 ? null : table.find({ ...asked, announced })
  if (near !== null && preflights.has(near.route)) return { found: near, answered: true }
  const found = table.find(request)
  // The route that is asked about has no CORS: another one must not allow what that does not.
  if (exact !== null || near !== null) return { found, answered: false }
  if (found !== null) return { found, answered: preflights.has(found.route) }
  for (const other of table.allowed(request)) {
    const sibling = table.find({ ...asked, method: other })
    if (sibling !== null && preflights.has(sibling.route)) return { found: sibling, answered: true }
  }
  return { found: null, answered: preflights.has(null) }
}

function namesIn(list: string | undefined): ReadonlySet<string> {
  if (list === undefined) return NONE
  return new Set(list.split(',').map((name) => name.trim().toLowerCase()))
}

const NONE: ReadonlySet<string> = new Set()
