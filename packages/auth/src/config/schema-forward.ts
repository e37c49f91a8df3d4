import { closed, duration, limit, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$"

const header = (description: string): object =>
  Type.String({ pattern: NAME, rule: 'the name of a header', description })

const headers = (description: string): object =>
  Type.Array(Type.String({ pattern: NAME, rule: 'the name of a header' }), { description })

const Identity = Type.Object(
  {
    subject: header('The header that says who it is.'),
    consumer: Type.Optional(header('The header that names the consumer.')),
    scopes: Type.Optional(header('The header that lists scopes, with spaces between them.')),
    roles: Type.Optional(header('The header that lists roles, with commas between them.'))
  },
  {
    ...closed,
    title: 'ForwardIdentityConfig',
    description: 'Headers of a response that allows a request, from which its identity is made.'
  }
)

const Cache = Type.Object(
  {
    ttl: duration(
      'How long a request that was allowed is allowed again; at most as long as `max-age` of the response.',
      {
        most: '1h'
      }
    ),
    denied: Type.Optional(
      duration('How long one that was refused is refused again. Default 0ms.', {
        most: '10m',
        zero: 'not at all'
      })
    ),
    by: Type.Optional(
      Type.Array(
        Type.String({
          pattern: "^(:(method|host|path|query|client)|[!#$%&'*+.^_`|~0-9A-Za-z-]+)$",
          rule: "a header, or one of ':method', ':host', ':path', ':query', ':client'"
        }),
        {
          minItems: 1,
          description:
            "What a decision depends on: headers, ':method', ':host', ':path', ':query' and ':client'. Default: all of these, and all `requestHeaders`. Danger of leaving out what the service looks at: requests get a decision that was made for others."
        }
      )
    ),
    maxEntries: Type.Optional(limit('Decisions that are known at one time. Default 10000.', 1, 1_000_000))
  },
  { ...closed, title: 'ForwardCacheConfig', description: 'How long decisions hold.' }
)

/** A scheme that asks a service over HTTP. */
export const ForwardScheme = Type.Object(
  {
    type: Type.Literal('forward', { description: 'A service of yours is asked over HTTP (forward auth).' }),
    pool: typed('string', {
      type: 'string',
      minLength: 1,
      description:
        'The pool of the service: with its health checks, circuit breaker, balancing and time limits.'
    }),
    path: Type.Optional(
      Type.String({
        pattern: '^/[!-"$-~]*$',
        rule: "a path that begins with '/', encoded",
        description: 'The path that is asked. Default /.'
      })
    ),
    appendPath: Type.Optional(
      Type.Boolean({
        description:
          "Whether the request's own path and query are put behind `path`. Default false: they stand in X-Forwarded-Uri alone."
      })
    ),
    method: Type.Optional(
      Type.Union([Type.Literal('GET'), Type.Literal('POST'), Type.Literal('same')], {
        description: "The method that is used; 'same': that of the request. Default GET, with `body` POST."
      })
    ),
    requestHeaders: Type.Optional(
      headers(
        "Headers of the request that the service gets, besides X-Forwarded-Method, -Proto, -Host, -Uri and -For. Default ['authorization', 'cookie']."
      )
    ),
    responseHeaders: Type.Optional(
      headers(
        "Headers of a response that allows the request which upstreams get. A client's own are dropped on every route, in every spelling. Default: none."
      )
    ),
    refusalHeaders: Type.Optional(
      headers(
        "Headers of a response that refuses the request which the client gets. Default ['www-authenticate', 'location', 'set-cookie', 'content-type', 'retry-after']."
      )
    ),
    identity: Type.Optional(Identity),
    body: Type.Optional(
      size(
        'Sends the body too, at most so much of it: a longer one is refused with 413 body_too_large. It is read whole before the service is asked. Default: it is not sent.'
      )
    ),
    timeout: Type.Optional(
      duration('How long an answer may take. Default 2s. Exceeded: as an answer with 5xx.', {
        least: '1ms',
        most: '1m'
      })
    ),
    maxResponse: Type.Optional(
      size('Largest response of the service. Default 64KiB. Exceeded: as an answer with 5xx.')
    ),
    failMode: Type.Optional(
      Type.Union([Type.Literal('closed'), Type.Literal('open')], {
        description:
          "What happens without an answer, or with 5xx: 'closed' (default) answers 503 auth_unavailable, 'open' lets the request through without an identity, and tells (`observed`). Danger of open: whoever can bring the service down is let in."
      })
    ),
    cache: Type.Optional(Cache)
  },
  {
    ...closed,
    title: 'ForwardSchemeConfig',
    description: 'A scheme that asks a service over HTTP (forward auth).'
  }
)
