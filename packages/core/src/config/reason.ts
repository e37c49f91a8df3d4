/** One row of the reason table. */
export interface ReasonInfo {
  /** The HTTP status of the response. 499 is only logged: the client has disconnected. */
  readonly status: number
  /** The problem's title (RFC 9457, section 3.1.3): says what happened, names no upstream. */
  readonly title: string
  /** Whose fault it is. An attempt that fails for one that blames the upstream counts against its endpoint. */
  readonly blames: 'client' | 'gateway' | 'upstream'
  /** Whether a route's `fallback` answers it where `on` is not given. Default false. */
  readonly fallback?: boolean
}

/** The reasons that core itself has; those of features are added to `gateway.reasons`. */
export const REASONS = {
  path_rejected: { status: 400, blames: 'client', title: 'The request path is not in canonical form' },
  request_rejected: { status: 400, blames: 'client', title: 'The request is malformed' },
  route_not_found: { status: 404, blames: 'client', title: 'No route matches the request' },
  method_not_allowed: { status: 405, blames: 'client', title: 'The route does not allow this method' },
  request_timeout: { status: 408, blames: 'client', title: 'The request was not received in time' },
  body_too_large: {
    status: 413,
    blames: 'client',
    title: 'The request body is larger than the route allows'
  },
  uri_too_long: { status: 414, blames: 'client', title: 'The request target is too long' },
  headers_too_large: { status: 431, blames: 'client', title: 'The request headers are too large' },
  client_closed: { status: 499, blames: 'client', title: 'The client closed the connection' },
  client_too_slow: {
    status: 499,
    blames: 'client',
    title: 'The client did not take its response while others waited'
  },
  internal_error: { status: 500, blames: 'gateway', title: 'The gateway failed to handle the request' },
  upstream_connect_failed: {
    status: 502,
    blames: 'upstream',
    fallback: true,
    title: 'The upstream could not be reached'
  },
  upstream_tls_failed: {
    status: 502,
    blames: 'upstream',
    title: 'No trusted TLS connection to the upstream could be made'
  },
  upstream_reset: {
    status: 502,
    blames: 'upstream',
    title: 'The upstream closed the connection before it had answered'
  },
  upstream_protocol_error: {
    status: 502,
    blames: 'upstream',
    title: 'The upstream sent an invalid response'
  },
  no_endpoint: { status: 503, blames: 'gateway', fallback: true, title: 'No endpoint is available' },
  pool_queue_full: {
    status: 503,
    blames: 'gateway',
    title: 'Too many requests are waiting for a connection'
  },
  pool_queue_timeout: { status: 503, blames: 'gateway', title: 'No connection became free in time' },
  draining: { status: 503, blames: 'gateway', title: 'The gateway is shutting down' },
  upstream_connect_timeout: {
    status: 504,
    blames: 'upstream',
    title: 'The upstream did not accept a connection in time'
  },
  upstream_timeout: { status: 504, blames: 'upstream', title: 'The upstream did not answer in time' },
  upstream_idle_timeout: {
    status: 504,
    blames: 'upstream',
    title: 'The upstream stopped sending its response'
  },
  deadline_exceeded: {
    status: 504,
    blames: 'upstream',
    title: 'The request took longer than the route allows'
  },
  http_version_not_supported: { status: 505, blames: 'client', title: 'The HTTP version is not supported' },
  loop_detected: {
    status: 508,
    blames: 'gateway',
    title: 'The request has already passed through this gateway'
  }
} as const satisfies Record<string, ReasonInfo>

/** A reason of core's own. */
export type CoreReason = keyof typeof REASONS

/**
 * The names of all reasons. A feature adds its own, and registers it with `gateway.reasons.add`:
 *
 * ```ts
 * declare module '@gatewright/core' {
 *   interface Reasons {
 *     quota_spent: ReasonInfo
 *   }
 * }
 * ```
 */
export interface Reasons extends Record<CoreReason, ReasonInfo> {}

/**
 * Why the client got what it got from the gateway itself. The list is closed: logs, metrics, spans and problem bodies
 * use these names and no others.
 */
export type Reason = keyof Reasons

/** A reason as its feature defines it. */
export interface ReasonDefinition extends ReasonInfo {
  /** Lower case, words joined by `_`. */
  readonly name: Reason
}

/** All reasons that a gateway has, by name. */
export type ReasonTable = Readonly<Record<Reason, ReasonInfo>>
