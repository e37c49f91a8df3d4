import type { AttemptRecord, Endpoint, Exchange, Route } from '@gatewright/core'
import type { Attributes } from '@opentelemetry/api'

/** What is known of a request when it arrives, by the semantic conventions for HTTP servers. The query is left out: it may hold secrets. */
export function requestAttributes({ method, path, ingress, headers }: Exchange): Attributes {
  return defined({
    'http.request.method': method,
    'url.path': path,
    'url.scheme': ingress.proto,
    'server.address': ingress.host || undefined,
    'client.address': ingress.client || undefined,
    'user_agent.original': headers['user-agent']
  })
}

/** What is known of it when it is over. */
export function outcomeAttributes(exchange: Exchange): Attributes {
  const { id, route, pool, reason, status, attempts, fallback, observed, cache, variant, breakerState } =
    exchange
  return defined({
    'http.response.status_code': status,
    'http.route': patternOf(route),
    'error.type': reason ?? (status >= 500 ? String(status) : undefined),
    'gatewright.request.id': id,
    'gatewright.route.id': route?.id,
    'gatewright.pool.id': pool?.id,
    'gatewright.reason': reason,
    'gatewright.attempts': attempts.length,
    'gatewright.fallback': fallback,
    'gatewright.observed': observed,
    'gatewright.breaker.state': breakerState,
    'gatewright.cache.result': cache,
    'gatewright.variant': variant
  })
}

/** What is known of an attempt when it begins, by the semantic conventions for HTTP clients. */
export function attemptAttributes(
  { url, name, poolId }: Endpoint,
  { method, pool, breakerState }: Exchange,
  number: number
): Attributes {
  const { hostname, port, protocol } = new URL(url)
  return defined({
    'http.request.method': method,
    'http.request.resend_count': number > 1 ? number - 1 : undefined,
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'gatewright.pool.id': poolId,
    'gatewright.endpoint': name,
    'gatewright.candidates': pool?.candidates.length,
    'gatewright.balancing': pool?.policy.name,
    'gatewright.breaker.state': breakerState
  })
}

/** What is known of it when it is over. */
export function attemptOutcome({ status, failure, reused, cancelled }: AttemptRecord): Attributes {
  return defined({
    'http.response.status_code': status || undefined,
    'error.type': failure ?? (status >= 500 ? String(status) : undefined),
    'gatewright.connection.reused': reused,
    'gatewright.cancelled': cancelled || undefined
  })
}

/** The route's pattern, of few values; `undefined` for none. */
export function patternOf(route: Route | null): string | undefined {
  return route?.match?.path.value || undefined
}

/** The attributes that have a value. */
export function defined(attributes: Readonly<Record<string, Attributes[string] | null>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null)) as Attributes
}
