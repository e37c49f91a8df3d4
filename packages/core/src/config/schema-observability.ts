import { Type } from 'typebox'
import { closed, duration, limit, percent, size, typed } from './terms.js'

const FIELD_NAME = "^[a-z0-9!#$%&'*+.^_`|~-]+$"

/** One line per request (`accessLog`). */
export const AccessLogSchema = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        format: Type.Optional(
          Type.Union([Type.Literal('json'), Type.Literal('pretty')], {
            description: "'json' (default) or 'pretty', a coloured line for people."
          })
        ),
        destination: Type.Optional(
          typed('string | LogSink', {
            description:
              'A path to append to (made with mode 0644), or an object with write(line), such as a Writable (code only). Default: standard output.'
          })
        ),
        successes: Type.Optional(
          percent(
            'Share of the requests that went well that is logged, drawn by request id. Errors (a status of 400 and above, or a reason) and answers of a fallback are always logged. Default 100.'
          )
        ),
        slow: Type.Optional(
          duration('Requests that took this long or longer are always logged. Default: no limit.', {
            zero: 'all are'
          })
        ),
        query: Type.Optional(
          Type.Boolean({
            description: 'Log the query string, the values of `redactQuery` as ***. Default false.'
          })
        ),
        redactQuery: Type.Optional(
          Type.Array(Type.String({ minLength: 1 }), {
            description:
              'Query keys whose values are logged as ***, in any letter case and encoding, beside those that usually hold secrets: names that end in token, secret, password, pass, pwd, otp, auth, bearer, credential, assertion, jwt, SAMLResponse, sid, session, signature, sig, api_key and the like, and code, key, pin and ticket.'
          })
        ),
        headers: Type.Optional(
          Type.Array(
            Type.String({ pattern: FIELD_NAME, rule: "a header name in lower case, such as 'user-agent'" }),
            {
              description: 'Request headers to log, in lower case. Default: none.'
            }
          )
        ),
        redactHeaders: Type.Optional(
          Type.Array(
            Type.String({ pattern: FIELD_NAME, rule: "a header name in lower case, such as 'user-agent'" }),
            {
              description:
                'Headers of `headers` whose values are logged as ***, beside those that usually hold secrets, by the same endings as the keys of `redactQuery`: authorization, cookie, x-auth-token, x-api-key and the like. In other headers, values of such keys in the queries of URLs are *** too.'
            }
          )
        ),
        maxBuffer: Type.Optional(
          size(
            'Lines waiting for a slow destination, from 16KiB. Default 1MiB. Exceeded: lines are dropped and counted; a request never waits.'
          )
        )
      },
      { ...closed, title: 'AccessLogOptions', description: 'One line per request.' }
    )
  ],
  {
    title: 'AccessLogConfig',
    description: 'One line per request. Default: true with createGateway, else false.'
  }
)

/** Metrics for Prometheus (`metrics`). */
export const MetricsSchema = Type.Union(
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

/** What is kept for `gateway.why()` (`flightRecorder`). */
export const FlightRecorderSchema = Type.Union(
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
