import { type Static, Type } from 'typebox'
import type { BalancingPolicy } from './balancing.js'
import { DURATION_PATTERN, type Duration } from './duration.js'
import type { RouteHandler, RouteHooks } from './route.js'
import { SIZE_PATTERN, type Size } from './size.js'

const closed = { additionalProperties: false } as const

const duration = (description: string) =>
  Type.Unsafe<Duration>({ type: 'string', pattern: DURATION_PATTERN, description })
const size = (description: string) =>
  Type.Unsafe<Size>({ type: 'string', pattern: SIZE_PATTERN, description })
const limit = (description: string, minimum = 0) => Type.Integer({ minimum, description })

/** Time limits; see {@link DEFAULT_TIMEOUTS}. Set on a pool, a policy or a route; the nearest one wins, key by key. */
export const TimeoutsSchema = Type.Object(
  {
    connect: Type.Optional(
      duration(
        'Time for the TCP connection to the endpoint. Default 5s. Exceeded: 504 upstream_connect_timeout.'
      )
    ),
    tlsHandshake: Type.Optional(
      duration(
        'Time for the TLS handshake after the TCP connection. Default 5s. Exceeded: 504 upstream_connect_timeout.'
      )
    ),
    firstByte: Type.Optional(
      duration(
        'From the request being sent to the head of the response. Default 30s. Exceeded: 504 upstream_timeout.'
      )
    ),
    idle: Type.Optional(
      duration(
        'Silence between two pieces of the response body. Default 60s. Exceeded: the answer is cut off.'
      )
    ),
    requestIdle: Type.Optional(
      duration('Silence between two pieces of the request body. Default 30s. Exceeded: 408 request_timeout.')
    ),
    total: Type.Optional(
      duration(
        'The whole exchange, all attempts included. Default: no limit. Server-sent events are exempt once they flow. Exceeded: 504 deadline_exceeded, or the answer is cut off.'
      )
    )
  },
  { ...closed, description: 'Time limits.' }
)

const ValueMatchSchema = Type.Union([
  Type.String({ description: 'The exact value.' }),
  Type.Object(
    {
      exact: Type.Optional(Type.String({ description: 'The whole value, case-sensitively.' })),
      prefix: Type.Optional(Type.String({ description: 'The beginning of the value.' })),
      regex: Type.Optional(
        Type.String({
          description:
            'A regular expression for the whole value; refused when it could take more than linear time.'
        })
      ),
      exists: Type.Optional(Type.Boolean({ description: 'Present at all (true) or absent (false).' })),
      not: Type.Optional(Type.Boolean({ description: 'Turns the condition round. Default false.' }))
    },
    closed
  )
])

const RewriteSchema = Type.Object(
  {
    stripPrefix: Type.Optional(
      Type.Union([Type.Boolean(), Type.String()], {
        description: 'Remove this prefix, whole segments only; true removes the prefix the route matched.'
      })
    ),
    addPrefix: Type.Optional(Type.String({ description: 'Put this in front, after stripping.' })),
    set: Type.Optional(
      Type.String({
        description:
          "A whole new path. ':name' stands for a path parameter and '*' for what the prefix route's wildcard matched; parameters are encoded again."
      })
    ),
    regex: Type.Optional(
      Type.Object(
        {
          pattern: Type.String({
            description:
              'Matched against the canonical path; refused when it could take more than linear time.'
          }),
          replacement: Type.String({ description: "The new text; '$1' and '$<name>' stand for groups." })
        },
        { ...closed, description: 'Replace the first match of a pattern.' }
      )
    )
  },
  {
    ...closed,
    description:
      'How the path sent upstream is made from the canonical path. At most one of stripPrefix/addPrefix, set and regex.'
  }
)

const RedirectSchema = Type.Object(
  {
    scheme: Type.Optional(
      Type.Union([Type.Literal('http'), Type.Literal('https')], { description: "Default: the request's." })
    ),
    host: Type.Optional(Type.String({ description: "Default: the request's." })),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description: "Default: the request's when neither scheme nor host is set, else the scheme's."
      })
    ),
    path: Type.Optional(Type.String({ description: 'A whole new path. Default: the path after `rewrite`.' })),
    status: Type.Optional(
      Type.Union(
        [Type.Literal(301), Type.Literal(302), Type.Literal(303), Type.Literal(307), Type.Literal(308)],
        { description: 'Default 302.' }
      )
    )
  },
  { ...closed, description: 'Answer with a redirect. The query is kept.' }
)

const RespondSchema = Type.Object(
  {
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599, description: 'Default 200.' })),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Header fields of the answer.' })
    ),
    body: Type.Optional(Type.String({ description: 'The body. Default: none.' }))
  },
  { ...closed, description: 'Answer directly, without an upstream.' }
)

/** Options that a policy and a route share. */
const sharedOptions = {
  pool: Type.Optional(Type.String({ description: 'The pool to forward to.' })),
  timeout: Type.Optional(duration('Short for timeouts.total.')),
  timeouts: Type.Optional(TimeoutsSchema),
  bodyLimit: Type.Optional(
    Type.Union([Type.Literal(false), size('')], {
      description:
        'Largest request body, counted as it streams. Default 10MiB; false for none. Exceeded: 413 body_too_large and the upstream request is aborted.'
    })
  ),
  preserveHost: Type.Optional(
    Type.Boolean({ description: "Send the client's Host upstream instead of the endpoint's. Default false." })
  ),
  rewrite: Type.Optional(RewriteSchema)
}

/** A named set of route options (`policies.<id>`), put to use with `use`. */
export const PolicySchema = Type.Object(
  {
    ...sharedOptions,
    hooks: Type.Optional(
      Type.Unsafe<RouteHooks>({
        type: 'object',
        description: 'Fastify hooks to run for the routes that use this policy, before their own. Code only.'
      })
    )
  },
  { ...closed, description: 'A named set of route options.' }
)

/** What a native Fastify route may carry in `config.gateway`. */
export const NativeRouteSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        minLength: 1,
        description: "The route's stable name in logs and metrics. Default: method and URL."
      })
    ),
    use: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Policies to apply, left to right; the route itself comes last.'
      })
    ),
    ...sharedOptions
  },
  { ...closed, description: 'Gateway options of a native Fastify route.' }
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
        "'/a/b' that path alone; '/a/*' the path /a and all below it, by whole segments; '/a/:id' with a parameter; '~^/v[0-9]+/' a regular expression, refused when it could take more than linear time. Precedence: exact, then regular expressions in order, then the longest prefix."
    }),
    host: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
        description:
          "'api.example.com', or '*.example.com' for all names below that domain. Exact hosts go before wildcards, longer wildcards before shorter, any host last. Default: any."
      })
    ),
    methods: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description:
          'Methods the route takes; others get 405 with Allow. GET includes HEAD. Default: all but CONNECT and TRACE.'
      })
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), ValueMatchSchema, {
        description: 'Conditions on header fields; all must hold.'
      })
    ),
    query: Type.Optional(
      Type.Record(Type.String(), ValueMatchSchema, {
        description: 'Conditions on query parameters; all must hold.'
      })
    ),
    priority: Type.Optional(
      Type.Integer({
        description:
          'Higher goes first among routes of the same host, path and number of conditions. Default 0.'
      })
    ),
    caseSensitive: Type.Optional(
      Type.Boolean({ description: 'Whether the case of the path matters. Default true.' })
    ),
    trailingSlash: Type.Optional(
      Type.Union([Type.Literal('strict'), Type.Literal('ignore')], {
        description: "'strict' (default): '/a' and '/a/' differ. 'ignore': they are the same for matching."
      })
    ),
    use: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Policies to apply, left to right; the route itself comes last.'
      })
    ),
    ...sharedOptions,
    redirect: Type.Optional(RedirectSchema),
    respond: Type.Optional(RespondSchema),
    handler: Type.Optional(
      Type.Unsafe<RouteHandler>({
        description: 'A Fastify handler that answers instead of an upstream. Code only.'
      })
    ),
    hooks: Type.Optional(
      Type.Unsafe<RouteHooks>({
        type: 'object',
        description: 'Fastify hooks for this route alone. Code only.'
      })
    )
  },
  {
    ...closed,
    description:
      'A route: conditions, and what to do with a request that meets them all (exactly one of pool, redirect, respond and handler).'
  }
)

const EndpointSchema = Type.Union([
  Type.String({ description: "The endpoint's base URL." }),
  Type.Object(
    {
      url: Type.String({
        description: "The endpoint's base URL, http or https; its path goes in front of every forwarded path."
      }),
      weight: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 65535,
          description: 'Share of traffic relative to its peers; 0 takes none. Default 1.'
        })
      )
    },
    closed
  )
])

const ConnectionsSchema = Type.Object(
  {
    max: Type.Optional(limit('Most connections to one endpoint. Default 1024.', 1)),
    keepAlive: Type.Optional(
      duration(
        'How long an idle connection is kept. Shorter than the upstream keeps its own, or reuse races with its closing. Default 4s.'
      )
    ),
    maxQueue: Type.Optional(
      limit(
        'Most requests that wait for a connection of one endpoint. Default 1024. Exceeded: 503 pool_queue_full.'
      )
    ),
    queueTimeout: Type.Optional(
      duration('Longest wait for a connection. Default 1s. Exceeded: 503 pool_queue_timeout.')
    ),
    maxRequests: Type.Optional(limit('Requests after which a connection is closed. Default 0: no limit.'))
  },
  { ...closed, description: 'Connections to each endpoint.' }
)

const TlsSchema = Type.Object(
  {
    ca: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: 'Trusted authorities, PEM text. Default: the ones Node trusts.'
      })
    ),
    cert: Type.Optional(Type.String({ description: 'Client certificate chain, PEM text.' })),
    key: Type.Optional(Type.String({ description: 'Private key of the client certificate, PEM text.' })),
    servername: Type.Optional(
      Type.String({ description: "Name for SNI and for verification. Default: the endpoint's host." })
    ),
    minVersion: Type.Optional(
      Type.Union([Type.Literal('TLSv1.2'), Type.Literal('TLSv1.3')], { description: 'Default TLSv1.2.' })
    ),
    insecureBecause: Type.Optional(
      Type.String({
        minLength: 8,
        description:
          'Turns verification of the endpoint OFF and says why. Whoever can reach the network path can then read and change the traffic. Shown in a warning at every start.'
      })
    )
  },
  { ...closed, description: 'TLS to the endpoints. Verification is on.' }
)

/** A pool (`pools.<id>`). */
export const PoolSchema = Type.Object(
  {
    endpoints: Type.Array(EndpointSchema, { minItems: 1, description: 'Interchangeable addresses.' }),
    balancing: Type.Optional(
      Type.Unsafe<string | ({ readonly type: string } & Record<string, unknown>) | BalancingPolicy>({
        description:
          "How an endpoint is chosen: a policy's name, `{ type, …options }`, or in code an object with `pick`. Default p2c."
      })
    ),
    timeouts: Type.Optional(TimeoutsSchema),
    connections: Type.Optional(ConnectionsSchema),
    tls: Type.Optional(TlsSchema)
  },
  { ...closed, description: 'A named set of interchangeable endpoints.' }
)

const PathsSchema = Type.Object(
  {
    policy: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('redirect'), Type.Literal('normalize')], {
        description:
          'A path that is not canonical is answered 400 (reject, the default), answered 308 to its canonical form, or normalised before routing.'
      })
    ),
    encodedSlashes: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('keep')], {
        description:
          "'%2F' and '%5C' are not canonical (reject, the default), or stay as part of their segment. Danger of keep: an upstream that decodes them sees another path than the router did."
      })
    ),
    duplicateSlashes: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('keep')], {
        description: "'//' is not canonical (reject, the default), or stays."
      })
    )
  },
  { ...closed, description: 'How request paths are read.' }
)

/** The keys every gateway has, whether plugin or server. */
export const gatewayProperties = {
  pools: Type.Optional(
    Type.Record(Type.String(), PoolSchema, { description: 'Where requests go, by pool id.' })
  ),
  policies: Type.Optional(
    Type.Record(Type.String(), PolicySchema, { description: 'Named sets of route options.' })
  ),
  routes: Type.Optional(Type.Array(RouteSchema, { description: 'The route table.' })),
  hooks: Type.Optional(
    Type.Unsafe<RouteHooks>({
      type: 'object',
      description: 'Fastify hooks for every gateway route, before those of policies and routes. Code only.'
    })
  ),
  paths: Type.Optional(PathsSchema),
  trustedProxies: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'Addresses and CIDR ranges of peers whose request ids and forwarding headers are believed: X-Forwarded-*, or Forwarded when `forwarded` is rfc7239. Default: none.'
    })
  ),
  forwarded: Type.Optional(
    Type.Union(
      [Type.Literal('x-forwarded'), Type.Literal('rfc7239'), Type.Literal('both'), Type.Literal('none')],
      {
        description:
          'Which forwarding headers the upstream gets: X-Forwarded-For, -Proto, -Host and -Port (default), Forwarded (RFC 7239), both or none.'
      }
    )
  ),
  via: Type.Optional(
    Type.String({
      pattern: "^[\\w!#$%&'*+.^`|~-]+$",
      description:
        "The gateway's name in Via, both ways (RFC 9110, section 7.6.3). A request that has already passed through it gets 508. Default: no Via."
    })
  ),
  requestIdHeader: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+$',
      description: 'The header that carries the request id. Default x-request-id.'
    })
  ),
  reservedHeaders: Type.Optional(
    Type.Array(Type.String({ pattern: '^[a-z0-9-]+$' }), {
      description:
        "Headers that a client may never send, such as identity headers set by a hook; the client's copies are dropped."
    })
  ),
  underscores: Type.Optional(
    Type.Union([Type.Literal('reject'), Type.Literal('drop'), Type.Literal('keep')], {
      description:
        'Request headers with an underscore, which some upstreams take for the name with a hyphen: 400 (reject, the default), dropped, or forwarded.'
    })
  ),
  maxHeaders: Type.Optional(
    limit('Most header fields of a request. Default 100. Exceeded: 431 headers_too_large.', 10)
  ),
  maxUrlSize: Type.Optional(size('Longest request target. Default 8KiB. Exceeded: 414 uri_too_long.')),
  reasonHeader: Type.Optional(
    Type.Boolean({
      description: 'Add x-gateway-reason to the answers the gateway makes itself. Default false.'
    })
  )
}

/** The configuration of the gateway as a plugin. */
export const ConfigSchema = Type.Object(gatewayProperties, { ...closed, description: 'A gateway.' })

type Policy = Static<typeof PolicySchema>
type TableRoute = Static<typeof RouteSchema>
type Native = Static<typeof NativeRouteSchema>

export type TimeoutsConfig = Static<typeof TimeoutsSchema>
export type RewriteConfig = Static<typeof RewriteSchema>
export type RedirectConfig = Static<typeof RedirectSchema>
export type RespondConfig = Static<typeof RespondSchema>
export type ValueMatchConfig = Static<typeof ValueMatchSchema>
export type PoolConfig = Static<typeof PoolSchema>
/** A named set of route options. `P` are the known pool ids. */
export type PolicyConfig<P extends string = string> = Omit<Policy, 'pool'> & { pool?: P }
/** A route of the table. `P` are the known pool ids, `U` the known policy ids. */
export type RouteConfig<P extends string = string, U extends string = string> = Omit<
  TableRoute,
  'pool' | 'use'
> & {
  pool?: P
  use?: U[]
}
/** Gateway options of a native route. `P` are the known pool ids. */
export type NativeRouteConfig<P extends string = string> = Omit<Native, 'pool'> & { pool?: P }
/** The configuration of the gateway as a plugin. */
export type GatewayConfig<P extends string = string, U extends string = string> = Omit<
  Static<typeof ConfigSchema>,
  'pools' | 'policies' | 'routes'
> & {
  pools?: Record<P, PoolConfig>
  policies?: Record<U, PolicyConfig<NoInfer<P>>>
  routes?: RouteConfig<NoInfer<P>, NoInfer<U>>[]
}
