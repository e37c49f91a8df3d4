import { byKind, closed, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'
import {
  body,
  common,
  connection,
  grpcTarget,
  headerNames,
  name,
  service,
  texts,
  timeout,
  told,
  writes
} from './schema-parts.js'

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
        'Headers of an answer that allows which go upstream, in place of a client’s. Where the answer has none, a client’s goes on, unless `writes` names it. Default: none.'
      )
    ),
    allowedClientHeaders: Type.Optional(
      headerNames(
        'Headers of an answer that denies which the client gets beside `www-authenticate`, `location`, `set-cookie`, `content-type`, `content-encoding` and `retry-after`. Default: none.'
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
