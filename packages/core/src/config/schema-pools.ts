import { Type } from 'typebox'
import { TimeoutsSchema } from './schema-timeouts.js'
import { authority, closed, duration, limit, size, typed, UNLIMITED } from './terms.js'

/** One address of a pool. */
const EndpointSchema = Type.Union(
  [
    Type.String({ description: "The endpoint's base URL." }),
    Type.Object(
      {
        url: Type.String({
          description:
            "The endpoint's base URL, http or https; its path goes in front of every forwarded path."
        }),
        weight: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 65535,
            description: 'Share of traffic relative to its peers; 0 takes none. Default 1.'
          })
        ),
        authority: Type.Optional(
          authority(
            "Whom requests are meant for when the URL is only an address: sent as Host, and without its port the name for SNI and verification (unless the pool's `tls.servername` says otherwise). Default: the URL's host and port."
          )
        ),
        healthUrl: Type.Optional(
          Type.String({
            description: "Where this endpoint is probed, in place of its own URL and the pool's path."
          })
        )
      },
      { ...closed, title: 'EndpointOptions', description: 'One address of a pool.' }
    )
  ],
  { title: 'EndpointConfig', description: 'One address of a pool: its URL, or the URL with options.' }
)

const ConnectionsSchema = Type.Object(
  {
    max: Type.Optional(limit('Most connections to one endpoint. Default 1024.', 1)),
    perClient: Type.Optional(
      limit(
        'Most connections to one endpoint that the requests of one client have at once. What comes beyond waits in line, for `queueTimeout` at most, though others are free: so one client with many long requests cannot take them all. A client is an address, or an IPv6 network of 64 bits. Default 0: no limit, as behind a proxy that is not among `trustedProxies` all clients are one. Less than `max`.'
      )
    ),
    keepAlive: Type.Optional(
      duration(
        'How long an idle connection is kept. Shorter than the upstream keeps its own, or reuse races with its closing. Default 4s.'
      )
    ),
    maxQueue: Type.Optional(
      limit(
        'Most requests that wait for a connection of one endpoint. Default 1024. Clients take turns, and where the line is full the one with most requests there loses its newest: 503 pool_queue_full.'
      )
    ),
    queueTimeout: Type.Optional(
      duration('Longest wait for a connection. Default 1s. Exceeded: 503 pool_queue_timeout.', UNLIMITED)
    ),
    minRate: Type.Optional(
      size(
        "What a client has to send a second of its body, on average, to keep a connection that others wait for. Default 1KiB; 0B: clients may be as slow as they like, so that 1,024 of them can keep a pool's connections from everybody. Looked at only while a request has waited for a quarter of `queueTimeout`. Slower: 408 request_timeout. A client that stops reading its answer meanwhile is cut off: client_too_slow."
      )
    ),
    maxRequests: Type.Optional(limit('Requests after which a connection is closed. Default 0: no limit.'))
  },
  { ...closed, title: 'ConnectionsConfig', description: 'Connections to each endpoint.' }
)

const TlsSchema = Type.Object(
  {
    ca: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: 'Trusted authorities: PEM text, not a path. Default: the ones Node trusts.'
      })
    ),
    cert: Type.Optional(
      Type.String({ description: 'Client certificate chain: PEM text, not a path. Needs `key`.' })
    ),
    key: Type.Optional(
      Type.String({
        writeOnly: true,
        description: 'Private key of the client certificate: PEM text, not a path, not encrypted.'
      })
    ),
    servername: Type.Optional(
      Type.String({
        description: "Name for SNI and for verification. Default: the endpoint's `authority`, else its host."
      })
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
  { ...closed, title: 'TlsConfig', description: 'TLS to the endpoints. Verification is on.' }
)

/** A pool (`pools.<id>`). */
export const PoolSchema = Type.Object(
  {
    endpoints: Type.Optional(
      Type.Array(EndpointSchema, {
        minItems: 1,
        description:
          'Interchangeable addresses. With `discovery`: those to begin with, until it has found some.'
      })
    ),
    balancing: Type.Optional(
      typed('BalancingConfig<B>', {
        description:
          "How an endpoint is chosen: a policy's name, `{ type, …options }`, or in code an object with `pick`. Default p2c."
      })
    ),
    timeouts: Type.Optional(TimeoutsSchema),
    connections: Type.Optional(ConnectionsSchema),
    tls: Type.Optional(TlsSchema)
  },
  { title: 'PoolConfig', description: 'A named set of interchangeable endpoints.' }
)
