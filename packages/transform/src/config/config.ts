// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Size } from '@gatewright/core'
import type { JsonTransform } from '../json/function.js'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Changes to requests and responses on their way. At the top it holds for all routes, before that of the route; that of a route takes the place of its policies’. false: none, not even that of the top. */
    transform?: TransformConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Changes to requests and responses on their way. At the top it holds for all routes, before that of the route; that of a route takes the place of its policies’. false: none, not even that of the top. */
    transform?: TransformConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Changes to requests and responses on their way. At the top it holds for all routes, before that of the route; that of a route takes the place of its policies’. false: none, not even that of the top. */
    transform?: TransformConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Changes to requests and responses on their way. At the top it holds for all routes, before that of the route; that of a route takes the place of its policies’. false: none, not even that of the top. */
    transform?: TransformConfig
  }
}

/** Changes to requests and responses on their way. At the top it holds for all routes, before that of the route; that of a route takes the place of its policies’. false: none, not even that of the top. */
export type TransformConfig = TransformOptions | false

/** Changes to messages on their way. */
export interface TransformOptions {
  /** Changes to requests on their way to the upstream. */
  request?: RequestTransform
  /** Changes to responses on their way to the client, in this order. `headers` holds for the gateway's own answers too, `keepOnly` of it and the others only for upstreams'. */
  response?: ResponseTransform
}

/** Changes to requests on their way to the upstream. */
export interface RequestTransform {
  /** The method that the upstream is sent: one for all requests, or by the client's method, such as `{ PATCH: 'POST' }`. Retries go by it. HEAD only for HEAD. */
  method?: string | Record<string, string>
  /** `Host` for the upstream, a template; more than `preserveHost`. Where it makes no host with an optional port, `Host` is what it would be without. TLS goes by the endpoint's name all the same. */
  host?: string
  /** Changes to header fields, in this order. */
  headers?: HeadersTransform
  /** Changes to the parameters of the query, in this order. Names are compared decoded and case-sensitively. Parameters that nothing says anything about stay byte for byte, in their order. */
  query?: QueryTransform
  /** Changes to the JSON of the body: `application/json` and `+json`, each line of NDJSON, the data of each server-sent event. Other bodies are left alone. */
  json?: RequestJsonOptions | readonly (JsonOperation | JsonTransform)[] | JsonTransform
}

/** Changes to header fields, in this order. */
export interface HeadersTransform {
  /** Drop all fields of the sender but these; 'x-app-*' is a prefix. Fields that describe the body stay. */
  keepOnly?: readonly string[]
  /** Drop these fields; 'x-internal-*' is a prefix. */
  remove?: readonly string[]
  /** Old name to new name. What the sender has under the new name is dropped, also where the old one is absent. */
  rename?: Record<string, string>
  /** Name to value, a template such as '{params.id}'. The sender's own field is dropped, also where the template has no value. */
  set?: Record<string, string>
  /** The same for fields that are not there. */
  setIfAbsent?: Record<string, string>
  /** Name to value, a template: a further line of the field, unless the same line is there. */
  append?: Record<string, string>
}

/** Changes to the parameters of the query, in this order. Names are compared decoded and case-sensitively. Parameters that nothing says anything about stay byte for byte, in their order. */
export interface QueryTransform {
  /** Drop all parameters but these; 'utm_*' is a prefix. */
  keepOnly?: readonly string[]
  /** Drop these parameters; 'utm_*' is a prefix. */
  remove?: readonly string[]
  /** Old name to new name. What the client has under the new name is dropped, also where the old one is absent. */
  rename?: Record<string, string>
  /** Name to value, a template. It takes the place of the client's first one, or comes last; further ones are dropped. Where the template has no value, all are dropped. */
  set?: Record<string, string>
  /** The same for parameters that are not there. */
  setIfAbsent?: Record<string, string>
  /** Name to value, a template: a further parameter at the end. */
  append?: Record<string, string>
}

/** Changes to JSON, with their limits. */
export interface RequestJsonOptions {
  /** Changes to the JSON of the body, in this order. */
  operations: readonly (JsonOperation | JsonTransform)[]
  /** 'enforce' (default) changes bodies; 'observe' applies the operations to a copy of each body, tells what they would have done (events `json_observed` and `observed`), and lets the body pass as it comes. Functions are called. */
  mode?: 'enforce' | 'observe'
  /** Largest body, line or event, decoded, before and after the changes. Default 1MiB, or what `transformJson` was given. Exceeded: 413 body_too_large for requests, 502 response_transform_failed for responses. */
  maxBytes?: Size
  /** Most bytes that decompression may make of one, beyond 64 KiB. Default 100. Exceeded: as for `maxBytes`. A whole number, 1 to 100000. */
  maxRatio?: number
}

/** One change to a JSON body. Pointers are JSON pointers (RFC 6901): '/user/name', '/items/0', and '/items/*\/price' for every item or member. */
export interface JsonOperation {
  /** Keep what these lead to, with the objects and lists on the way, and drop everything else. */
  pick?: readonly string[]
  /** Drop the members and items that these lead to. */
  remove?: readonly string[]
  /** Pointer to new name. A member that has this name already is dropped. */
  rename?: Record<string, string>
  /** Put `with` in the place of these values, whatever they are. null and what is not there stay. */
  mask?: readonly string[]
  /** What `mask` puts there. Default '***'. */
  with?: string
  /** Last characters of a string or number that `mask` leaves behind `with`; none where it is not at least twice as long. Default 0. A whole number, 0 to 100. */
  keepLast?: number
  /** Pointer to value: any JSON, its strings templates such as '{identity.subject}'. Objects on the way are made. Nothing is set where a template has no value. */
  set?: Record<string, unknown>
  /** The same for members that are not there. In a list: before the item of this index, or behind the last with '-'. */
  add?: Record<string, unknown>
}

/** Changes to responses on their way to the client, in this order. `headers` holds for the gateway's own answers too, `keepOnly` of it and the others only for upstreams'. */
export interface ResponseTransform {
  /** Statuses of upstreams and what clients get instead: `{ 404: 410, '5xx': 502, '421-429': 400 }`, the first that fits. 205, 206 and 304 stay. With 204 the body is dropped. Retries, breakers and ejection go by the upstream's status; `when` by the new one. */
  status?: Record<string, number>
  /** Turn what `Location`, `Content-Location` and `Refresh` name at the upstream into what the client can ask: the gateway's origin as the client sees it, and the path before the route's `rewrite`. Other hosts stay. The origin is what the client says in `Host`: give routes a `host` where others could make a cache store it. */
  location?: true | LocationTransform
  /** Change the `Set-Cookie` lines of upstreams: true for `{ path: true, domain: false }`; of a list, the first one that means the cookie. Path and domain of '__Host-' cookies stay. */
  cookies?: true | CookieTransform | readonly CookieTransform[]
  /** Changes to header fields, or a list of them, done in order. */
  headers?: ResponseHeadersTransform | readonly ResponseHeadersTransform[]
  /** Changes to the JSON of the body: `application/json` and `+json`, each line of NDJSON, the data of each server-sent event. Other bodies are left alone. */
  json?: ResponseJsonOptions | readonly (JsonOperation | JsonTransform)[] | JsonTransform
}

/** How URLs of upstreams are turned into those of clients. */
export interface LocationTransform {
  /** Further hosts by which the upstream calls itself, such as 'users.internal' (on any port) or 'users.internal:8080'. Default: the endpoint's, what `Host` said, and the client's own. */
  hosts?: readonly string[]
  /** Whose paths the upstream writes. 'upstream' (default): its own, so that the route's `rewrite` is undone. 'client': those of the gateway, which it knows; only the origin is changed. */
  paths?: 'upstream' | 'client'
}

/** What is changed in upstreams' cookies. */
export interface CookieTransform {
  /** The cookies that are meant; 'app_*' is a prefix. Default: all. */
  names?: readonly string[]
  /** true: undo the route's `rewrite` in `Path`. A path: the new `Path`, also where there is none. */
  path?: true | string
  /** false: no `Domain`, so that the cookie is that of the host alone. A domain: takes the place of one that is there; danger: all its hosts get the cookie. By old domain: `{ 'internal.example': 'example.com', '*': false }`. */
  domain?: false | string | Record<string, false | string>
  /** Add or remove `Secure`. It is not removed from cookies that need it: '__Host-', '__Secure-', 'SameSite=None', 'Partitioned'. */
  secure?: boolean
  /** `SameSite` for every cookie. 'none' needs `secure: true`. */
  sameSite?: 'strict' | 'lax' | 'none'
  /** Add or remove `HttpOnly`. */
  httpOnly?: boolean
}

/** Changes to header fields, in this order. */
export interface ResponseHeadersTransform {
  /** For which statuses: 'always' (default), 'success' (below 400), 'error' (from 400), a status, '5xx', '400-499', or a list of these. */
  when?: string | number | readonly (string | number)[]
  /** Drop all fields of the sender but these; 'x-app-*' is a prefix. Fields that describe the body stay. */
  keepOnly?: readonly string[]
  /** Drop these fields; 'x-internal-*' is a prefix. */
  remove?: readonly string[]
  /** Old name to new name. What the sender has under the new name is dropped, also where the old one is absent. */
  rename?: Record<string, string>
  /** Name to value, a template such as '{params.id}'. The sender's own field is dropped, also where the template has no value. */
  set?: Record<string, string>
  /** The same for fields that are not there. */
  setIfAbsent?: Record<string, string>
  /** Name to value, a template: a further line of the field, unless the same line is there. */
  append?: Record<string, string>
}

/** Changes to JSON, with their limits. */
export interface ResponseJsonOptions {
  /** Changes to the JSON of the body, in this order. */
  operations: readonly (JsonOperation | JsonTransform)[]
  /** For which statuses: 'always' (default), 'success' (below 400), 'error' (from 400), a status, '5xx', '400-499', or a list of these. That which the client gets. Upstreams are asked for whole bodies whatever it is. */
  when?: string | number | readonly (string | number)[]
  /** 'enforce' (default) changes bodies; 'observe' applies the operations to a copy of each body, tells what they would have done (events `json_observed` and `observed`), and lets the body pass as it comes. Functions are called. */
  mode?: 'enforce' | 'observe'
  /** Largest body, line or event, decoded, before and after the changes. Default 1MiB, or what `transformJson` was given. Exceeded: 413 body_too_large for requests, 502 response_transform_failed for responses. */
  maxBytes?: Size
  /** Most bytes that decompression may make of one, beyond 64 KiB. Default 100. Exceeded: as for `maxBytes`. A whole number, 1 to 100000. */
  maxRatio?: number
  /** `ETag` and `Last-Modified` of the upstream: 'weaken' (default) makes a strong tag weak, 'drop' leaves both out and forwards no conditional requests. To be dropped where what is sent differs by who asks, or by what is configured: the upstream's validators do not change with it. */
  validators?: 'weaken' | 'drop'
  /** A response with `Cache-Control: no-transform`: 'respect' (default) leaves it alone, 'override' changes it all the same. Danger of respect: the upstream decides whether something is masked. */
  noTransform?: 'respect' | 'override'
}
