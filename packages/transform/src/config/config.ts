// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.

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
}

/** Changes to requests on their way to the upstream. */
export interface RequestTransform {
  /** Changes to the fields that the upstream gets, in this order. */
  headers?: RequestHeadersTransform
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
