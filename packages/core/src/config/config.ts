// Long because it has every key of the configuration, with its meaning.
// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { BalancingConfig } from '../model/balancing.js'
import type { Duration } from './duration.js'
import type { Method } from './method.js'
import type { Reason } from '../model/reason.js'
import type { RouteHandler, RouteHooks } from '../model/route.js'
import type { Size } from './size.js'

/** A gateway. `P` are its pool ids. `U` are its policy ids. */
export interface GatewayConfig<P extends string = string, U extends string = string> {
  /** Where requests go, by pool id. */
  pools?: Record<P, PoolConfig>
  /** Named sets of route options. */
  policies?: Record<U, PolicyConfig<NoInfer<P>>>
  /** The route table. */
  routes?: readonly RouteConfig<NoInfer<P>, NoInfer<U>>[]
  /** Fastify hooks for every gateway route, before those of policies and routes. Code only. */
  hooks?: RouteHooks
  /** How request paths are read. */
  paths?: PathsConfig
  /** What the app's own Fastify routes keep from the route table: the requests that they match (match, the default), or their paths altogether, whatever the method, case, last slash and constraints (strict): those answer 405 or 404. Danger of match: what guards `GET /admin/:user` does not see `POST /admin/joe`, which the table may forward. */
  nativeFirst?: 'match' | 'strict'
  /** Addresses and CIDR ranges of peers whose request ids and forwarding headers are believed: X-Forwarded-*, or Forwarded when `forwarded` is rfc7239. They also tell `request.ip`, `request.protocol` and `request.host`, unless the app has a `trustProxy` of its own. Each of them must set or append to these headers itself, as what it lets through is believed. Danger of a wide range, such as 0.0.0.0/0: every client can say who it is; the start warns. Default: none. */
  trustedProxies?: readonly string[]
  /** Which forwarding headers the upstream gets: X-Forwarded-For, -Proto, -Host and -Port (default), Forwarded (RFC 7239), both or none. */
  forwarded?: 'x-forwarded' | 'rfc7239' | 'both' | 'none'
  /** The gateway's name in Via, both ways (RFC 9110, section 7.6.3). A request that has already passed through it gets 508. Default: no Via. */
  via?: string
  /** The header that carries the request id. Default x-request-id. */
  requestIdHeader?: string
  /** Headers that a client may never send, such as identity headers set by a hook; the client's copies are dropped. */
  reservedHeaders?: readonly string[]
  /** Request headers with an underscore, which some upstreams take for the name with a hyphen: 400 (reject, the default), dropped, or forwarded. */
  underscores?: 'reject' | 'drop' | 'keep'
  /** A header that tells the upstream how many milliseconds are left of `timeouts.total`, such as x-request-timeout-ms. Default: none is sent. */
  deadlineHeader?: string
  /** Most header fields of a request. Default 100. Exceeded: 431 headers_too_large. A whole number, 10 to 2147483647. */
  maxHeaders?: number
  /** Longest request target. Default 8KiB. Exceeded: 414 uri_too_long. */
  maxUrlSize?: Size
  /** Add x-gw-reason to the answers the gateway makes itself. Default false. */
  reasonHeader?: boolean
}

/** A named set of interchangeable endpoints. `B` are balancing policies of the app's own. */
export interface PoolConfig<B extends string = never> {
  /** Interchangeable addresses. With `discovery`: those to begin with, until it has found some. */
  endpoints?: readonly EndpointConfig[]
  /** How an endpoint is chosen: a policy's name, `{ type, …options }`, or in code an object with `pick`. Default p2c. */
  balancing?: BalancingConfig<B>
  /** Time limits. */
  timeouts?: TimeoutsConfig
  /** Connections to each endpoint. */
  connections?: ConnectionsConfig
  /** TLS to the endpoints. Verification is on. */
  tls?: TlsConfig
}

/** One address of a pool: its URL, or the URL with options. */
export type EndpointConfig = string | EndpointOptions

/** One address of a pool. */
export interface EndpointOptions {
  /** The endpoint's base URL, http or https; its path goes in front of every forwarded path. */
  url: string
  /** Share of traffic relative to its peers; 0 takes none. Default 1. A whole number, 0 to 65535. */
  weight?: number
  /** Whom requests are meant for when the URL is only an address: sent as Host, and without its port the name for SNI and verification (unless the pool's `tls.servername` says otherwise). Default: the URL's host and port. */
  authority?: string
  /** Where this endpoint is probed, in place of its own URL and the pool's path. */
  healthUrl?: string
}

/** Time limits. */
export interface TimeoutsConfig {
  /** Time for the TCP connection to the endpoint. Default 5s. Exceeded: 504 upstream_connect_timeout. 1ms to 596h; 0ms: no limit. */
  connect?: Duration
  /** Time for the TLS handshake after the TCP connection. Default 5s. Exceeded: 504 upstream_connect_timeout. 1ms to 596h; 0ms: no limit. */
  tlsHandshake?: Duration
  /** From the request being sent to the head of the response. Default 30s. Exceeded: 504 upstream_timeout. 1ms to 596h; 0ms: no limit. */
  firstByte?: Duration
  /** Silence between two pieces of the response body. Default 60s. Exceeded: the answer is cut off. 1ms to 596h; 0ms: no limit. */
  idle?: Duration
  /** Silence between two pieces of the request body. Default 30s. Exceeded: 408 request_timeout. 1ms to 596h; 0ms: no limit. */
  requestIdle?: Duration
  /** One attempt, from its beginning to the head of its response, when retries may follow. Default: no limit but those above. Exceeded: 504 upstream_timeout, or another attempt. 1ms to 596h; 0ms: no limit. */
  perTry?: Duration
  /** The whole exchange, all attempts included. Default: no limit. Server-sent events are exempt once they flow. Exceeded: 504 deadline_exceeded, or the answer is cut off. 1ms to 596h; 0ms: no limit. */
  total?: Duration
}

/** Connections to each endpoint. */
export interface ConnectionsConfig {
  /** Most connections to one endpoint. Default 1024. A whole number, 1 to 2147483647. */
  max?: number
  /** Most connections to one endpoint that the requests of one client have at once. What comes beyond waits in line, for `queueTimeout` at most, though others are free: so one client with many long requests cannot take them all. A client is an address, or an IPv6 network of 64 bits. Default 0: no limit, as behind a proxy that is not among `trustedProxies` all clients are one. Less than `max`. A whole number, 0 to 2147483647. */
  perClient?: number
  /** How long an idle connection is kept. Shorter than the upstream keeps its own, or reuse races with its closing. Default 4s. 1ms to 596h. */
  keepAlive?: Duration
  /** Most requests that wait for a connection of one endpoint. Default 1024. Clients take turns, and where the line is full the one with most requests there loses its newest: 503 pool_queue_full. A whole number, 0 to 2147483647. */
  maxQueue?: number
  /** Longest wait for a connection. Default 1s. Exceeded: 503 pool_queue_timeout. 1ms to 596h; 0ms: no limit. */
  queueTimeout?: Duration
  /** What a client has to send a second of its body, on average, to keep a connection that others wait for. Default 1KiB; 0B: clients may be as slow as they like, so that 1,024 of them can keep a pool's connections from everybody. Looked at only while a request has waited for a quarter of `queueTimeout`. Slower: 408 request_timeout. A client that stops reading its answer meanwhile is cut off: client_too_slow. */
  minRate?: Size
  /** Requests after which a connection is closed. Default 0: no limit. A whole number, 0 to 2147483647. */
  maxRequests?: number
}

/** TLS to the endpoints. Verification is on. */
export interface TlsConfig {
  /** Trusted authorities: PEM text, not a path. Default: the ones Node trusts. */
  ca?: string | readonly string[]
  /** Client certificate chain: PEM text, not a path. Needs `key`. */
  cert?: string
  /** Private key of the client certificate: PEM text, not a path, not encrypted. */
  key?: string
  /** Name for SNI and for verification. Default: the endpoint's `authority`, else its host. */
  servername?: string
  /** Default TLSv1.2. */
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Turns verification of the endpoint OFF and says why. Whoever can reach the network path can then read and change the traffic. Shown in a warning at every start. */
  insecureBecause?: string
}

/** A named set of route options. `P` are its pool ids. */
export interface PolicyConfig<P extends string = string> {
  /** The pool to forward to, by its id. */
  pool?: P
  /** The whole exchange, all attempts included: short for `timeouts.total`. Default: no limit. Exceeded: 504 deadline_exceeded, or the answer is cut off. 1ms to 596h; 0ms: no limit. */
  timeout?: Duration
  /** Time limits. */
  timeouts?: TimeoutsConfig
  /** Largest request body, counted as it streams. Default 10MiB; false for none. Exceeded: 413 body_too_large and the upstream request is aborted. */
  bodyLimit?: false | Size
  /** Send the client's Host upstream instead of the endpoint's. Default false. */
  preserveHost?: boolean
  /** How the path sent upstream is made from the canonical path. At most one of stripPrefix/addPrefix, set and regex. */
  rewrite?: RewriteConfig
  /** What answers in place of an upstream that cannot: exactly one of pool, respond and handler. Only while nothing of an answer has been sent, and for another pool while the request can be sent again. It is asked once: the other pool has no fallback of its own. */
  fallback?: FallbackConfig<P>
  /** Fastify hooks to run for the routes that use this policy, before their own. Code only. */
  hooks?: RouteHooks
}

/** How the path sent upstream is made from the canonical path. At most one of stripPrefix/addPrefix, set and regex. */
export interface RewriteConfig {
  /** Remove this prefix, whole segments only; true removes the prefix the route matched. */
  stripPrefix?: boolean | string
  /** Put this in front, after stripping. */
  addPrefix?: string
  /** A whole new path. ':name' stands for a path parameter and '*' for what the prefix route's wildcard matched; parameters are encoded again. */
  set?: string
  /** Replace the first match of a pattern. */
  regex?: RegexRewriteConfig
}

/** Replace the first match of a pattern. */
export interface RegexRewriteConfig {
  /** Matched against the canonical path; refused when it could take more than linear time. */
  pattern: string
  /** The new text; '$1' and '$<name>' stand for groups. */
  replacement: string
}

/** What answers in place of an upstream that cannot: exactly one of pool, respond and handler. Only while nothing of an answer has been sent, and for another pool while the request can be sent again. It is asked once: the other pool has no fallback of its own. `P` are its pool ids. */
export interface FallbackConfig<P extends string = string> {
  /** Reasons for which it answers. Default circuit_open, no_endpoint, upstream_connect_failed. */
  on?: readonly Reason[]
  /** Another pool to forward to. */
  pool?: P
  /** Answer directly, without an upstream. */
  respond?: RespondConfig
  /** A Fastify handler that answers. Code only. */
  handler?: RouteHandler
}

/** Answer directly, without an upstream. */
export interface RespondConfig {
  /** Default 200. A whole number, 200 to 599. */
  status?: number
  /** Header fields of the answer. */
  headers?: Record<string, string>
  /** The body. Default: none. */
  body?: string
}

/** What a route has beside its path. */
export interface PathlessRouteConfig<P extends string = string, U extends string = string> {
  /** The route's stable name in logs and metrics. Default: its methods, host and path. */
  id?: string
  /** 'api.example.com', or '*.example.com' for all names below that domain. Exact hosts go before wildcards, longer wildcards before shorter, any host last. Default: any. */
  host?: string | readonly string[]
  /** Methods the route takes; others get 405 with Allow. GET includes HEAD. Default: all but CONNECT and TRACE. */
  methods?: readonly Method[]
  /** Conditions on header fields; all must hold. */
  headers?: Record<string, ValueMatchConfig>
  /** Conditions on query parameters; all must hold. */
  query?: Record<string, ValueMatchConfig>
  /** Higher goes first among routes of the same host, path and number of conditions. Default 0. */
  priority?: number
  /** Whether the case of the path matters. Default true. */
  caseSensitive?: boolean
  /** 'strict' (default): '/a' and '/a/' differ. 'ignore': they are the same for matching. */
  trailingSlash?: 'strict' | 'ignore'
  /** Policies to apply, left to right; the route itself comes last. */
  use?: readonly U[]
  /** The pool to forward to, by its id. */
  pool?: P
  /** The whole exchange, all attempts included: short for `timeouts.total`. Default: no limit. Exceeded: 504 deadline_exceeded, or the answer is cut off. 1ms to 596h; 0ms: no limit. */
  timeout?: Duration
  /** Time limits. */
  timeouts?: TimeoutsConfig
  /** Largest request body, counted as it streams. Default 10MiB; false for none. Exceeded: 413 body_too_large and the upstream request is aborted. */
  bodyLimit?: false | Size
  /** Send the client's Host upstream instead of the endpoint's. Default false. */
  preserveHost?: boolean
  /** How the path sent upstream is made from the canonical path. At most one of stripPrefix/addPrefix, set and regex. */
  rewrite?: RewriteConfig
  /** What answers in place of an upstream that cannot: exactly one of pool, respond and handler. Only while nothing of an answer has been sent, and for another pool while the request can be sent again. It is asked once: the other pool has no fallback of its own. */
  fallback?: FallbackConfig<P>
  /** Answer with a redirect. The query is kept. */
  redirect?: RedirectConfig
  /** Answer directly, without an upstream. */
  respond?: RespondConfig
  /** A Fastify handler that answers instead of an upstream. Code only. */
  handler?: RouteHandler
  /** Fastify hooks for this route alone. Code only. */
  hooks?: RouteHooks
}

/** A route: conditions, and what to do with a request that meets them all (exactly one of pool, redirect, respond and handler). `P` are its pool ids. `U` are its policy ids. */
export interface RouteConfig<P extends string = string, U extends string = string> extends PathlessRouteConfig<P, U> {
  /** '/a/b' that path alone; '/a/*' the path /a and all below it, by whole segments; '/a/:id' with a parameter; '~^/v[0-9]+/' a regular expression, refused when it could take more than linear time. Precedence: exact, then regular expressions in order, then the longest prefix. */
  path: string
}

/** A condition: the exact value, or what must hold of it. */
export type ValueMatchConfig = string | ValueMatchOptions

/** A condition on a value. */
export interface ValueMatchOptions {
  /** The whole value, case-sensitively. */
  exact?: string
  /** The beginning of the value. */
  prefix?: string
  /** A regular expression for the whole value; refused when it could take more than linear time. */
  regex?: string
  /** Present at all (true) or absent (false). */
  exists?: boolean
  /** Turns the condition round. Default false. */
  not?: boolean
}

/** Answer with a redirect. The query is kept. */
export interface RedirectConfig {
  /** Default: the request's. */
  scheme?: 'http' | 'https'
  /** Default: the request's. */
  host?: string
  /** Default: the request's when neither scheme nor host is set, else the scheme's. A whole number, 1 to 65535. */
  port?: number
  /** A whole new path. Default: the path after `rewrite`. */
  path?: string
  /** Default 302. */
  status?: 301 | 302 | 303 | 307 | 308
}

/** How request paths are read. */
export interface PathsConfig {
  /** A path that is not canonical is answered 400 (reject, the default), answered 308 to its canonical form, or normalised before routing. */
  policy?: 'reject' | 'redirect' | 'normalize'
  /** '%2F' and '%5C' are not canonical (reject, the default), or stay as part of their segment. Danger of keep: an upstream that decodes them sees another path than the router did. */
  encodedSlashes?: 'reject' | 'keep'
  /** '//' is not canonical (reject, the default), or stays. */
  duplicateSlashes?: 'reject' | 'keep'
}

/** Gateway options of a native Fastify route. `P` are its pool ids. `U` are its policy ids. */
export interface NativeRouteConfig<P extends string = string, U extends string = string> {
  /** The route's stable name in logs and metrics. Default: method and URL. */
  id?: string
  /** Policies to apply, left to right; the route itself comes last. */
  use?: readonly U[]
  /** The pool to forward to, by its id. */
  pool?: P
  /** The whole exchange, all attempts included: short for `timeouts.total`. Default: no limit. Exceeded: 504 deadline_exceeded, or the answer is cut off. 1ms to 596h; 0ms: no limit. */
  timeout?: Duration
  /** Time limits. */
  timeouts?: TimeoutsConfig
  /** Largest request body, counted as it streams. Default 10MiB; false for none. Exceeded: 413 body_too_large and the upstream request is aborted. */
  bodyLimit?: false | Size
  /** Send the client's Host upstream instead of the endpoint's. Default false. */
  preserveHost?: boolean
  /** How the path sent upstream is made from the canonical path. At most one of stripPrefix/addPrefix, set and regex. */
  rewrite?: RewriteConfig
  /** What answers in place of an upstream that cannot: exactly one of pool, respond and handler. Only while nothing of an answer has been sent, and for another pool while the request can be sent again. It is asked once: the other pool has no fallback of its own. */
  fallback?: FallbackConfig<P>
}
