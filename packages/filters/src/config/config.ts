// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration, Size } from '@gatewright/core'
import type { FilterFunctions } from '../filter.js'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Who is asked about a request before it is forwarded, in this order, after authentication. At the top: of all routes, before their own. A route’s take the place of its policies’; false: no filter is asked, not even those at the top. */
    filters?: FiltersConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Who is asked about a request before it is forwarded, in this order, after authentication. At the top: of all routes, before their own. A route’s take the place of its policies’; false: no filter is asked, not even those at the top. */
    filters?: FiltersConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Who is asked about a request before it is forwarded, in this order, after authentication. At the top: of all routes, before their own. A route’s take the place of its policies’; false: no filter is asked, not even those at the top. */
    filters?: FiltersConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Who is asked about a request before it is forwarded, in this order, after authentication. At the top: of all routes, before their own. A route’s take the place of its policies’; false: no filter is asked, not even those at the top. */
    filters?: FiltersConfig
  }
}

/** Who is asked about a request before it is forwarded, in this order, after authentication. At the top: of all routes, before their own. A route’s take the place of its policies’; false: no filter is asked, not even those at the top. */
export type FiltersConfig = readonly (ExtAuthzFilter | ExtAuthzHttpFilter | ServiceFilter | FunctionFilter | StructuredLoggerFilter)[] | false

/** A service that allows or denies, and may change headers and query. */
export interface ExtAuthzFilter {
  /** Asks a service that speaks Envoy's ext_authz (v3) over gRPC, such as Open Policy Agent. */
  type: 'ext_authz'
  /** Where the service is: `http:` (HTTP/2 without TLS), `https:`, or `unix:` with the path of a socket. Filters of one target share a connection. */
  target: string
  /** Its name in logs, metrics and metadata. Default: its `type`. Filters of one route have different names. */
  name?: string
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** When it gives no usable answer: 'closed' (default) answers 503 filter_unavailable; 'open' lets the request pass, but not where a decision has come that cannot be carried out. Danger of open: whoever can make the filter fail gets by it. */
  failMode?: 'closed' | 'open'
  /** How long its answer is waited for, within what is left of the time for the request. Default 50ms. 1ms to 60s. */
  timeout?: Duration
  /** Request headers that it speaks for: a client’s copies are dropped always, and those that another part of the gateway has set, such as identity headers, may be set by it too. With `host` it may set the Host. Others it may set as well, but a client’s copy stays where it does not. */
  writes?: readonly string[]
  /** Stops asking a service that keeps failing; `failMode` then decides at once. false: never. */
  breaker?: false | FilterBreaker
  /** Asks for the request body. The filter is then asked once the body has come (preHandler), as are all filters behind it. Default: it gets none. */
  body?: FilterBody
  /** Request headers that the service gets; `x-tenant-*` stands for all that begin so. Default: all. Pseudo-headers such as `:path` it always gets. */
  allowedHeaders?: readonly string[]
  /** Request headers that it never gets. Default: none. */
  disallowedHeaders?: readonly string[]
  /** What it gets as `context_extensions`. Default: nothing. */
  contextExtensions?: Record<string, string>
  /** Header fields of each call, names in lower case, such as a token for the service. Default: none. */
  metadata?: Record<string, string>
  /** Longest answer that is read. Default 64KiB. */
  maxMessage?: Size
  /** How often an idle connection is tried with a ping. Default 0ms. 10s to 596h; 0ms: never. */
  keepAlive?: Duration
  /** TLS to an `https:` target. Certificates are always verified. */
  tls?: FilterTls
}

/**  */
export interface FilterBreaker {
  /** Failures in a row after which it is not asked for a while. Default 10. A whole number, 1 to 10000. */
  failures?: number
  /** How long. Then one request tries it. Default 5s. 10ms to 10m. */
  openDuration?: Duration
}

/** Asks for the request body. The filter is then asked once the body has come (preHandler), as are all filters behind it. Default: it gets none. */
export interface FilterBody {
  /** How much of the body it gets, as `8KiB`. Held in memory for each request until it answers. */
  maxBytes: Size
  /** Of a longer body, whether it gets the beginning. Default false: the client gets 413 body_too_large, whatever `failMode` says. */
  partial?: boolean
  /** Whether it gets bytes (`raw_body`) instead of text (`body`), in which bytes that are not UTF-8 are replaced. Default false. */
  raw?: boolean
}

/** TLS to an `https:` target. Certificates are always verified. */
export interface FilterTls {
  /** Trusted certificate authorities: PEM text. Default: those that Node trusts. */
  ca?: string | readonly string[]
  /** Client certificate chain: PEM text. Needs `key`. */
  cert?: string
  /** Its private key: PEM text, not encrypted. */
  key?: string
  /** Name for SNI and verification. Default: the host of `target`. */
  servername?: string
}

/** A service that allows or denies, asked over HTTP. */
export interface ExtAuthzHttpFilter {
  /** Asks a service as Envoy's ext_authz does over HTTP: 200 allows, other statuses deny. */
  type: 'ext_authz_http'
  /** The pool that is asked, with its health, balancing, breaker and TLS. */
  pool: string
  /** What comes before the path of the request. Default: nothing. */
  pathPrefix?: string
  /** Its name in logs, metrics and metadata. Default: its `type`. Filters of one route have different names. */
  name?: string
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** When it gives no usable answer: 'closed' (default) answers 503 filter_unavailable; 'open' lets the request pass, but not where a decision has come that cannot be carried out. Danger of open: whoever can make the filter fail gets by it. */
  failMode?: 'closed' | 'open'
  /** How long its answer is waited for, within what is left of the time for the request. Default 50ms. 1ms to 60s. */
  timeout?: Duration
  /** Request headers that it speaks for: a client’s copies are dropped always, and those that another part of the gateway has set, such as identity headers, may be set by it too. With `host` it may set the Host. Others it may set as well, but a client’s copy stays where it does not. */
  writes?: readonly string[]
  /** Stops asking a service that keeps failing; `failMode` then decides at once. false: never. */
  breaker?: false | FilterBreaker
  /** Asks for the request body. The filter is then asked once the body has come (preHandler), as are all filters behind it. Default: it gets none. */
  body?: FilterBody
  /** Request headers that it gets beside `authorization`. Default: none. */
  allowedHeaders?: readonly string[]
  /** Header fields that it gets besides. Default: none. */
  headersToAdd?: Record<string, string>
  /** Headers of an answer that allows which go upstream, in place of a client’s. Where the answer has none, a client’s goes on, unless `writes` names it. Default: none. */
  allowedUpstreamHeaders?: readonly string[]
  /** Headers of an answer that denies which the client gets beside `www-authenticate`, `location`, `set-cookie`, `content-type`, `content-encoding` and `retry-after`. Default: none. */
  allowedClientHeaders?: readonly string[]
  /** Headers of an answer that allows which the client gets. Default: none. */
  allowedClientHeadersOnSuccess?: readonly string[]
  /** Longest answer that is read. Default 64KiB. */
  maxMessage?: Size
}

/** A service that may answer, change headers and query, and note what is known of a request. */
export interface ServiceFilter {
  /** Asks a service that speaks gatewright.filter.v1 over gRPC: about requests, responses, or both. */
  type: 'service'
  /** Where the service is: `http:` (HTTP/2 without TLS), `https:`, or `unix:` with the path of a socket. Filters of one target share a connection. */
  target: string
  /** Its name in logs, metrics and metadata. Default: its `type`. Filters of one route have different names. */
  name?: string
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** When it gives no usable answer: 'closed' (default) answers 503 filter_unavailable; 'open' lets the request pass, but not where a decision has come that cannot be carried out. Danger of open: whoever can make the filter fail gets by it. */
  failMode?: 'closed' | 'open'
  /** How long its answer is waited for, within what is left of the time for the request. Default 50ms. 1ms to 60s. */
  timeout?: Duration
  /** Request headers that it speaks for: a client’s copies are dropped always, and those that another part of the gateway has set, such as identity headers, may be set by it too. With `host` it may set the Host. Others it may set as well, but a client’s copy stays where it does not. */
  writes?: readonly string[]
  /** Stops asking a service that keeps failing; `failMode` then decides at once. false: never. */
  breaker?: false | FilterBreaker
  /** What it is asked about. Default 'request'. */
  phases?: 'request' | 'response' | 'both'
  /** Asks for the request body. The filter is then asked once the body has come (preHandler), as are all filters behind it. Default: it gets none. */
  body?: FilterBody
  /** Request headers that the service gets; `x-tenant-*` stands for all that begin so. Default: all. Pseudo-headers such as `:path` it always gets. */
  allowedHeaders?: readonly string[]
  /** Request headers that it never gets. Default: none. */
  disallowedHeaders?: readonly string[]
  /** What it gets as `context`. Default: nothing. */
  context?: Record<string, string>
  /** Header fields of each call, names in lower case, such as a token for the service. Default: none. */
  metadata?: Record<string, string>
  /** Longest answer that is read. Default 64KiB. */
  maxMessage?: Size
  /** How often an idle connection is tried with a ping. Default 0ms. 10s to 596h; 0ms: never. */
  keepAlive?: Duration
  /** TLS to an `https:` target. Certificates are always verified. */
  tls?: FilterTls
}

/** Functions with the contract of a service. */
export interface FunctionFilter {
  /** Asks functions of your own. */
  type: 'function'
  /** Its name in logs, metrics and metadata. Default: its `type`. Filters of one route have different names. */
  name: string
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** When it gives no usable answer: 'closed' (default) answers 503 filter_unavailable; 'open' lets the request pass, but not where a decision has come that cannot be carried out. Danger of open: whoever can make the filter fail gets by it. */
  failMode?: 'closed' | 'open'
  /** Asked before the request is forwarded. */
  request?: FilterFunctions["request"]
  /** Asked when the head of the response is there. */
  response?: FilterFunctions["response"]
  /** How long its answer is waited for, within what is left of the time for the request. Default 50ms. 1ms to 60s. */
  timeout?: Duration
  /** Request headers that it speaks for: a client’s copies are dropped always, and those that another part of the gateway has set, such as identity headers, may be set by it too. With `host` it may set the Host. Others it may set as well, but a client’s copy stays where it does not. */
  writes?: readonly string[]
  /** Asks for the request body. The filter is then asked once the body has come (preHandler), as are all filters behind it. Default: it gets none. */
  body?: FilterBody
}

/** A log line for each request. */
export interface StructuredLoggerFilter {
  /** Writes a line to the log of the app for each request of the route, when its response has ended. */
  type: 'structured_logger'
  /** Its name in logs, metrics and metadata. Default: its `type`. Filters of one route have different names. */
  name?: string
  /** Default info. */
  level?: 'debug' | 'info' | 'warn'
  /** Request headers in the line, each cut after 200 characters. Default: none. Those that carry secrets are refused. */
  headers?: readonly string[]
  /** Whether what filters have noted is in the line. Default false. */
  metadata?: boolean
}
