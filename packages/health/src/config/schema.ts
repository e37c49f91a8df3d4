import { closed, duration, limit, mode, percent, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const STATUSES = '^[2-5]\\d\\d(-[2-5]\\d\\d)?(,[2-5]\\d\\d(-[2-5]\\d\\d)?)*$'

const HealthSchema = Type.Object(
  {
    protocol: Type.Optional(
      Type.Union([Type.Literal('http'), Type.Literal('tcp'), Type.Literal('grpc')], {
        description:
          "'http' (default) sends a request, 'tcp' only connects, 'grpc' calls the gRPC health service (grpc.health.v1)."
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
          "Header fields of an HTTP probe. `Host` defaults to the endpoint's authority, as in forwarded requests; it must not be empty."
      })
    ),
    service: Type.Optional(
      Type.String({ description: "The service name in a gRPC probe. Default '': the whole server." })
    ),
    interval: Type.Optional(
      duration('Time between two probes of an endpoint. Default 10s.', { least: '10ms' })
    ),
    timeout: Type.Optional(duration('Time for a whole probe. Default 2s. Exceeded: the probe fails.')),
    fastInterval: Type.Optional(
      duration(
        'Time between probes while the health state is about to change. Default 1s, or interval if shorter.',
        {
          least: '10ms'
        }
      )
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
        description: 'Statuses that mean degraded: used, but other endpoints are preferred. Default: none.'
      })
    ),
    expectedBody: Type.Optional(
      typed('string | BodyPredicate', {
        description:
          'Text that the body must contain, or in code a predicate of the body. Default: any body passes.'
      })
    ),
    healthyThreshold: Type.Optional(
      limit('Consecutive passing probes after which an unhealthy endpoint is healthy again. Default 2.', 1)
    ),
    unhealthyThreshold: Type.Optional(
      limit('Consecutive failed probes after which an endpoint is unhealthy. Default 3.', 1)
    ),
    concurrency: Type.Optional(
      limit(
        'Maximum number of concurrent probes of this pool. A probe without a response for 250 ms, or less in a large pool, no longer counts against this limit, so that hanging endpoints do not delay the probes of others. Default 8.',
        1
      )
    ),
    probeFirst: Type.Optional(
      Type.Boolean({
        description:
          'Whether endpoints of the configuration are probed once before they get traffic: at the start, and before a change takes effect. One that fails is unhealthy until `healthyThreshold` probes pass. All of it takes `timeout` at most; endpoints that were not probed by then are unknown, and get traffic. Default false.'
      })
    ),
    check: Type.Optional(
      typed('HealthCheck', {
        description:
          "Your own health check instead of a probe: `async ({ url }, signal) => …`, which returns 'healthy', 'degraded', 'unhealthy', or a boolean (`true` is healthy). Throwing, exceeding `timeout`, or returning anything else counts as unhealthy; an invalid result is logged once as a warning. Code only."
      })
    )
  },
  { ...closed, title: 'HealthConfig', description: 'Active probes of every endpoint. Default: none.' }
)

const OutlierObject = Type.Object(
  {
    mode: Type.Optional(mode),
    consecutiveErrors: Type.Optional(
      limit('Consecutive faults (5xx, or no response) after which an endpoint is ejected. Default 5; 0: off.')
    ),
    consecutiveGatewayErrors: Type.Optional(
      limit('Consecutive 502, 503 and 504 responses after which an endpoint is ejected. Default 0: off.')
    ),
    consecutiveLocalErrors: Type.Optional(
      limit(
        'Consecutive attempts without a response (refused, reset, timed out) after which an endpoint is ejected; also requests that got no connection while the endpoint sent no response. Default 5; 0: off.'
      )
    ),
    errorRatePercent: Type.Optional(
      percent('Percentage of faults within a window at which an endpoint is ejected. Default 0: off.')
    ),
    latencyFactor: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          'An endpoint is ejected when its median latency is at least this many times the median of its peers in two consecutive windows. Default 0: off.'
      })
    ),
    minRequests: Type.Optional(
      limit(
        'Fewest attempts at an endpoint within a window for its error rate and latency to be evaluated. Default 20.',
        1
      )
    ),
    window: Type.Optional(
      duration('Length of the window for error rate and latency. Default 10s.', { least: '10ms' })
    ),
    ejection: Type.Optional(
      duration(
        'Duration of the first ejection; the next ones last two, three, … times as long. Default 30s.',
        {
          least: '10ms'
        }
      )
    ),
    maxEjection: Type.Optional(duration('Longest ejection. Default 5m.', { least: '10ms' })),
    maxEjectionPercent: Type.Optional(
      percent(
        'Maximum percentage of the endpoints of a pool that are ejected at once; the last one never is. Default 50.'
      )
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
    window: duration('Time in which a new or recovered endpoint ramps up to its full weight.', {
      least: '10ms'
    }),
    aggression: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description:
          'Shape of the ramp: 1 (default) is linear; a higher value increases traffic faster at the beginning.'
      })
    ),
    minWeightPercent: Type.Optional(
      percent('Percentage of the weight at which the ramp begins. Default 10.', 1)
    )
  },
  {
    ...closed,
    title: 'SlowStartConfig',
    description: 'New and recovered endpoints get less traffic at first. Default: full weight at once.'
  }
)

const UnhealthySchema = Type.Object(
  {
    policy: Type.Optional(
      Type.Union([Type.Literal('trickle'), Type.Literal('all'), Type.Literal('none')], {
        description:
          "When no endpoint is usable: 'trickle' (default) forwards one request per second, to any endpoint; 'all' uses all endpoints; 'none' responds 503 no_endpoint."
      })
    ),
    panicThresholdPercent: Type.Optional(
      percent(
        "With policy 'all': use all endpoints when fewer than this percentage are usable (panic mode). Default 0: only when none is usable."
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

/** Imports of the types that JSON Schema cannot express. */
export const sources = { './callbacks.js': ['BodyPredicate', 'HealthCheck'] }
