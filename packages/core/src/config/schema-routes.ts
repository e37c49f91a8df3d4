import { Type } from 'typebox'
import { FallbackSchema, RedirectSchema, RespondSchema } from './schema-responses.js'
import { TimeoutsSchema } from './schema-timeouts.js'
import { closed, duration, size, typed, UNLIMITED } from './terms.js'

/** A condition on a header field or query parameter. */
const ValueMatchSchema = Type.Union(
  [
    Type.String({ description: 'The exact value.' }),
    Type.Object(
      {
        exact: Type.Optional(Type.String({ description: 'The whole value, case-sensitive.' })),
        prefix: Type.Optional(Type.String({ description: 'The beginning of the value.' })),
        regex: Type.Optional(
          Type.String({
            description:
              'A regular expression for the whole value; rejected if matching could take more than linear time.'
          })
        ),
        exists: Type.Optional(Type.Boolean({ description: 'Present (true) or absent (false).' })),
        not: Type.Optional(Type.Boolean({ description: 'Inverts the condition. Default false.' }))
      },
      { ...closed, title: 'ValueMatchOptions', description: 'A condition on a value.' }
    )
  ],
  { title: 'ValueMatchConfig', description: 'A condition: the exact value, or options.' }
)

/** How the upstream path is derived. */
const RewriteSchema = Type.Object(
  {
    stripPrefix: Type.Optional(
      Type.Union([Type.Boolean(), Type.String()], {
        description: 'Remove this prefix, whole segments only; true removes the prefix the route matched.'
      })
    ),
    addPrefix: Type.Optional(Type.String({ description: 'Prepend this prefix, after stripping.' })),
    set: Type.Optional(
      Type.String({
        description:
          "Replace the whole path. ':name' stands for a path parameter and '*' for the part that the wildcard of a prefix route matched; parameters are encoded again."
      })
    ),
    regex: Type.Optional(
      Type.Object(
        {
          pattern: Type.String({
            description:
              'Matched against the canonical path; rejected if matching could take more than linear time.'
          }),
          replacement: Type.String({
            description: "The replacement; '$1' and '$<name>' stand for capture groups."
          })
        },
        { ...closed, title: 'RegexRewriteConfig', description: 'Replace the first match of a pattern.' }
      )
    )
  },
  {
    ...closed,
    title: 'RewriteConfig',
    description:
      'How the upstream path is derived from the canonical path. At most one of stripPrefix/addPrefix, set and regex.'
  }
)

/** Options that a policy and a route share. */
const sharedOptions = {
  pool: Type.Optional(typed('P', { type: 'string', description: 'The pool to forward to, by its id.' })),
  timeout: Type.Optional(
    duration(
      'Time for the whole exchange, including all attempts: short for `timeouts.total`. Default: no limit. Exceeded: 504 deadline_exceeded, or the response is aborted.',
      UNLIMITED
    )
  ),
  timeouts: Type.Optional(TimeoutsSchema),
  bodyLimit: Type.Optional(
    Type.Union([Type.Literal(false), size('')], {
      description:
        'Largest request body, counted as it streams. Default 10MiB; false for no limit. Exceeded: 413 body_too_large and the upstream request is aborted.'
    })
  ),
  preserveHost: Type.Optional(
    Type.Boolean({ description: "Send the client's Host upstream instead of the endpoint's. Default false." })
  ),
  rewrite: Type.Optional(RewriteSchema),
  fallback: Type.Optional(FallbackSchema)
}

/** A named set of route options (`policies.<id>`), referenced by `use`. */
export const PolicySchema = Type.Object(
  {
    ...sharedOptions,
    hooks: Type.Optional(
      typed('RouteHooks', {
        type: 'object',
        description: 'Fastify hooks to run for the routes that use this policy, before their own. Code only.'
      })
    )
  },
  { title: 'PolicyConfig', description: 'A named set of route options.' }
)

/** The options of a native Fastify route, in `config.gateway`. */
export const NativeRouteSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        minLength: 1,
        description: "The route's stable name in logs and metrics. Default: method and URL."
      })
    ),
    use: Type.Optional(
      Type.Array(typed('U', { type: 'string' }), {
        description: 'Policies to apply, left to right; the options of the route itself are applied last.'
      })
    ),
    ...sharedOptions
  },
  { title: 'NativeRouteConfig', description: 'Gateway options of a native Fastify route.' }
)

/** A route of the table (`routes[]`). */
export const RouteSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        minLength: 1,
        description: "The route's stable name in logs and metrics. Default: its methods, host and path."
      })
    ),
    path: Type.String({
      minLength: 1,
      description:
        "'/a/b' matches that path; '/a/*' matches /a and all paths below it, by whole segments; '/a/:id' has a parameter; '~^/v[0-9]+/' is a regular expression, rejected if matching could take more than linear time. Precedence: exact, then regular expressions in order, then the longest prefix."
    }),
    host: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
        description:
          "'api.example.com', or '*.example.com' for all names below that domain. Precedence: exact hosts, then wildcards from longest to shortest, then routes without a host. Default: any."
      })
    ),
    methods: Type.Optional(
      Type.Array(typed('Method', { type: 'string' }), {
        minItems: 1,
        description:
          'Methods the route accepts; other methods get 405 with Allow. GET includes HEAD. Default: all but CONNECT and TRACE.'
      })
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), ValueMatchSchema, {
        description: 'Conditions on header fields; all must match.'
      })
    ),
    query: Type.Optional(
      Type.Record(Type.String(), ValueMatchSchema, {
        description: 'Conditions on query parameters; all must match.'
      })
    ),
    priority: Type.Optional(
      Type.Integer({
        description:
          'Precedence among routes with the same host, path and number of conditions: the highest first. Default 0.'
      })
    ),
    caseSensitive: Type.Optional(
      Type.Boolean({ description: 'Whether the path is matched case-sensitively. Default true.' })
    ),
    trailingSlash: Type.Optional(
      Type.Union([Type.Literal('strict'), Type.Literal('ignore')], {
        description: "'strict' (default): '/a' and '/a/' are different paths. 'ignore': they match alike."
      })
    ),
    use: Type.Optional(
      Type.Array(typed('U', { type: 'string' }), {
        description: 'Policies to apply, left to right; the options of the route itself are applied last.'
      })
    ),
    ...sharedOptions,
    redirect: Type.Optional(RedirectSchema),
    respond: Type.Optional(RespondSchema),
    handler: Type.Optional(
      typed('RouteHandler', {
        description: 'A Fastify handler that responds instead of an upstream. Code only.'
      })
    ),
    hooks: Type.Optional(
      typed('RouteHooks', {
        type: 'object',
        description: 'Fastify hooks for this route alone. Code only.'
      })
    )
  },
  {
    title: 'RouteConfig',
    description:
      'A route: conditions, and the action for requests that match all of them (exactly one of pool, redirect, respond and handler).'
  }
)
