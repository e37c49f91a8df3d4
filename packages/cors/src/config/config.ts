// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration } from '@gatewright/core'
import type { CorsOrigins } from '../origins.js'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Cross-origin resource sharing (Fetch standard): the gateway answers preflights, and replaces the Access-Control-* fields of upstreams. At the top it holds for all routes that say nothing, and for requests that no route takes. false: none, and upstreams do it. Default: none. */
    cors?: CorsConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Cross-origin resource sharing (Fetch standard): the gateway answers preflights, and replaces the Access-Control-* fields of upstreams. At the top it holds for all routes that say nothing, and for requests that no route takes. false: none, and upstreams do it. Default: none. */
    cors?: CorsConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Cross-origin resource sharing (Fetch standard): the gateway answers preflights, and replaces the Access-Control-* fields of upstreams. At the top it holds for all routes that say nothing, and for requests that no route takes. false: none, and upstreams do it. Default: none. */
    cors?: CorsConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Cross-origin resource sharing (Fetch standard): the gateway answers preflights, and replaces the Access-Control-* fields of upstreams. At the top it holds for all routes that say nothing, and for requests that no route takes. false: none, and upstreams do it. Default: none. */
    cors?: CorsConfig
  }
}

/** Cross-origin resource sharing (Fetch standard): the gateway answers preflights, and replaces the Access-Control-* fields of upstreams. At the top it holds for all routes that say nothing, and for requests that no route takes. false: none, and upstreams do it. Default: none. */
export type CorsConfig = CorsOptions | false

/** Which pages of other origins may call. */
export interface CorsOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Which pages may read responses: '*' (all, without credentials), an origin such as 'https://shop.example', subdomains of any depth as 'https://*.shop.example', any port as 'http://localhost:*', 'null'; in code also a RegExp, which must match the whole origin; or a list of these; or a function of the origin and the exchange that returns true or false, or a promise of it. */
  origins: CorsOrigins
  /** The methods that preflights are told; '*': whichever is asked for. Default: the methods of the route, and of one that takes all, GET, HEAD, PUT, PATCH, POST and DELETE. */
  methods?: '*' | readonly string[]
  /** The request headers that preflights are told. Default: those that are asked for. GET, HEAD and POST with simple headers need none. */
  allowedHeaders?: readonly string[]
  /** The response headers that pages may read besides the simple ones. ['*']: all, where there are no credentials. Default: none. */
  exposedHeaders?: readonly string[]
  /** Whether pages may send cookies, client certificates and HTTP authentication. Default false. Danger: whoever controls one of the origins acts as the user; not with '*'. */
  credentials?: boolean
  /** How long browsers may keep the response to a preflight; they have limits of their own (Chromium 2h). Default: theirs, 5 seconds. 1s to 24h; 0ms: not at all. */
  maxAge?: Duration
  /** Whether pages of a public network may call this one in a private network (Access-Control-Allow-Private-Network). Default false. */
  privateNetwork?: boolean
  /** Whether requests of other origins get 403 origin_not_allowed. Default false: they are forwarded, and their pages cannot read the response. Requests without Origin, and those of pages of the same origin, always pass. */
  refuseOthers?: boolean
}
