import { closed, duration, limit, percent } from '@gatewright/core/terms'
import { Type } from 'typebox'

const MetricsSchema = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        enabled: Type.Optional(Type.Boolean({ description: 'Default true.' })),
        path: Type.Optional(
          Type.String({
            pattern: '^/[\\w./~-]*$',
            rule: "a path such as '/metrics', of letters, digits and ./~_-",
            description: 'Where they are served. Default /metrics.'
          })
        ),
        listener: Type.Optional(
          Type.Union([Type.Literal('probes'), Type.Literal('app')], {
            description:
              "On the probe listener, which is then started ('probes', the default with createGateway), or beside the app's own routes ('app', the default of the plugin). Danger of app: whoever reaches the gateway reads them; see `requireToken`."
          })
        ),
        requireToken: Type.Optional(
          Type.Boolean({
            description: 'Ask for `Authorization: Bearer <token>`; 401 without it. Default false.'
          })
        ),
        tokenEnv: Type.Optional(
          Type.String({
            minLength: 1,
            description:
              'The environment variable with the token, read at the start. Default GW_METRICS_TOKEN.'
          })
        ),
        maxLabelValues: Type.Optional(
          limit('Values that one label has at one time; others are counted as `other`. Default 2000.', 1)
        ),
        buckets: Type.Optional(
          Type.Array(Type.Number({ exclusiveMinimum: 0 }), {
            minItems: 1,
            maxItems: 100,
            description:
              'Upper ends of the buckets of durations, in seconds, growing. Default: 17 from 0.001 to 60.'
          })
        ),
        slo: Type.Optional(
          Type.Object(
            {
              availability: Type.Optional(
                percent(
                  'Share of requests that must not end with a status of 500 and above, or break off. Default 99.9.',
                  1
                )
              ),
              latency: Type.Optional(
                duration(
                  'What the head of an answer may take; the rest may go on, as streams do. Default 500ms. The nearest bucket above it counts.'
                )
              ),
              latencyPercent: Type.Optional(
                percent('Share of requests whose head must not take longer than `latency`. Default 99.', 1)
              )
            },
            {
              ...closed,
              title: 'ObjectivesConfig',
              description: 'Objectives of the generated alerts and of the dashboard.'
            }
          )
        ),
        process: Type.Optional(
          Type.Boolean({
            description: "Metrics of the process and its event loop (prom-client's). Default true."
          })
        )
      },
      { ...closed, title: 'MetricsOptions', description: 'Metrics for Prometheus.' }
    )
  ],
  { title: 'MetricsConfig', description: 'Metrics for Prometheus. Default false.' }
)

/** What this package adds to the configuration. */
export const keys = { metrics: { on: ['gateway'], schema: MetricsSchema } }
