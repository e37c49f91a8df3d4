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
            "The endpoint's base URL, http or https; its path is prepended to every forwarded path."
        }),
        weight: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 65535,
            description: 'Share of traffic relative to the other endpoints; 0 gets none. Default 1.'
          })
        ),
        authority: Type.Optional(
          authority(
            "The authority of the endpoint, for a URL that is only an address: sent as Host and, without its port, used as the name for SNI and certificate verification (unless the pool sets `tls.servername`). Default: the URL's host and port."
          )
        ),
        healthUrl: Type.Optional(
          Type.String({
            description:
              'URL for active probes of this endpoint, instead of its own URL and the probe path of the pool.'
          })
        )
      },
      { ...closed, title: 'EndpointOptions', description: 'One endpoint of a pool.' }
    )
  ],
  { title: 'EndpointConfig', description: 'An endpoint of a pool: its URL, or its URL with options.' }
)

const ConnectionsSchema = Type.Object(
  {
    max: Type.Optional(limit('Maximum number of connections to one endpoint. Default 1024.', 1)),
    perClient: Type.Optional(
      limit(
        'Maximum number of connections to one endpoint that one client uses at once. Further requests of that client wait in the queue, for `queueTimeout` at most, even while connections are free, so that one client with many long requests cannot occupy all of them. A client is an IPv4 address or an IPv6 /64 network. Must be less than `max`. Default 0: no limit, because behind a proxy that is not in `trustedProxies` all clients share one address.'
      )
    ),
    keepAlive: Type.Optional(
      duration(
        'How long an idle connection is kept open. Must be shorter than the keep-alive timeout of the upstream, or requests race with its closing of the connection. Default 4s.'
      )
    ),
    maxQueue: Type.Optional(
      limit(
        'Maximum number of requests queued for a connection to one endpoint. Default 1024. Clients take turns; when the queue is full, the newest request of the client with the most queued requests is rejected: 503 pool_queue_full.'
      )
    ),
    queueTimeout: Type.Optional(
      duration(
        'Longest wait in the queue for a connection. Default 1s. Exceeded: 503 pool_queue_timeout.',
        UNLIMITED
      )
    ),
    minRate: Type.Optional(
      size(
        'Minimum average rate per second at which a client must send its request body while other requests are queued for its connection. Default 1KiB; 0B turns it off. Danger of 0B: 1,024 slow clients can occupy all connections to an endpoint. Enforced only while a request has been queued for a quarter of `queueTimeout`. Slower: 408 request_timeout. A client that stops reading its response meanwhile is disconnected: client_too_slow.'
      )
    ),
    maxRequests: Type.Optional(
      limit('Number of requests after which a connection is closed. Default 0: no limit.')
    )
  },
  { ...closed, title: 'ConnectionsConfig', description: 'Connections to each endpoint.' }
)

const TlsSchema = Type.Object(
  {
    ca: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description:
          'Trusted certificate authorities: PEM text, not a path. Default: the authorities that Node trusts.'
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
        description:
          "Name for SNI and certificate verification. Default: the endpoint's `authority`, else its host."
      })
    ),
    minVersion: Type.Optional(
      Type.Union([Type.Literal('TLSv1.2'), Type.Literal('TLSv1.3')], { description: 'Default TLSv1.2.' })
    ),
    insecureBecause: Type.Optional(
      Type.String({
        minLength: 8,
        description:
          'Turns certificate verification OFF; the value states the reason. Danger: anyone on the network path can read and change the traffic. Logged as a warning at every start.'
      })
    )
  },
  {
    ...closed,
    title: 'TlsConfig',
    description: 'TLS to the endpoints. Certificates are verified by default.'
  }
)

/** A pool (`pools.<id>`). */
export const PoolSchema = Type.Object(
  {
    endpoints: Type.Optional(
      Type.Array(EndpointSchema, {
        minItems: 1,
        description:
          'Interchangeable endpoints. With `discovery`: the initial ones, until discovery has found endpoints.'
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
