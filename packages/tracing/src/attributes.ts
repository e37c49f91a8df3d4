import {
  type AttemptRecord,
  type Endpoint,
  type Exchange,
  type FactValue,
  printable,
  type Route,
  upstreamTarget,
  wireText
} from '@gatewright/core'
import type { Attributes } from '@opentelemetry/api'
import { hostAndPort } from './host-and-port.js'
import { isKnownMethod, OTHER_METHOD } from './methods.js'

/** Attributes of a request on arrival, by the semantic conventions for HTTP servers. The query is left out: it may hold secrets. */
export function requestAttributes({ method, path, ingress, headers, raw }: Exchange): Attributes {
  const asked = hostAndPort(ingress.forwardedHost || ingress.authority)
  const agent = headers['user-agent']
  return defined({
    ...methodAttributes(method),
    'url.path': path || undefined,
    'url.scheme': ingress.proto,
    'server.address': asked?.host,
    'server.port': asked === null ? undefined : Number(ingress.forwardedPort) || asked.port,
    'client.address': ingress.client || undefined,
    'network.peer.address': ingress.peer || undefined,
    'network.protocol.version': raw.httpVersion || undefined,
    'user_agent.original': agent === undefined ? undefined : printable(wireText(agent))
  })
}

/** Attributes of it at its end. */
export function outcomeAttributes(exchange: Exchange): Attributes {
  const { id, route, pool, reason, status, attempts, fallback, observed } = exchange
  return defined({
    'http.response.status_code': status,
    'http.route': patternOf(route),
    'error.type': hasFailed(exchange) ? (reason ?? String(status)) : undefined,
    'gatewright.request.id': id,
    'gatewright.route.id': route?.id,
    'gatewright.pool.id': pool?.id,
    'gatewright.reason': reason,
    'gatewright.attempts': attempts.length,
    'gatewright.fallback': fallback,
    'gatewright.observed': observed,
    ...factAttributes(exchange, false)
  })
}

// What features have found out.
function factAttributes(exchange: Exchange, ofAttempt: boolean): Record<string, FactValue> {
  const attributes: Record<string, FactValue> = {}
  for (const { attribute, ofAttempts = false, read } of exchange.snapshot.facts) {
    if (attribute === undefined || (ofAttempt && !ofAttempts)) continue
    const value = read(exchange)
    attributes[attribute] = typeof value === 'string' ? printable(value) : value
  }
  return attributes
}

/** Whether the server is to blame: for its status, or for a response that broke off after a good one. A client's own errors are none of its. */
export function hasFailed({ status, reason, complete, snapshot }: Exchange): boolean {
  return status >= 500 || (!complete && reason !== null && snapshot.reasons[reason].status >= 500)
}

/** Attributes of an attempt at its start, by the semantic conventions for HTTP clients. */
export function attemptAttributes(endpoint: Endpoint, exchange: Exchange, number: number): Attributes {
  const { url, name, poolId } = endpoint
  const { method, pool } = exchange
  const { hostname, port, protocol } = new URL(url)
  return defined({
    ...methodAttributes(method),
    'http.request.resend_count': number > 1 ? number - 1 : undefined,
    'url.full': urlOf(endpoint, exchange),
    'server.address': hostname.replace(/^\[|\]$/g, ''),
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'network.protocol.version': '1.1',
    'gatewright.pool.id': poolId,
    'gatewright.endpoint': name,
    'gatewright.candidates': pool?.candidates.length,
    'gatewright.balancing': pool?.policy.name,
    ...factAttributes(exchange, true)
  })
}

/** Attributes of it at its end. For a client a status of 400 and above is an error, as the conventions define. */
export function attemptOutcome({
  status,
  failure,
  reused,
  cancelled,
  overdue,
  stalledMs
}: AttemptRecord): Attributes {
  const left = failure === 'client_closed'
  return defined({
    'http.response.status_code': status || undefined,
    'error.type': left ? undefined : (failure ?? (status >= 400 ? String(status) : undefined)),
    'gatewright.connection.reused': reused,
    'gatewright.cancelled': cancelled || left || undefined,
    'gatewright.overdue': overdue || undefined,
    'gatewright.stalled_ms': Math.round(stalledMs) || undefined
  })
}

/** The route's pattern, of few values, as a router would have it: `/users/:id`, `/users/*`. `undefined` for none. */
export function patternOf(route: Route | null): string | undefined {
  if (route === null) return undefined
  // `GET,HEAD /users/*`, maybe with a host behind it.
  if (route.match === null) return route.source.split(' ')[1]
  const { kind, value } = route.match.path
  return kind === 'prefix' ? `${value}/*` : value
}

function methodAttributes(method: string): Attributes {
  return isKnownMethod(method)
    ? { 'http.request.method': method }
    : {
        'http.request.method': OTHER_METHOD,
        ...(method === '' ? {} : { 'http.request.method_original': method })
      }
}

// Neither the request's query nor the endpoint's own: both may hold secrets.
function urlOf({ origin, basePath }: Endpoint, { path, params, route }: Exchange): string | undefined {
  if (route === null) return undefined
  try {
    const target = upstreamTarget({ path, query: '', params }, route, { basePath, baseQuery: '' })
    return target === '*' ? origin : origin + target
  } catch {
    // A rewrite that made no path: the attempt will say so.
    return undefined
  }
}

/** What of an event can be an attribute. */
export function plain(details: object): Attributes {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => PLAIN.has(typeof value)))
}

const PLAIN: ReadonlySet<string> = new Set(['string', 'number', 'boolean'])

/** The attributes that have a value. */
export function defined(attributes: Readonly<Record<string, Attributes[string] | null>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null)) as Attributes
}
