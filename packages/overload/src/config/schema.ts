import { closed, duration, limit, mode, percentAboveZero } from '@gatewright/core/terms'
import { Type } from 'typebox'

const ConcurrencySchema = Type.Object(
  {
    mode: Type.Optional(mode),
    max: Type.Optional(
      limit(
        'Most requests at one time, to the end of their answers. Default: none; the upper end of `adaptive` is then 1000.',
        1
      )
    ),
    maxQueue: Type.Optional(
      limit(
        'Most requests that wait to be let in. Default 0. Exceeded: 503 overloaded, for the least important one.'
      )
    ),
    queueTimeout: Type.Optional(
      duration('Longest wait to be let in. Default 1s. Exceeded: 503 queue_timeout.')
    ),
    queueOrder: Type.Optional(
      Type.Union([Type.Literal('fifo'), Type.Literal('adaptive')], {
        description:
          "'fifo' (default), or 'adaptive': when the queue has not been empty for a while, the newest goes first and old ones are let go early (CoDel)."
      })
    ),
    adaptive: Type.Optional(
      Type.Union(
        [
          Type.Boolean(),
          Type.Object(
            {
              min: Type.Optional(limit('Never below this. Default 10.', 1)),
              initial: Type.Optional(limit('Where it begins. Default 50.', 1)),
              window: Type.Optional(
                duration('How often the limit is set anew. Default 500ms.', { least: '10ms' })
              ),
              remeasure: Type.Optional(
                duration(
                  'How often the best latency is measured anew, where the limit holds requests back: with 70 % of the limit for 50 requests, and with less while that makes them faster. Default 60s, and up to 15 % later by chance.',
                  { least: '10ms', zero: 'never' }
                )
              ),
              tolerance: Type.Optional(
                Type.Number({
                  minimum: 1,
                  description: 'How much latency may grow over its best before the limit falls. Default 1.5.'
                })
              )
            },
            { ...closed, title: 'AdaptiveLimitConfig', description: 'How the limit is found.' }
          )
        ],
        {
          description:
            'Finds the limit by itself: it falls when the time to the heads of answers grows (gradient, as in Netflix concurrency-limits). It holds for requests whose answers have not begun; `max`, its upper end, holds for all. Default false.'
        }
      )
    )
  },
  {
    ...closed,
    title: 'ConcurrencyConfig',
    description:
      'How many requests may run at one time. Counted from being let in to the end of the answer; with `adaptive` to its head.'
  }
)

const ImportanceSchema = Type.Union(
  [Type.Literal('critical'), Type.Literal('default'), Type.Literal('bulk')],
  {
    title: 'Importance',
    description:
      "When not all can be served: 'bulk' goes first, then 'default'; 'critical' is only subject to its own limits. Default default."
  }
)

const OverloadSchema = Type.Object(
  {
    mode: Type.Optional(mode),
    maxEventLoopDelay: Type.Optional(
      duration(
        'Mean delay of the event loop from which requests are refused; one pause in which the process has no CPU does not count. Default: no limit.'
      )
    ),
    maxEventLoopUtilization: Type.Optional(
      percentAboveZero(
        'Share of time in which the event loop works, from which requests are refused. Default: no limit.'
      )
    ),
    maxHeapPercent: Type.Optional(
      percentAboveZero("Share of V8's heap limit from which requests are refused. Default: no limit.")
    ),
    sampleInterval: Type.Optional(duration('How often it is measured. Default 500ms.', { least: '10ms' })),
    retryAfter: Type.Optional(
      duration('Retry-After of refused requests, in whole seconds. Default 1s.', { least: '1s' })
    )
  },
  {
    ...closed,
    title: 'OverloadConfig',
    description: 'Refuses requests with 503 overloaded while the process itself is short of something.'
  }
)

/** What this package adds to the configuration. */
export const keys = {
  overload: { on: ['gateway'], schema: OverloadSchema },
  concurrency: { on: ['pool', 'policy', 'route'], schema: ConcurrencySchema },
  importance: { on: ['policy', 'route'], schema: ImportanceSchema }
}
