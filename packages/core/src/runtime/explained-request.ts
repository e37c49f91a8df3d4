import type { EditedRequest } from '../model/edits.js'
import { Ingress } from '../model/ingress-facts.js'
import type { Params, Route } from '../model/route.js'
import type { MatchRequest } from '../model/router.js'

/** What edits see of a request that is only explained: nobody has sent it, and nobody knows who would. */
export function explainedRequest(
  { method, path, query, host, headers }: MatchRequest,
  route: Route,
  params: Params | null
): EditedRequest {
  const ingress = new Ingress()
  ingress.host = ingress.authority = host
  for (const [name, value] of Object.entries(headers))
    for (const line of [value ?? []].flat()) ingress.headers.push(name, line)
  return {
    id: '',
    method,
    path,
    query,
    ingress,
    params,
    identity: null,
    route,
    pool: route.pool,
    traceId: '',
    upstreamQuery: null,
    upstreamHeaders: null
  }
}
