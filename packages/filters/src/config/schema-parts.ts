import { closed, duration, limit, mode, size } from '@gatewright/core/terms'
import { Type } from 'typebox'

export const name = Type.String({
  pattern: '^[A-Za-z0-9_.-]{1,64}$',
  rule: 'of at most 64 letters, digits, _, . and -',
  description:
    'Its name in logs, metrics and metadata. Default: its `type`. Filters of one route have different names.'
})

const failMode = Type.Union([Type.Literal('closed'), Type.Literal('open')], {
  description:
    "When it gives no usable answer: 'closed' (default) answers 503 filter_unavailable; 'open' lets the request pass, but not where a decision has come that cannot be carried out. Danger of open: whoever can make the filter fail gets by it."
})

export const timeout = duration(
  'How long its answer is waited for, within what is left of the time for the request. Default 50ms.',
  { most: '60s' }
)

export const body = Type.Object(
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

export const writes = Type.Array(
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

export const grpcTarget = Type.String({
  pattern: '^(?:https?://[^/?#@]+/?|unix:/.+)$',
  rule: 'a URL without path, query and credentials, such as http://127.0.0.1:9191, or unix:/run/filter.sock',
  description:
    'Where the service is: `http:` (HTTP/2 without TLS), `https:`, or `unix:` with the path of a socket. Filters of one target share a connection.'
})

const keepAlive = duration('How often an idle connection is tried with a ping. Default 0ms.', {
  least: '10s',
  zero: 'never'
})

export const texts = (description: string): object =>
  Type.Record(Type.String({ pattern: '^.{1,200}$' }), Type.String({ maxLength: 4_096 }), { description })

export const headerNames = (description: string): object =>
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

export const common = {
  name: Type.Optional(name),
  mode: Type.Optional(mode),
  failMode: Type.Optional(failMode)
}

export const service = {
  ...common,
  timeout: Type.Optional(timeout),
  writes: Type.Optional(writes),
  breaker: Type.Optional(breaker)
}

export const connection = {
  metadata: Type.Optional(
    texts('Header fields of each call, names in lower case, such as a token for the service. Default: none.')
  ),
  maxMessage: Type.Optional(size('Longest answer that is read. Default 64KiB.')),
  keepAlive: Type.Optional(keepAlive),
  tls: Type.Optional(tls)
}

export const told = {
  allowedHeaders: Type.Optional(
    headerNames(
      'Request headers that the service gets; `x-tenant-*` stands for all that begin so. Default: all. Pseudo-headers such as `:path` it always gets.'
    )
  ),
  disallowedHeaders: Type.Optional(headerNames('Request headers that it never gets. Default: none.'))
}
