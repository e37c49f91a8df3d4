import { Type } from 'typebox'
import { closed, duration, UNLIMITED } from './terms.js'

/** Time limits; see {@link DEFAULT_TIMEOUTS}. Set on a pool, a policy or a route; the nearest one wins, key by key. */
export const TimeoutsSchema = Type.Object(
  {
    connect: Type.Optional(
      duration(
        'Time to establish the TCP connection to the endpoint. Default 5s. Exceeded: 504 upstream_connect_timeout.',
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
        'Time from the request being sent to the response head. Default 30s. Exceeded: 504 upstream_timeout.',
        UNLIMITED
      )
    ),
    idle: Type.Optional(
      duration(
        'Idle time between two chunks of the response body. Default 60s. Exceeded: the response is aborted.',
        UNLIMITED
      )
    ),
    requestIdle: Type.Optional(
      duration(
        'Idle time between two chunks of the request body. Default 30s. Exceeded: 408 request_timeout.',
        UNLIMITED
      )
    ),
    perTry: Type.Optional(
      duration(
        'Time for one attempt, from its start to the response head, when retries may follow. Default: only the limits above. Exceeded: a retry, or 504 upstream_timeout.',
        UNLIMITED
      )
    ),
    total: Type.Optional(
      duration(
        'Time for the whole exchange, including all attempts. Default: no limit. Server-sent events are exempt once the stream has started. Exceeded: 504 deadline_exceeded, or the response is aborted.',
        UNLIMITED
      )
    )
  },
  { ...closed, title: 'TimeoutsConfig', description: 'Time limits.' }
)
