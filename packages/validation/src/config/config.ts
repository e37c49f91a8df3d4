// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Size } from '@gatewright/core'
import type { JsonSchema } from '../json-schema.js'

declare module '@gatewright/core' {
  interface PolicyConfig<P extends string = string> {
    /** What requests and responses must be, by JSON Schema. A request that is not: 400 request_invalid, with a JSON pointer and a message for each problem. `false` switches off what a policy says. */
    validation?: ValidationConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** What requests and responses must be, by JSON Schema. A request that is not: 400 request_invalid, with a JSON pointer and a message for each problem. `false` switches off what a policy says. */
    validation?: ValidationConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** What requests and responses must be, by JSON Schema. A request that is not: 400 request_invalid, with a JSON pointer and a message for each problem. `false` switches off what a policy says. */
    validation?: ValidationConfig
  }
}

/** What requests and responses must be, by JSON Schema. A request that is not: 400 request_invalid, with a JSON pointer and a message for each problem. `false` switches off what a policy says. */
export type ValidationConfig = ValidationOptions | false

/** What requests and responses must be, by JSON Schema. */
export interface ValidationOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** The JSON Schema of the body (2020-12, or draft-07 where `$schema` says so; TypeBox makes such). It is read whole before the request is forwarded, unless `mode` is 'observe'. Values are never changed or coerced. */
  body?: JsonSchema
  /** Whether POST, PUT, PATCH and QUERY must have a body where `body` is given. Default true. Other methods need none. */
  bodyRequired?: boolean
  /** A body that is not `application/json` or `+json`, where `body` is given: 'reject' (default), or 'pass' without a check. Danger of pass: whoever names another type is not checked. */
  otherMediaTypes?: 'reject' | 'pass'
  /** The JSON Schema of the query: an object of its parameters. One that is given several times is a list. */
  query?: JsonSchema
  /** The JSON Schema of the header fields: an object, its names in lower case. */
  headers?: JsonSchema
  /** The JSON Schema of the path parameters: an object. */
  params?: JsonSchema
  /** Whether texts of the query, headers and path are read as the numbers, booleans and lists that their schemas ask for. Default true. What is forwarded stays as it came. */
  coerce?: boolean
  /** Largest request body, decoded. Default 1MiB. Exceeded: 413 body_too_large. */
  maxBytes?: Size
  /** Problems that a refusal lists. Default 10. A whole number, 1 to 100. */
  maxErrors?: number
  /** What the bodies of responses must be. */
  response?: ResponseValidation
}

/** What the bodies of responses must be. */
export interface ResponseValidation {
  /** 'observe' (default) counts and logs a response that is not valid, and lets it through; 'enforce' answers 502 response_invalid in its place. Danger of enforce: each checked response is held until it is complete. */
  mode?: 'enforce' | 'observe'
  /** The JSON Schema of the body by status: `200`, `'2xx'`, or `default` for all others. A status without one is not checked. */
  bodies: Readonly<Record<string, JsonSchema>>
  /** Share of responses that are checked. Default 100. A number, 0 to 100. */
  samplePercent?: number
  /** Largest body that is checked, decoded. Default 1MiB. A larger one passes unchecked; with 'enforce' it is answered 502. */
  maxBytes?: Size
}
