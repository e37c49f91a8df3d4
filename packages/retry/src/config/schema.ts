import { closed, duration, limit, mode, percent, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const RetryOptions = Type.Object(
  {
    mode: Type.Optional(mode),
    attempts: Type.Optional(
      limit('Maximum number of attempts, including the first, up to 20. Default 2.', 1, 20)
    ),
    methods: Type.Optional(
      Type.Union(
        [
          Type.Literal('safe'),
          Type.Literal('idempotent'),
          Type.Array(typed('Method', { type: 'string' }), { minItems: 1 })
        ],
        {
          description:
            "Methods that may be retried: 'idempotent' (default; RFC 9110, section 9.2.2), 'safe' (GET, HEAD, OPTIONS), or a list. A request of which nothing was sent, or with an Idempotency-Key, may always be retried."
        }
      )
    ),
    on: Type.Optional(
      Type.Array(
        Type.Union([
          Type.Literal('connect_failure'),
          Type.Literal('reset'),
          Type.Literal('timeout'),
          Type.Literal('status')
        ]),
        {
          description:
            'Conditions that are retried. `connect_failure`: no connection could be established, or none became free in time. Default: all four.'
        }
      )
    ),
    statuses: Type.Optional(
      Type.Array(Type.Integer({ minimum: 400, maximum: 599 }), {
        description: "Statuses that are retried when `on` contains 'status'. Default 502, 503, 504."
      })
    ),
    backoff: Type.Optional(
      Type.Object(
        {
          base: Type.Optional(
            duration('Upper limit of the first delay; doubled each time. Default 25ms.', { zero: 'no delay' })
          ),
          max: Type.Optional(duration('Upper limit of every delay. Default 250ms.', { zero: 'no delay' }))
        },
        {
          ...closed,
          title: 'BackoffConfig',
          description:
            'Exponential backoff: the delay before a retry is uniformly random between 0 and the limit (full jitter).'
        }
      )
    ),
    maxRetryAfter: Type.Optional(
      duration('Longest Retry-After that is honoured; a longer one ends the retries. Default 1s.', {
        zero: 'none is honoured'
      })
    ),
    bufferBody: Type.Optional(
      size(
        'How much of a request body is buffered so that it can be sent again. Default 64KiB; 0B buffers none.'
      )
    ),
    budgetPercent: Type.Optional(
      percent(
        'Retry budget: retries and hedges allowed, as a percentage of the successes of the last 10 s. Routes of a pool with the same budget settings share one budget. Default 10.'
      )
    ),
    budgetMinPerSecond: Type.Optional(
      limit(
        'Retries per second that the budget allows in addition to that percentage. Default 3. Danger of a high value: retries overload endpoints that are failing.'
      )
    )
  },
  { ...closed, title: 'RetryOptions', description: 'Retries, at another endpoint if there is one.' }
)

const RetrySchema = Type.Union(
  [Type.Literal(false), Type.Literal('safe'), Type.Literal('idempotent'), RetryOptions],
  {
    title: 'RetryConfig',
    description:
      "Retries, at another endpoint if there is one. 'safe' and 'idempotent' are short for these methods with defaults. Default: none."
  }
)

const HedgeSchema = Type.Union(
  [
    Type.Literal(false),
    Type.Object(
      {
        mode: Type.Optional(mode),
        after: typed('HedgeDelay', {
          type: 'string',
          pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h)|p([5-9]\\d)(\\.\\d)?)$',
          rule: "a duration such as '50ms', or a percentile from 'p50' to 'p99.9'",
          lasts: { least: '1ms', most: '596h', zero: false },
          description:
            "Delay before the second attempt: a duration (1ms to 596h), or a percentile of the pool's recent latency (p50 to p99.9), such as 'p95'."
        }),
        minDelay: Type.Optional(
          duration('With a percentile: shortest delay. Default 5ms.', { zero: 'no lower bound' })
        )
      },
      { ...closed, title: 'HedgeOptions', description: 'A second attempt in parallel to a slow first one.' }
    )
  ],
  {
    title: 'HedgeConfig',
    description:
      'Hedging: a second attempt in parallel to a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first response head wins; the other attempt is aborted. Counts against the retry budget. Default: none.'
  }
)

const on = ['pool', 'policy', 'route']

/** What this package adds to the configuration. */
export const keys = { retry: { on, schema: RetrySchema }, hedge: { on, schema: HedgeSchema } }

/** Imports of the types that JSON Schema cannot express. */
export const sources = { './hedge-delay.js': ['HedgeDelay'] }
