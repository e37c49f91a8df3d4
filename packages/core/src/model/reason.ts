/** One row of the reason table. */
export interface ReasonInfo {
  /** The HTTP status the client gets. 499 is only logged: that client has gone. */
  readonly status: number
  /** The problem's title (RFC 9457, section 3.1.3): says what happened, names no upstream. */
  readonly title: string
}

/**
 * Every reason for which the gateway itself answers a request, with its fixed status.
 * The list is closed: logs, metrics, spans and problem bodies use these names and no others.
 */
export const REASONS = {
  path_rejected: { status: 400, title: 'The request path is not in canonical form' },
  request_rejected: { status: 400, title: 'The request is malformed' },
  route_not_found: { status: 404, title: 'No route matches the request' },
  method_not_allowed: { status: 405, title: 'The route does not allow this method' },
  request_timeout: { status: 408, title: 'The request was not received in time' },
  body_too_large: { status: 413, title: 'The request body is larger than the route allows' },
  uri_too_long: { status: 414, title: 'The request target is too long' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  client_closed: { status: 499, title: 'The client closed the connection' },
  client_too_slow: { status: 499, title: 'The client did not take its answer while others waited' },
  internal_error: { status: 500, title: 'The gateway failed to handle the request' },
  upstream_connect_failed: { status: 502, title: 'The upstream could not be reached' },
  upstream_tls_failed: { status: 502, title: 'No trusted TLS connection to the upstream could be made' },
  upstream_reset: { status: 502, title: 'The upstream closed the connection before it had answered' },
  upstream_protocol_error: { status: 502, title: 'The upstream sent an invalid answer' },
  no_endpoint: { status: 503, title: 'No endpoint is available' },
  pool_queue_full: { status: 503, title: 'Too many requests are waiting for a connection' },
  pool_queue_timeout: { status: 503, title: 'No connection became free in time' },
  circuit_open: { status: 503, title: 'The upstream has failed too often and is not tried for now' },
  overloaded: { status: 503, title: 'The gateway has as many requests as it can take' },
  queue_timeout: { status: 503, title: 'The request has waited too long to be let in' },
  draining: { status: 503, title: 'The gateway is shutting down' },
  upstream_connect_timeout: { status: 504, title: 'The upstream did not accept a connection in time' },
  upstream_timeout: { status: 504, title: 'The upstream did not answer in time' },
  upstream_idle_timeout: { status: 504, title: 'The upstream stopped sending its answer' },
  deadline_exceeded: { status: 504, title: 'The request took longer than the route allows' },
  http_version_not_supported: { status: 505, title: 'The HTTP version is not supported' },
  loop_detected: { status: 508, title: 'The request has already passed through this gateway' }
} as const satisfies Record<string, ReasonInfo>

/** Why the client got what it got from the gateway itself. */
export type Reason = keyof typeof REASONS
