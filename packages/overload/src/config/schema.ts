import { closed, duration, limit, mode, percentAboveZero } from '@gatewright/core/terms'
import { Type } from 'typebox'

const ConcurrencySchema = Type.Object(
  {
    mode: Type.Optional(mode),
    max: Type.Optional(
      limit(
        'Maximum number of concurrent requests, until their responses have ended. Default: none; the upper bound of `adaptive` is then 1000.',
        1
      )
    ),
    maxQueue: Type.Optional(
      limit(
        'Maximum number of queued requests. Default 0. Exceeded: 503 overloaded, for the least important request.'
      )
    ),
    queueTimeout: Type.Optional(
      duration('Longest wait in the queue. Default 1s. Exceeded: 503 queue_timeout.')
    ),
    queueOrder: Type.Optional(
      Type.Union([Type.Literal('fifo'), Type.Literal('adaptive')], {
        description:
          "'fifo' (default), or 'adaptive': when the queue has not been empty for a while, the newest request is admitted first and old requests time out early (adaptive LIFO with CoDel)."
      })
    ),
    adaptive: Type.Optional(
      Type.Union(
        [
          Type.Boolean(),
          Type.Object(
            {
              min: Type.Optional(limit('Lower bound of the limit. Default 10.', 1)),
              initial: Type.Optional(limit('Initial limit. Default 50.', 1)),
              window: Type.Optional(
                duration('How often the limit is recalculated. Default 500ms.', { least: '10ms' })
              ),
              remeasure: Type.Optional(
                duration(
                  'How often the baseline latency is measured again while requests are queued or refused: with 70 % of the limit for 50 requests, and with less as long as that lowers their latency. Default 60s, plus up to 15 % jitter.',
                  { least: '10ms', zero: 'never' }
                )
              ),
              tolerance: Type.Optional(
                Type.Number({
                  minimum: 1,
                  description:
                    'Ratio of latency to baseline latency above which the limit is lowered. Default 1.5.'
                })
              )
            },
            { ...closed, title: 'AdaptiveLimitConfig', description: 'Parameters of the adaptive limit.' }
          )
        ],
        {
          description:
            'Adapts the limit to latency: it is lowered when the time to the response head grows (gradient, as in Netflix concurrency-limits). The adaptive limit counts requests whose responses have not begun; `max`, its upper bound, counts all. Default false.'
        }
      )
    )
  },
  {
    ...closed,
    title: 'ConcurrencyConfig',
    description:
      'Limit of concurrent requests, counted from admission to the end of the response; with `adaptive`, to the response head.'
  }
)

const ImportanceSchema = Type.Union(
  [Type.Literal('critical'), Type.Literal('default'), Type.Literal('bulk')],
  {
    title: 'Importance',
    description:
      "Priority under overload: 'bulk' requests are refused first, then 'default'; 'critical' requests are subject only to concurrency limits. Default default."
  }
)

const OverloadSchema = Type.Object(
  {
    mode: Type.Optional(mode),
    maxEventLoopDelay: Type.Optional(
      duration(
        'Mean event loop delay from which requests are refused; a single pause in which the process got no CPU time is not counted. Default: no limit.'
      )
    ),
    maxEventLoopUtilization: Type.Optional(
      percentAboveZero(
        'Event loop utilization, in percent, from which requests are refused. Default: no limit.'
      )
    ),
    maxHeapPercent: Type.Optional(
      percentAboveZero(
        "Percentage of V8's heap limit in use from which requests are refused. Default: no limit."
      )
    ),
    sampleInterval: Type.Optional(
      duration('How often the process is measured. Default 500ms.', { least: '10ms' })
    ),
    retryAfter: Type.Optional(
      duration('Retry-After of refused requests, in whole seconds. Default 1s.', { least: '1s' })
    )
  },
  {
    ...closed,
    title: 'OverloadConfig',
    description: 'Refuses requests with 503 overloaded while the process is short of CPU or memory.'
  }
)

/** What this package adds to the configuration. */
export const keys = {
  overload: { on: ['gateway'], schema: OverloadSchema },
  concurrency: { on: ['pool', 'policy', 'route'], schema: ConcurrencySchema },
  importance: { on: ['policy', 'route'], schema: ImportanceSchema }
}
