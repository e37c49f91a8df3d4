import { Type } from 'typebox'
import { DURATION_PATTERN, type Duration } from './duration.js'
import { SIZE_PATTERN } from './size.js'

/** No other keys than those of the schema. */
export const closed = { additionalProperties: false } as const

/** How long a duration may be, both ends included. */
export interface DurationRange {
  /** Default 1ms. */
  readonly least?: Duration
  /** Default 596h: timers of Node that are set for longer than 24.8 days fire at once. */
  readonly most?: Duration
  /** What `0ms` means. Without it, zero is as wrong as anything else below `least`. */
  readonly zero?: string
}

/**
 * A value whose type only TypeScript can say: a function, an id of the configuration, text of a certain form.
 * `tsType` is what the generated types say.
 */
export const typed = (tsType: string, more: object) => Type.Unsafe<unknown>({ ...more, tsType })

/** A duration with its description, to which its range is added. */
export const duration = (description: string, { least = '1ms', most = '596h', zero }: DurationRange = {}) =>
  typed('Duration', {
    type: 'string',
    pattern: DURATION_PATTERN,
    lasts: { least, most, zero: zero !== undefined },
    description: `${description} ${least} to ${most}${zero === undefined ? '' : `; 0ms: ${zero}`}.`
  })
/** A size with its description. */
export const size = (description: string) =>
  typed('Size', { type: 'string', pattern: SIZE_PATTERN, description })
/** A host with an optional port, with its description. */
export const authority = (description: string) => Type.String({ minLength: 1, description })
/** A whole number with its description. */
export const limit = (description: string, minimum = 0, maximum = 2 ** 31 - 1) =>
  Type.Integer({ minimum, maximum, description })

/** A share in percent with its description. */
export const percent = (description: string, minimum = 0) =>
  Type.Number({ minimum, maximum: 100, description })

/** A share in percent that is not nothing, with its description. */
export const percentAboveZero = (description: string) =>
  Type.Number({ exclusiveMinimum: 0, maximum: 100, description })

/** Whether a policy acts. */
export const mode = Type.Union([Type.Literal('enforce'), Type.Literal('observe')], {
  description:
    "'enforce' (default) acts; 'observe' only tells what it would have done (event `observed`, `exchange.observed`) and lets everything through."
})

/** The range of a time limit that may be left out. */
export const UNLIMITED: DurationRange = { zero: 'no limit' }

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
