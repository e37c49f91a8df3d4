import type { MatchRequest, RouteFound } from './router.js'
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
 * Finds the route that the request will go to which a preflight asks for. Where that route has CORS it answers, though it may
 * not take OPTIONS. A header condition is met where the preflight says that the request has the header, whose value is not
 * known. If no route takes the method, a route for another method of the path answers.
 */
export function findForPreflight(
  { table, preflights }: Pick<Snapshot, 'table' | 'preflights'>,
  request: MatchRequest,
  method: string
): PreflightFound {
  if (table === null) return { found: null, answered: preflights.has(null) }
  const { host, path, query, headers } = request
  const asked = { method, host, path, query, headers }
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
