import { closed, duration, limit, mode, percent } from '@gatewright/core/terms'
import { Type } from 'typebox'

const BreakerSchema = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        mode: Type.Optional(mode),
        errorThresholdPercent: Type.Optional(
          percent('Percentage of faults in the window at which the breaker opens. Default 50.', 1)
        ),
        minRequests: Type.Optional(
          limit('Fewest requests in the window for the breaker to open. Default 20.', 1)
        ),
        window: Type.Optional(
          duration('Length of the rolling window, in ten buckets. Default 10s.', { least: '100ms' })
        ),
        slowCall: Type.Optional(
          duration('Time to the response head from which a response counts as slow. Default: none does.', {
            zero: 'none does'
          })
        ),
        slowCallThresholdPercent: Type.Optional(
          percent('Percentage of slow responses in the window at which the breaker opens. Default 100.', 1)
        ),
        openDuration: Type.Optional(
          duration(
            'How long the breaker stays open the first time; doubled each time it reopens. Default 30s.',
            {
              least: '10ms'
            }
          )
        ),
        maxOpenDuration: Type.Optional(
          duration('Longest time the breaker stays open. Default 5m.', { least: '10ms' })
        ),
        halfOpenRequests: Type.Optional(
          limit('Concurrent trial requests while half open, and successes needed to close. Default 3.', 1)
        ),
        ramp: Type.Optional(
          duration(
            'Time in which the share of admitted requests grows to all after the breaker closes. Default 0ms.',
            { zero: 'all at once' }
          )
        )
      },
      { ...closed, title: 'BreakerOptions', description: 'A circuit breaker.' }
    )
  ],
  {
    title: 'BreakerConfig',
    description:
      'Responds 503 circuit_open without contacting the upstream while it keeps failing. true: with defaults. A breaker of a route or policy counts that route alone and replaces the pool’s breaker; false turns it off.'
  }
)

/** What this package adds to the configuration. */
export const keys = { circuitBreaker: { on: ['pool', 'policy', 'route'], schema: BreakerSchema } }
