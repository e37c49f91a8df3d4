import { closed, duration, limit, mode, percent, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const STATUSES = '^[2-5]\\d\\d(-[2-5]\\d\\d)?(,[2-5]\\d\\d(-[2-5]\\d\\d)?)*$'

const HealthSchema = Type.Object(
  {
    protocol: Type.Optional(
      Type.Union([Type.Literal('http'), Type.Literal('tcp'), Type.Literal('grpc')], {
        description:
          "'http' (default) sends a request, 'tcp' only connects, 'grpc' asks the gRPC health service (grpc.health.v1)."
      })
    ),
    path: Type.Optional(
      Type.String({
        pattern: '^/[!-~]*$',
        rule: "a path that begins with '/', encoded",
        description: 'The path of an HTTP probe. Default /.'
      })
    ),
    method: Type.Optional(
      Type.String({
        pattern: '^[A-Z]+$',
        rule: 'a method in upper case',
        description: 'The method of an HTTP probe. Default GET.'
      })
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          "Header fields of an HTTP probe. `Host` is the endpoint's authority, as in requests, unless one is given here; it must not be empty."
      })
    ),
    service: Type.Optional(
      Type.String({ description: "The service a gRPC probe asks for. Default '': the whole server." })
    ),
    interval: Type.Optional(
      duration('Time between two probes of an endpoint. Default 10s.', { least: '10ms' })
    ),
    timeout: Type.Optional(duration('Time for a whole probe. Default 2s. Exceeded: it has failed.')),
    fastInterval: Type.Optional(
      duration('Time between probes while a state is about to change. Default 1s, or interval if shorter.', {
        least: '10ms'
      })
    ),
    expectedStatus: Type.Optional(
      Type.String({
        pattern: STATUSES,
        rule: "statuses from 200 to 599 and ranges of them, such as '200-299,304'",
        description: "Statuses that mean healthy, such as '200-299,304'. Default 200-399."
      })
    ),
    degradedStatus: Type.Optional(
      Type.String({
        pattern: STATUSES,
        rule: "statuses from 200 to 599 and ranges of them, such as '200-299,304'",
        description: 'Statuses that mean: works, but prefer others. Default: none.'
      })
    ),
    expectedBody: Type.Optional(
      typed('string | BodyPredicate', {
        description: 'Text that the body must contain, or in code a function of it. Default: anything.'
      })
    ),
    healthyThreshold: Type.Optional(
      limit('Probes in a row that must pass before an unhealthy endpoint is healthy again. Default 2.', 1)
    ),
    unhealthyThreshold: Type.Optional(
      limit('Probes in a row that must fail before an endpoint is unhealthy. Default 3.', 1)
    ),
    concurrency: Type.Optional(
      limit(
        'Most probes of this pool at one time. One without an answer for 250 ms, or less where the pool is large, gives its place to the next and is waited for beside: endpoints that hang do not keep others from being asked. Default 8.',
        1
      )
    ),
    check: Type.Optional(
      typed('HealthCheck', {
        description:
          "A checker of your own in place of a probe: `async ({ url }, signal) => …`, which returns 'healthy', 'degraded', 'unhealthy', or a boolean (`true` is healthy). Throwing, not answering within timeout, or returning anything else counts as unhealthy; the last is warned of once. Code only."
      })
    )
  },
  { ...closed, title: 'HealthConfig', description: 'Active probes of every endpoint. Default: none.' }
)

const OutlierObject = Type.Object(
  {
    mode: Type.Optional(mode),
    consecutiveErrors: Type.Optional(
      limit('Faults in a row (5xx, or no answer) after which an endpoint is ejected. Default 5; 0: off.')
    ),
    consecutiveGatewayErrors: Type.Optional(limit('The same for 502, 503 and 504 alone. Default 0: off.')),
    consecutiveLocalErrors: Type.Optional(
      limit(
        'The same for attempts without an answer: refused, reset, timed out; and for requests that found no connection while no answer came. Default 5; 0: off.'
      )
    ),
    errorRatePercent: Type.Optional(
      percent('Share of faults within a window from which an endpoint is ejected. Default 0: off.')
    ),
    latencyFactor: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          "How many times the median of its peers an endpoint's median latency must be, in two windows in a row, for it to be ejected. Default 0: off."
      })
    ),
    minRequests: Type.Optional(
      limit('Attempts at an endpoint within a window before error rate and latency count. Default 20.', 1)
    ),
    window: Type.Optional(
      duration('Length of a window for error rate and latency. Default 10s.', { least: '10ms' })
    ),
    ejection: Type.Optional(
      duration('How long the first ejection lasts; the next ones twice, three times as long. Default 30s.', {
        least: '10ms'
      })
    ),
    maxEjection: Type.Optional(duration('The longest ejection. Default 5m.', { least: '10ms' })),
    maxEjectionPercent: Type.Optional(
      percent('Most endpoints of the pool that may be ejected at one time. Never the last one. Default 50.')
    )
  },
  {
    ...closed,
    title: 'OutlierConfig',
    description: 'Ejection of endpoints that fail more than their peers. On by default.'
  }
)

const SlowStartSchema = Type.Object(
  {
    window: duration('Time in which a new or recovered endpoint gets to its full weight.', { least: '10ms' }),
    aggression: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Shape of the ramp: 1 (default) is a straight line, more begins faster.'
      })
    ),
    minWeightPercent: Type.Optional(percent('Where the ramp begins. Default 10.', 1))
  },
  {
    ...closed,
    title: 'SlowStartConfig',
    description: 'New and recovered endpoints begin with less traffic. Default: they do not.'
  }
)

const UnhealthySchema = Type.Object(
  {
    policy: Type.Optional(
      Type.Union([Type.Literal('trickle'), Type.Literal('all'), Type.Literal('none')], {
        description:
          "When no endpoint is usable: 'trickle' (default) lets one request a second through, to any; 'all' uses all of them; 'none' answers 503 no_endpoint."
      })
    ),
    panicThresholdPercent: Type.Optional(
      percent(
        "With policy 'all': uses all endpoints already when fewer than this share are usable. Default 0: only when none is."
      )
    )
  },
  { ...closed, title: 'UnhealthyConfig', description: 'What to do when no endpoint is usable.' }
)

const OutlierSchema = Type.Union([Type.Literal(false), OutlierObject], { description: 'Default: on.' })

/** What this package adds to the configuration. */
export const keys = {
  health: { on: ['pool'], schema: HealthSchema },
  outlierDetection: { on: ['pool'], schema: OutlierSchema },
  slowStart: { on: ['pool'], schema: SlowStartSchema },
  unhealthy: { on: ['pool'], schema: UnhealthySchema }
}

/** Where the types are from that only TypeScript can say. */
export const sources = { './callbacks.js': ['BodyPredicate', 'HealthCheck'] }
