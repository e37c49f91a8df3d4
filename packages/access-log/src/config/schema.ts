import { closed, duration, percent, size, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const FIELD_NAME = "^[a-z0-9!#$%&'*+.^_`|~-]+$"

const AccessLogSchema = Type.Union(
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

/** What this package adds to the configuration. */
export const keys = { accessLog: { on: ['gateway'], schema: AccessLogSchema } }

/** Where the types are from that only TypeScript can say. */
export const sources = { './log-sink.js': ['LogSink'] }
