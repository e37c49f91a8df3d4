import { Type } from 'typebox'
import { PoolSchema } from './schema-pools.js'
import { NativeRouteSchema, PolicySchema, RouteSchema } from './schema-routes.js'
import { closed, limit, size, typed } from './terms.js'

export { NativeRouteSchema, PolicySchema, PoolSchema, RouteSchema }

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
  { ...closed, title: 'PathsConfig', description: 'How request paths are read.' }
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
    typed('RouteHooks', {
      type: 'object',
      description: 'Fastify hooks for every gateway route, before those of policies and routes. Code only.'
    })
  ),
  paths: Type.Optional(PathsSchema),
  nativeFirst: Type.Optional(
    Type.Union([Type.Literal('match'), Type.Literal('strict')], {
      description:
        "What the app's own Fastify routes keep from the route table: the requests that they match (match, the default), or their paths altogether, whatever the method, case, last slash and constraints (strict): those answer 405 or 404. Danger of match: what guards `GET /admin/:user` does not see `POST /admin/joe`, which the table may forward."
    })
  ),
  trustedProxies: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'Addresses and CIDR ranges of peers whose request ids and forwarding headers are believed: X-Forwarded-*, or Forwarded when `forwarded` is rfc7239. They also tell `request.ip`, `request.protocol` and `request.host`, unless the app has a `trustProxy` of its own. Each of them must set or append to these headers itself, as what it lets through is believed. Danger of a wide range, such as 0.0.0.0/0: every client can say who it is; the start warns. Default: none.'
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
      rule: "a name without spaces, such as 'gateway'",
      description:
        "The gateway's name in Via, both ways (RFC 9110, section 7.6.3). A request that has already passed through it gets 508. Default: no Via."
    })
  ),
  requestIdHeader: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+$',
      rule: "a header name in lower case, such as 'x-user'",
      description: 'The header that carries the request id. Default x-request-id.'
    })
  ),
  reservedHeaders: Type.Optional(
    Type.Array(
      Type.String({ pattern: '^[a-z0-9-]+$', rule: "a header name in lower case, such as 'x-user'" }),
      {
        description:
          "Headers that a client may never send, such as identity headers set by a hook; the client's copies are dropped."
      }
    )
  ),
  underscores: Type.Optional(
    Type.Union([Type.Literal('reject'), Type.Literal('drop'), Type.Literal('keep')], {
      description:
        'Request headers with an underscore, which some upstreams take for the name with a hyphen: 400 (reject, the default), dropped, or forwarded.'
    })
  ),
  deadlineHeader: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+$',
      rule: "a header name in lower case, such as 'x-user'",
      description:
        'A header that tells the upstream how many milliseconds are left of `timeouts.total`, such as x-request-timeout-ms. Default: none is sent.'
    })
  ),
  maxHeaders: Type.Optional(
    limit('Most header fields of a request. Default 100. Exceeded: 431 headers_too_large.', 10)
  ),
  maxUrlSize: Type.Optional(size('Longest request target. Default 8KiB. Exceeded: 414 uri_too_long.')),
  reasonHeader: Type.Optional(
    Type.Boolean({
      description: 'Add x-gw-reason to the answers the gateway makes itself. Default false.'
    })
  )
}

/** The configuration of the gateway as a plugin. Like pools, policies and routes, it has keys of features beside these. */
export const ConfigSchema = Type.Object(gatewayProperties, {
  title: 'GatewayConfig',
  description: 'A gateway.'
})
