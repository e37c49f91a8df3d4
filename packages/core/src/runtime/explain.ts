import { InvalidValueError } from '../config/errors.js'
import { hostKey } from '../config/host.js'
import { show } from '../config/rule-words.js'
import { maskedQuery } from '../config/shown-url.js'
import { readTarget } from '../ingress/target.js'
import { compiledNative } from '../model/compiled-native.js'
import type { EditedRequest } from '../model/edits.js'
import type { Endpoint, EndpointHealth } from '../model/endpoint.js'
import { GatewayError } from '../model/gateway-error.js'
import type { Pool } from '../model/pool.js'
import { findForPreflight, preflightMethod } from '../model/preflight.js'
import type { Params, Route } from '../model/route.js'
import type { MatchRequest, NativeConsidered, RouteConsidered } from '../model/router.js'
import type { Snapshot } from '../model/snapshot.js'
import type { Stages } from '../model/stages.js'
import { editedQuery, upstreamTarget } from '../model/upstream-path.js'
import { explainedRequest } from './explained-request.js'

/** A request to explain. */
export interface ExplainRequest {
  /** Default `GET`. */
  readonly method?: string
  /** A request target such as `/users/7?full=1`, or a whole URL whose host then counts as `Host`. */
  readonly url: string
  /** Names in any case. */
  readonly headers?: Readonly<Record<string, string>>
}

/** An endpoint in an explanation. */
export interface CandidateExplained {
  /** With the values of its query as `***`: they may be secrets. */
  readonly url: string
  /** After slow start: what the balancing policy goes by. */
  readonly weight: number
  /** As configured or set at run time. */
  readonly share: number
  readonly health: EndpointHealth
  readonly inFlight: number
  /** Whether it would be offered to the balancing policy. */
  readonly eligible: boolean
  /** Why it is in or out. */
  readonly because: string
}

/** What the gateway would do with a request, and why. Nothing is sent and nothing changes. */
export interface Explanation {
  readonly revision: number
  /** `null` when the path is refused. */
  readonly path: string | null
  /** Why the path is refused or changed; `''` when it is canonical. */
  readonly pathNote: string
  /** The app's own routes that have the path, in any method; one that gets the request goes before the table. */
  readonly natives: readonly NativeConsidered[]
  /** Every route of the table, best first; none when a native route gets the request. */
  readonly considered: readonly RouteConsidered[]
  /** The chosen route's id; `null` when there is none, or it is none of the gateway's. */
  readonly route: string | null
  readonly action: Route['action']['kind'] | null
  /** The status of the gateway's own response when nothing is forwarded: 400, 404 or 405. */
  readonly status: number | null
  /** Methods that would have matched, when the response is 405. */
  readonly allow: readonly string[]
  readonly pool: string | null
  readonly policy: string | null
  /** The URL of the request upstream, for the first eligible endpoint; `null` when there is none, or the rewritten path would be refused. */
  readonly upstreamUrl: string | null
  readonly candidates: readonly CandidateExplained[]
  /** What the request goes through besides, in order: the steps of features and the user's hooks, by phase. */
  readonly steps: readonly string[]
}

const NOTHING = {
  natives: [],
  considered: [],
  route: null,
  action: null,
  status: null,
  allow: [],
  pool: null,
  policy: null,
  upstreamUrl: null,
  candidates: [],
  steps: []
}

/** Explains a request against a snapshot. */
export function explain(request: ExplainRequest, snapshot: Snapshot): Explanation {
  if (typeof (request as Partial<ExplainRequest> | undefined)?.url !== 'string')
    throw new InvalidValueError('explain()', `given an object such as { url: '/x' }, not ${show(request)}`)
  const { revision, paths, table, stages, natives: lookup } = snapshot
  const target = readTarget(request.url, paths, request.method)
  const headers = lowerCased(request.headers ?? {})
  if (target.kind === 'rejected')
    return { ...NOTHING, revision, path: null, pathNote: `rejected: ${target.rule}`, status: 400 }
  if (target.kind === 'redirect')
    return {
      ...NOTHING,
      revision,
      path: target.path,
      pathNote: 'redirected to its canonical form',
      status: 308
    }

  const method = request.method ?? 'GET'
  const asked = {
    method,
    host: hostKey(target.authority || headers.host || ''),
    path: target.path,
    query: target.query,
    headers
  }
  const natives = lookup?.explain(asked) ?? []
  const base = {
    ...NOTHING,
    natives: natives.map(({ route, matched, because }) => ({ route, matched, because })),
    revision,
    path: target.path,
    pathNote: target.changed ? 'normalised' : ''
  }
  const [native] = natives
  if (native?.matched === true) {
    const route = compiledNative(snapshot, native)
    return route === null ? base : { ...base, ...chosen(route, native.params, asked, stages) }
  }
  const wanted = snapshot.preflights.size === 0 ? '' : preflightMethod(asked)
  const preflight = wanted === '' ? null : findForPreflight(snapshot, asked, wanted)
  if (preflight?.answered === true) {
    const considered = table?.explain({ ...asked, method: wanted }) ?? []
    const { found } = preflight
    if (found === null) return { ...base, considered }
    return { ...base, considered, ...chosen(found.route, found.params, asked, stages) }
  }
  const refusal = lookup?.refusal(asked) ?? null
  if (refusal !== null) {
    const allow = refusal.headers?.allow?.split(', ') ?? []
    return { ...base, allow, status: refusal.statusCode }
  }
  if (table === null) return { ...base, status: 404 }
  const considered = table.explain(asked)
  const found = preflight === null ? table.find(asked) : preflight.found
  if (found === null) {
    const allow = table.allowed(asked)
    return { ...base, considered, allow, status: allow.length > 0 ? 405 : 404 }
  }

  return { ...base, considered, ...chosen(found.route, found.params, asked, stages) }
}

function chosen(
  route: Route,
  params: Params | null,
  asked: MatchRequest,
  stages: Stages
): Pick<Explanation, 'route' | 'action' | 'pool' | 'policy' | 'upstreamUrl' | 'candidates' | 'steps'> {
  const closed = closedGate(route, stages)
  const candidates = candidatesOf(route, stages, closed)
  const first = candidates.find((candidate) => candidate.eligible)
  const endpoint = first && route.pool?.endpoints[candidates.indexOf(first)]
  return {
    route: route.id,
    action: route.action.kind,
    pool: route.pool?.id ?? null,
    policy: route.pool?.policy.name ?? null,
    upstreamUrl:
      endpoint === undefined ? null : upstreamUrl(explainedRequest(asked, route, params), route, endpoint),
    candidates,
    steps: route.pipeline.names
  }
}

// `null` where forwarding would refuse what the rewrite has made.
function upstreamUrl(request: EditedRequest, route: Route, endpoint: Endpoint): string | null {
  const { basePath, baseQuery } = endpoint
  try {
    const base = { basePath, baseQuery: maskedQuery(baseQuery) }
    return endpoint.origin + upstreamTarget(request, route, base, editedQuery(request, route))
  } catch (error) {
    if (error instanceof GatewayError) return null
    throw error
  }
}

function closedGate(route: Route, { gates }: Stages): string | null {
  const { pool } = route
  if (pool === null) return null
  for (const gate of gates) {
    const because = gate.explains?.(pool, route) ?? null
    if (because !== null) return `${gate.name}: ${because}`
  }
  return null
}

function leftOut(endpoint: Endpoint, pool: Pool, filters: Stages['filters']): string | null {
  for (const filter of filters) {
    const says = filter.explains?.(endpoint, pool) ?? true
    if (says !== true) return says === false ? filter.name : says
  }
  return null
}

function candidatesOf({ pool }: Route, { filters }: Stages, closed: string | null): CandidateExplained[] {
  return (pool?.endpoints ?? []).map((endpoint) => {
    const { shown: url, weight, share, health, inFlight, draining } = endpoint
    const because = draining
      ? 'draining'
      : share === 0
        ? 'weight 0'
        : (closed ?? leftOut(endpoint, pool as Pool, filters) ?? 'open')
    return { url, weight, share, health, inFlight, eligible: because === 'open', because }
  })
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
