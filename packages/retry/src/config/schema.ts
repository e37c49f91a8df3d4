import { closed, duration, limit, mode, percent, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const RetryOptions = Type.Object(
  {
    mode: Type.Optional(mode),
    attempts: Type.Optional(
      limit('Most attempts in all, the first one included, up to 20. Default 2.', 1, 20)
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
            "Methods that may be sent again: 'idempotent' (default; RFC 9110, section 9.2.2), 'safe' (GET, HEAD, OPTIONS), or a list. A request of which nothing was sent may always be, and one with Idempotency-Key too."
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
            'What is tried again. `connect_failure`: no connection was made, or none was free in time. Default: all four.'
        }
      )
    ),
    statuses: Type.Optional(
      Type.Array(Type.Integer({ minimum: 400, maximum: 599 }), {
        description: "Statuses that are tried again, when `on` has 'status'. Default 502, 503, 504."
      })
    ),
    backoff: Type.Optional(
      Type.Object(
        {
          base: Type.Optional(
            duration('Upper limit of the first wait; doubled each time. Default 25ms.', { zero: 'no wait' })
          ),
          max: Type.Optional(duration('Upper limit of any wait. Default 250ms.', { zero: 'no wait' }))
        },
        {
          ...closed,
          title: 'BackoffConfig',
          description: 'The wait before an attempt: evenly drawn from 0 to the limit (full jitter).'
        }
      )
    ),
    maxRetryAfter: Type.Optional(
      duration('Longest Retry-After that is waited for; a longer one ends the tries. Default 1s.', {
        zero: 'none is waited for'
      })
    ),
    bufferBody: Type.Optional(
      size('How much of a request body is kept, so that it can be sent again. Default 64KiB; 0B keeps none.')
    ),
    budgetPercent: Type.Optional(
      percent(
        'Retries and hedges as a share of the successes of the last 10 s. All routes of a pool whose budgets are configured alike share one. Default 10.'
      )
    ),
    budgetMinPerSecond: Type.Optional(
      limit(
        'Retries a second that the budget allows besides that share. Default 3. Danger: more than the endpoints can bear while they fail.'
      )
    )
  },
  { ...closed, title: 'RetryOptions', description: 'Another attempt, at another endpoint if there is one.' }
)

const RetrySchema = Type.Union(
  [Type.Literal(false), Type.Literal('safe'), Type.Literal('idempotent'), RetryOptions],
  {
    title: 'RetryConfig',
    description:
      "Another attempt, at another endpoint if there is one. 'safe' and 'idempotent' are short for that choice of methods with defaults. Default: none."
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
            "When the second attempt begins: a duration (1ms to 596h), or 'p95' of the pool's recent latency (p50 to p99.9)."
        }),
        minDelay: Type.Optional(
          duration('With a percentile: never sooner than this. Default 5ms.', { zero: 'as soon as it says' })
        )
      },
      { ...closed, title: 'HedgeOptions', description: 'A second attempt beside a slow first one.' }
    )
  ],
  {
    title: 'HedgeConfig',
    description:
      'A second attempt beside a slow first one, at another endpoint, for GET, HEAD and OPTIONS. The first head wins, the other is aborted. Counted in the retry budget. Default: none.'
  }
)

const on = ['pool', 'policy', 'route']

/** What this package adds to the configuration. */
export const keys = { retry: { on, schema: RetrySchema }, hedge: { on, schema: HedgeSchema } }

/** Where the types are from that only TypeScript can say. */
export const sources = { './hedge-delay.js': ['HedgeDelay'] }
