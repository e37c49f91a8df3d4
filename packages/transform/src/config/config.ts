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
  /** Changes to responses on their way to the client. */
  response?: ResponseTransform
}

/** Changes to requests on their way to the upstream. */
export interface RequestTransform {
  /** Changes to the fields that the upstream gets, in this order. */
  headers?: RequestHeadersTransform
  /** Changes to the JSON of the body: `application/json` and `+json`, each line of NDJSON, the data of each server-sent event. Other bodies are left alone. */
  json?: RequestJsonOptions | readonly (JsonOperation | JsonTransform)[] | JsonTransform
}

/** Changes to the fields that the upstream gets, in this order. */
export interface RequestHeadersTransform {
  /** Drop all of the client's fields but these; 'x-app-*' is a prefix. Fields that describe the body stay. Done first. */
  keepOnly?: readonly string[]
  /** Drop these fields; 'x-internal-*' is a prefix. */
  remove?: readonly string[]
  /** Old name to new name. What the client itself sends under the new name is dropped, also where the old one is absent. */
  rename?: Record<string, string>
  /** Name to value, a template such as '{params.id}'. The client's own field is dropped, also where the template has no value. */
  set?: Record<string, string>
  /** The same for fields that the request does not have. */
  setIfAbsent?: Record<string, string>
  /** A further line of the field, behind those that are there. Done last. */
  append?: Record<string, string>
}

/** Changes to JSON, with their limits. */
export interface RequestJsonOptions {
  /** Changes to the JSON of the body, in this order. */
  operations: readonly (JsonOperation | JsonTransform)[]
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

/** Changes to responses on their way to the client. */
export interface ResponseTransform {
  /** Changes to the JSON of the body: `application/json` and `+json`, each line of NDJSON, the data of each server-sent event. Other bodies are left alone. */
  json?: ResponseJsonOptions | readonly (JsonOperation | JsonTransform)[] | JsonTransform
}

/** Changes to JSON, with their limits. */
export interface ResponseJsonOptions {
  /** Changes to the JSON of the body, in this order. */
  operations: readonly (JsonOperation | JsonTransform)[]
  /** Largest body, line or event, decoded, before and after the changes. Default 1MiB, or what `transformJson` was given. Exceeded: 413 body_too_large for requests, 502 response_transform_failed for responses. */
  maxBytes?: Size
  /** Most bytes that decompression may make of one, beyond 64 KiB. Default 100. Exceeded: as for `maxBytes`. A whole number, 1 to 100000. */
  maxRatio?: number
  /** `ETag` and `Last-Modified` of the upstream: 'weaken' (default) makes a strong tag weak, 'drop' leaves both out and forwards no conditional requests. To be dropped where what is sent differs by who asks, or by what is configured: the upstream's validators do not change with it. */
  validators?: 'weaken' | 'drop'
  /** A response with `Cache-Control: no-transform`: 'respect' (default) leaves it alone, 'override' changes it all the same. Danger of respect: the upstream decides whether something is masked. */
  noTransform?: 'respect' | 'override'
}
