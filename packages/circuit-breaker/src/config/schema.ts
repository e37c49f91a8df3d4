import { closed, duration, limit, mode, percent } from '@gatewright/core/terms'
import { Type } from 'typebox'

const BreakerSchema = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        mode: Type.Optional(mode),
        errorThresholdPercent: Type.Optional(
          percent('Share of faults in the window from which it opens. Default 50.', 1)
        ),
        minRequests: Type.Optional(limit('Requests in the window before it can open. Default 20.', 1)),
        window: Type.Optional(
          duration('How far it looks back, in ten steps. Default 10s.', { least: '100ms' })
        ),
        slowCall: Type.Optional(
          duration('From when on an answer is slow: time to its head. Default: none is.', { zero: 'none is' })
        ),
        slowCallThresholdPercent: Type.Optional(
          percent('Share of slow answers in the window from which it opens. Default 100.', 1)
        ),
        openDuration: Type.Optional(
          duration('How long it stays open the first time; doubled each time it opens again. Default 30s.', {
            least: '10ms'
          })
        ),
        maxOpenDuration: Type.Optional(duration('The longest it stays open. Default 5m.', { least: '10ms' })),
        halfOpenRequests: Type.Optional(
          limit('Requests let through at one time, and successes needed, when half open. Default 3.', 1)
        ),
        ramp: Type.Optional(
          duration(
            'Time in which the share of requests let through grows to all after it closes. Default 0ms.',
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
      'Answers 503 circuit_open without contact while the upstream fails. true: with defaults. The one of a route or policy counts its route alone and takes the place of its pool’s; false turns it off.'
  }
)

/** What this package adds to the configuration. */
export const keys = { circuitBreaker: { on: ['pool', 'policy', 'route'], schema: BreakerSchema } }
