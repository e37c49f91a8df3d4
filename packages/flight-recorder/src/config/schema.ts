import { closed, limit } from '@gatewright/core/terms'
import { Type } from 'typebox'

const FlightRecorderSchema = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        recent: Type.Optional(
          limit('How many of the last requests are kept, up to 1000000. Default 500.', 1, 1_000_000)
        ),
        failures: Type.Optional(
          limit(
            'How many of the last requests are kept beside them that failed (a status of 500 and above, a reason or a fallback) or saw a breaker trip. Default 500.',
            1,
            1_000_000
          )
        )
      },
      { ...closed, title: 'FlightRecorderOptions', description: 'What is kept.' }
    )
  ],
  {
    title: 'FlightRecorderConfig',
    description:
      'Keeps how the last requests went, for `why(requestId)`. No bodies, no header values. Default false.'
  }
)

/** What this package adds to the configuration. */
export const keys = { flightRecorder: { on: ['gateway'], schema: FlightRecorderSchema } }
