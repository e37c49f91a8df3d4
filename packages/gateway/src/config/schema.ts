import { closed, type DurationRange, duration, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const term = (description: string, range?: DurationRange) => Type.Optional(duration(description, range))

const ListenerSchema = Type.Object(
  {
    headersTimeout: term(
      'Time for a whole request head. Default 15s. Exceeded: 408 and the connection is closed.',
      { least: '50ms' }
    ),
    requestTimeout: term(
      'Time for a whole request, body included. Default 5m. Longer uploads need more. Exceeded: 408 and the connection is closed.',
      { zero: 'no limit but that for heads' }
    ),
    keepAliveTimeout: term(
      'How long an idle client connection is kept. Longer than a load balancer in front keeps its own, or reuse races with closing. Default 72s.',
      { zero: 'no limit' }
    ),
    halfClosedTimeout: term(
      'How long a client that has closed its sending side is waited for while nothing can be written to it: in HTTP/1.0, and within an answer that has fallen silent. Before the answer begins it is asked with a 100 (Continue) instead, and waited for as long as it is there. Default 1s. Exceeded: the connection is closed, and the upstream request aborted.',
      { zero: 'such a client has left' }
    ),
    maxHeaderSize: Type.Optional(size('Largest request head. Default 16KiB. Exceeded: 431.')),
    pipelining: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description:
          'Requests of one client connection that are handled at one time, when a client sends some before it has the answers to others. Beyond 1, only GET, HEAD and OPTIONS run beside each other. Default 1: one after another. Danger of more: one client takes as many connections to endpoints.'
      })
    ),
    maxRequestsPerSocket: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2 ** 31 - 1,
        description: 'Requests after which a client connection is closed. Default 10000; 0 for no limit.'
      })
    )
  },
  { ...closed, title: 'ListenerConfig', description: 'Limits of the client side.' }
)

const ShutdownSchema = Type.Object(
  {
    wait: term(
      'How long requests are still accepted after readiness has begun to fail, so that load balancers notice; from the middle of it on, answers say `Connection: close`. Default 10s with a probe listener (`probes`, or `metrics` on it), else 0ms.',
      { zero: 'none' }
    ),
    drain: term(
      'How long requests in flight may take after that. Then they are cut off, as an event stream always is; the log says how many. Default 30s.',
      {
        zero: 'cut off at once'
      }
    ),
    signals: Type.Optional(
      Type.Boolean({
        description:
          'Shut down on SIGTERM and SIGINT, and exit with 0; a second signal forces it, and the process exits with 1. Default true.'
      })
    )
  },
  { ...closed, title: 'ShutdownConfig', description: 'Graceful shutdown.' }
)

const ProbesSchema = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        port: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 65535,
            description: 'The port. Default 8085; 0 for any free one.'
          })
        ),
        host: Type.Optional(
          Type.String({
            description:
              "The address. Default: that of the gateway's own listener; localhost where that is a socket in the file system. Danger of another: whoever reaches it reads the metrics."
          })
        )
      },
      { ...closed, title: 'ProbesOptions', description: 'Where probes are answered.' }
    )
  ],
  {
    title: 'ProbesConfig',
    description:
      '/live and /ready on a listener of their own, and the metrics where they are on. Default: true with metrics, else false. At the address the gateway listens on, unless `host` says another.'
  }
)

const ListenSchema = Type.Object(
  {
    port: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 65535, description: 'The port. Default 8080; 0 for any free one.' })
    ),
    host: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'An address of this machine, or a name of it: 127.0.0.1, localhost. Default: all addresses, IPv4 and IPv6.'
      })
    )
  },
  { ...closed, title: 'ListenConfig', description: 'Where the gateway listens, if `listen()` is not told.' }
)

/** The keys that only a server of the gateway's own has: an interface apart, as the plugin does not have them. */
export const own = Type.Object(
  {
    listen: Type.Optional(ListenSchema),
    server: Type.Optional(ListenerSchema),
    shutdown: Type.Optional(ShutdownSchema),
    probes: Type.Optional(ProbesSchema),
    logger: Type.Optional(
      typed('boolean | object', {
        description:
          "Fastify's logger option: false, true, pino options, or an object with a pino instance's methods. Default: pino at level info, whose lines have `level` by its name and `timestamp` like the access log's; where options have `transport`, `formatters` or `timestamp`, these decide."
      })
    )
  },
  { ...closed, title: 'ServerOptions', description: 'The keys that only a server of the gateway’s own has.' }
)

const { listen, server, shutdown, probes, logger } = own.properties

/** What this package adds to the configuration. */
export const keys = {
  listen: { on: ['gateway'], schema: listen },
  server: { on: ['gateway'], schema: server },
  shutdown: { on: ['gateway'], schema: shutdown },
  probes: { on: ['gateway'], schema: probes },
  logger: { on: ['gateway'], schema: logger }
}
