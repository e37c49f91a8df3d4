import { Type } from 'typebox'
import { LintSchema } from './schema-lint.js'
import { PoolSchema } from './schema-pools.js'
import { NativeRouteSchema, PolicySchema, RouteSchema } from './schema-routes.js'
import { closed, limit, size, typed } from './terms.js'

export { NativeRouteSchema, PolicySchema, PoolSchema, RouteSchema }

const PathsSchema = Type.Object(
  {
    policy: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('redirect'), Type.Literal('normalize')], {
        description:
          'A path that is not canonical gets 400 (reject, the default), a 308 redirect to its canonical form, or is normalised before routing.'
      })
    ),
    encodedSlashes: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('keep')], {
        description:
          "'%2F' and '%5C' are not canonical (reject, the default), or are kept as part of their segment. Danger of keep: an upstream that decodes them sees a different path from the one that was routed."
      })
    ),
    duplicateSlashes: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('keep')], {
        description: "'//' is not canonical (reject, the default), or is kept."
      })
    )
  },
  { ...closed, title: 'PathsConfig', description: 'How request paths are validated and normalised.' }
)

/** Keys common to the plugin and the server. */
export const gatewayProperties = {
  pools: Type.Optional(Type.Record(Type.String(), PoolSchema, { description: 'Pools of endpoints by id.' })),
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
        "Precedence of the app's own Fastify routes over the route table: for requests that they match (match, the default), or for every request to their paths, regardless of method, letter case, trailing slash and constraints (strict): requests that they do not match then get 405 or 404. Danger of match: hooks that guard `GET /admin/:user` do not run for `POST /admin/joe`, which the table may forward."
    })
  ),
  trustedProxies: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'Addresses and CIDR ranges of peers whose request ids and forwarding headers are trusted: X-Forwarded-*, or Forwarded when `forwarded` is rfc7239. These headers also determine `request.ip`, `request.protocol` and `request.host`, unless the app sets its own `trustProxy`. Each proxy must set or append to these headers itself, because values that it passes through are trusted. Danger of a wide range, such as 0.0.0.0/0: every client can spoof its address; a warning is logged at start. Default: none.'
    })
  ),
  forwarded: Type.Optional(
    Type.Union(
      [Type.Literal('x-forwarded'), Type.Literal('rfc7239'), Type.Literal('both'), Type.Literal('none')],
      {
        description:
          'Which forwarding headers are sent upstream: X-Forwarded-For, -Proto, -Host and -Port (default), Forwarded (RFC 7239), both or none.'
      }
    )
  ),
  via: Type.Optional(
    Type.String({
      pattern: "^[\\w!#$%&'*+.^`|~-]+$",
      rule: "a name without spaces, such as 'gateway'",
      description:
        "The gateway's name in Via, in requests and responses (RFC 9110, section 7.6.3). A request that has already passed through this gateway gets 508. Default: no Via."
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
          'Request headers that are dropped when a client sends them, such as identity headers that a hook sets.'
      }
    )
  ),
  underscores: Type.Optional(
    Type.Union([Type.Literal('reject'), Type.Literal('drop'), Type.Literal('keep')], {
      description:
        'Request headers with an underscore in the name, which some upstreams treat like the name with a hyphen: 400 (reject, the default), drop the header, or keep it.'
    })
  ),
  deadlineHeader: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+$',
      rule: "a header name in lower case, such as 'x-user'",
      description:
        'A header in which the upstream gets the remaining milliseconds of `timeouts.total`, such as x-request-timeout-ms. Default: none.'
    })
  ),
  maxHeaders: Type.Optional(
    limit('Maximum number of header fields of a request. Default 100. Exceeded: 431 headers_too_large.', 10)
  ),
  maxUrlSize: Type.Optional(size('Longest request target. Default 8KiB. Exceeded: 414 uri_too_long.')),
  reasonHeader: Type.Optional(
    Type.Boolean({
      description: 'Add x-gw-reason to responses generated by the gateway. Default false.'
    })
  ),
  lint: Type.Optional(LintSchema)
}

/** The configuration of the gateway as a plugin. Features add keys to it, and to pools, policies and routes. */
export const ConfigSchema = Type.Object(gatewayProperties, {
  title: 'GatewayConfig',
  description: 'A gateway.'
})
