import { Type } from 'typebox'
import { closed, duration, UNLIMITED } from './terms.js'

/** Time limits; see {@link DEFAULT_TIMEOUTS}. Set on a pool, a policy or a route; the nearest one wins, key by key. */
export const TimeoutsSchema = Type.Object(
  {
    connect: Type.Optional(
      duration(
        'Time for the TCP connection to the endpoint. Default 5s. Exceeded: 504 upstream_connect_timeout.',
        UNLIMITED
      )
    ),
    tlsHandshake: Type.Optional(
      duration(
        'Time for the TLS handshake after the TCP connection. Default 5s. Exceeded: 504 upstream_connect_timeout.',
        UNLIMITED
      )
    ),
    firstByte: Type.Optional(
      duration(
        'From the request being sent to the head of the response. Default 30s. Exceeded: 504 upstream_timeout.',
        UNLIMITED
      )
    ),
    idle: Type.Optional(
      duration(
        'Silence between two pieces of the response body. Default 60s. Exceeded: the answer is cut off.',
        UNLIMITED
      )
    ),
    requestIdle: Type.Optional(
      duration(
        'Silence between two pieces of the request body. Default 30s. Exceeded: 408 request_timeout.',
        UNLIMITED
      )
    ),
    perTry: Type.Optional(
      duration(
        'One attempt, from its beginning to the head of its response, when retries may follow. Default: no limit but those above. Exceeded: 504 upstream_timeout, or another attempt.',
        UNLIMITED
      )
    ),
    total: Type.Optional(
      duration(
        'The whole exchange, all attempts included. Default: no limit. Server-sent events are exempt once they flow. Exceeded: 504 deadline_exceeded, or the answer is cut off.',
        UNLIMITED
      )
    )
  },
  { ...closed, title: 'TimeoutsConfig', description: 'Time limits.' }
)
