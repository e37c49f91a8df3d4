import { byKind, closed, duration, limit, mode, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const name = Type.String({
  pattern: '^[A-Za-z0-9_.-]{1,64}$',
  rule: 'of at most 64 letters, digits, _, . and -',
  description:
    'Its name in logs, metrics and metadata. Default: its `type`. Filters of one route have different names.'
})

const failMode = Type.Union([Type.Literal('closed'), Type.Literal('open')], {
  description:
    "When it gives no usable answer: 'closed' (default) answers 503 filter_unavailable; 'open' lets the request pass. Danger of open: whoever can make the filter fail gets by it."
})

const timeout = duration(
  'How long its answer is waited for, within what is left of the time for the request. Default 50ms.',
  { most: '60s' }
)

const body = Type.Object(
  {
    maxBytes: size(
      'How much of the body it gets, as `8KiB`. Held in memory for each request until it answers.'
    ),
    partial: Type.Optional(
      Type.Boolean({
        description:
          'Of a longer body, whether it gets the beginning. Default false: the client gets 413 body_too_large, whatever `failMode` says.'
      })
    ),
    raw: Type.Optional(
      Type.Boolean({
        description:
          'Whether it gets bytes (`raw_body`) instead of text (`body`), in which bytes that are not UTF-8 are replaced. Default false.'
      })
    )
  },
  {
    ...closed,
    title: 'FilterBody',
    description:
      'Asks for the request body. The filter is then asked once the body has come (preHandler), as are all filters behind it. Default: it gets none.'
  }
)

const writes = Type.Array(
  Type.String({ pattern: '^[a-z0-9!#$%&*+.^_|~-]{1,100}$', rule: 'a field name in lower case' }),
  {
    maxItems: 100,
    description:
      'Request headers that it speaks for: a client’s copies are dropped always, and those that another part of the gateway has set, such as identity headers, may be set by it too. With `host` it may set the Host. Others it may set as well, but a client’s copy stays where it does not.'
  }
)

const breaker = Type.Union(
  [
    Type.Literal(false),
    Type.Object(
      {
        failures: Type.Optional(
          limit('Failures in a row after which it is not asked for a while. Default 10.', 1, 10_000)
        ),
        openDuration: Type.Optional(
          duration('How long. Then one request tries it. Default 5s.', { least: '10ms', most: '10m' })
        )
      },
      { ...closed, title: 'FilterBreaker' }
    )
  ],
  { description: 'Stops asking a service that keeps failing; `failMode` then decides at once. false: never.' }
)

const tls = Type.Object(
  {
    ca: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: 'Trusted certificate authorities: PEM text. Default: those that Node trusts.'
      })
    ),
    cert: Type.Optional(Type.String({ description: 'Client certificate chain: PEM text. Needs `key`.' })),
    key: Type.Optional(
      Type.String({ writeOnly: true, description: 'Its private key: PEM text, not encrypted.' })
    ),
    servername: Type.Optional(
      Type.String({ description: 'Name for SNI and verification. Default: the host of `target`.' })
    )
  },
  {
    ...closed,
    title: 'FilterTls',
    description: 'TLS to an `https:` target. Certificates are always verified.'
  }
)

const grpcTarget = Type.String({
  pattern: '^(?:https?://[^/?#@]+/?|unix:/.+)$',
  rule: 'a URL without path, query and credentials, such as http://127.0.0.1:9191, or unix:/run/filter.sock',
  description:
    'Where the service is: `http:` (HTTP/2 without TLS), `https:`, or `unix:` with the path of a socket. Filters of one target share a connection.'
})

const keepAlive = duration('How often an idle connection is tried with a ping. Default 0ms.', {
  least: '10s',
  zero: 'never'
})

const texts = (description: string): object =>
  Type.Record(Type.String({ pattern: '^.{1,200}$' }), Type.String({ maxLength: 4_096 }), { description })

const headerNames = (description: string): object =>
  Type.Array(
    Type.String({
      pattern: '^[a-z0-9!#$%&+.^_|~-]{1,100}\\*?$',
      rule: 'a field name in lower case, or the beginning of one and *'
    }),
    {
      maxItems: 200,
      description
    }
  )

const common = { name: Type.Optional(name), mode: Type.Optional(mode), failMode: Type.Optional(failMode) }

const service = {
  ...common,
  timeout: Type.Optional(timeout),
  writes: Type.Optional(writes),
  breaker: Type.Optional(breaker)
}

const connection = {
  metadata: Type.Optional(
    texts('Header fields of each call, names in lower case, such as a token for the service. Default: none.')
  ),
  maxMessage: Type.Optional(size('Longest answer that is read. Default 64KiB.')),
  keepAlive: Type.Optional(keepAlive),
  tls: Type.Optional(tls)
}

const told = {
  allowedHeaders: Type.Optional(
    headerNames(
      'Request headers that the service gets; `x-tenant-*` stands for all that begin so. Default: all. Pseudo-headers such as `:path` it always gets.'
    )
  ),
  disallowedHeaders: Type.Optional(headerNames('Request headers that it never gets. Default: none.'))
}

const ExtAuthzSchema = Type.Object(
  {
    type: Type.Literal('ext_authz', {
      description: "Asks a service that speaks Envoy's ext_authz (v3) over gRPC, such as Open Policy Agent."
    }),
    target: grpcTarget,
    ...service,
    body: Type.Optional(body),
    ...told,
    contextExtensions: Type.Optional(texts('What it gets as `context_extensions`. Default: nothing.')),
    ...connection
  },
  {
    ...closed,
    title: 'ExtAuthzFilter',
    description: 'A service that allows or denies, and may change headers and query.'
  }
)

const ExtAuthzHttpSchema = Type.Object(
  {
    type: Type.Literal('ext_authz_http', {
      description: "Asks a service as Envoy's ext_authz does over HTTP: 200 allows, other statuses deny."
    }),
    pool: Type.String({
      minLength: 1,
      description: 'The pool that is asked, with its health, balancing, breaker and TLS.'
    }),
    pathPrefix: Type.Optional(
      Type.String({
        pattern: '^(?:/[A-Za-z0-9._~-]+)*$',
        rule: 'a path such as /check, without a slash at its end',
        description: 'What comes before the path of the request. Default: nothing.'
      })
    ),
    ...service,
    body: Type.Optional(body),
    allowedHeaders: Type.Optional(
      headerNames('Request headers that it gets beside `authorization`. Default: none.')
    ),
    headersToAdd: Type.Optional(texts('Header fields that it gets besides. Default: none.')),
    allowedUpstreamHeaders: Type.Optional(
      headerNames(
        'Headers of an answer that allows which go upstream, in place of a client’s. Default: none.'
      )
    ),
    allowedClientHeaders: Type.Optional(
      headerNames(
        'Headers of an answer that denies which the client gets beside `www-authenticate`, `location`, `set-cookie`, `content-type` and `retry-after`. Default: none.'
      )
    ),
    allowedClientHeadersOnSuccess: Type.Optional(
      headerNames('Headers of an answer that allows which the client gets. Default: none.')
    ),
    maxMessage: Type.Optional(size('Longest answer that is read. Default 64KiB.'))
  },
  { ...closed, title: 'ExtAuthzHttpFilter', description: 'A service that allows or denies, asked over HTTP.' }
)

const ServiceSchema = Type.Object(
  {
    type: Type.Literal('service', {
      description:
        'Asks a service that speaks gatewright.filter.v1 over gRPC: about requests, responses, or both.'
    }),
    target: grpcTarget,
    ...service,
    phases: Type.Optional(
      Type.Union([Type.Literal('request'), Type.Literal('response'), Type.Literal('both')], {
        description: "What it is asked about. Default 'request'."
      })
    ),
    body: Type.Optional(body),
    ...told,
    context: Type.Optional(texts('What it gets as `context`. Default: nothing.')),
    ...connection
  },
  {
    ...closed,
    title: 'ServiceFilter',
    description: 'A service that may answer, change headers and query, and note what is known of a request.'
  }
)

const FunctionSchema = Type.Object(
  {
    type: Type.Literal('function', { description: 'Asks functions of your own.' }),
    ...common,
    name,
    request: Type.Optional(
      typed('FilterFunctions["request"]', { description: 'Asked before the request is forwarded.' })
    ),
    response: Type.Optional(
      typed('FilterFunctions["response"]', { description: 'Asked when the head of the response is there.' })
    ),
    timeout: Type.Optional(timeout),
    writes: Type.Optional(writes),
    body: Type.Optional(body)
  },
  { ...closed, title: 'FunctionFilter', description: 'Functions with the contract of a service.' }
)

const StructuredLoggerSchema = Type.Object(
  {
    type: Type.Literal('structured_logger', {
      description:
        'Writes a line to the log of the app for each request of the route, when its response has ended.'
    }),
    name: Type.Optional(name),
    level: Type.Optional(
      Type.Union([Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn')], {
        description: 'Default info.'
      })
    ),
    headers: Type.Optional(
      headerNames(
        'Request headers in the line, each cut after 200 characters. Default: none. Those that carry secrets are refused.'
      )
    ),
    metadata: Type.Optional(
      Type.Boolean({ description: 'Whether what filters have noted is in the line. Default false.' })
    )
  },
  { ...closed, title: 'StructuredLoggerFilter', description: 'A log line for each request.' }
)

const FiltersSchema = Type.Union(
  [
    Type.Array(
      byKind('type', [
        ExtAuthzSchema,
        ExtAuthzHttpSchema,
        ServiceSchema,
        FunctionSchema,
        StructuredLoggerSchema
      ]),
      { maxItems: 16 }
    ),
    Type.Literal(false)
  ],
  {
    title: 'FiltersConfig',
    description:
      'Who is asked about a request before it is forwarded, in this order, after authentication. At the top: of all routes, before their own. A route’s take the place of its policies’; false: no filter is asked, not even those at the top.'
  }
)

/** What this package adds to the configuration. */
export const keys = { filters: { on: ['gateway', 'policy', 'route'], schema: FiltersSchema } }

/** Where types come from that only TypeScript can say. */
export const sources = { '../filter.js': ['FilterFunctions'] }
