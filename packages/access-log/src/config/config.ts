// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration, Size } from '@gatewright/core'
import type { LogSink } from './log-sink.js'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** One line per request. Default: true with createGateway, else false. */
    accessLog?: AccessLogConfig
  }
}

/** One line per request. Default: true with createGateway, else false. */
export type AccessLogConfig = boolean | AccessLogOptions

/** One line per request. */
export interface AccessLogOptions {
  /** 'json' (default) or 'pretty', a coloured line for people. */
  format?: 'json' | 'pretty'
  /** A path to append to (made with mode 0644), or an object with write(line), such as a Writable (code only). Default: standard output. */
  destination?: string | LogSink
  /** Share of the requests that went well that is logged, drawn by request id. Errors (a status of 400 and above, or a reason) and answers of a fallback are always logged. Default 100. A number, 0 to 100. */
  successes?: number
  /** Requests that took this long or longer are always logged. Default: no limit. 1ms to 596h; 0ms: all are. */
  slow?: Duration
  /** Log the query string, the values of `redactQuery` as ***. Default false. */
  query?: boolean
  /** Query keys whose values are logged as ***, in any letter case and encoding, beside those that usually hold secrets: names that end in token, secret, password, pass, pwd, otp, auth, bearer, credential, assertion, jwt, SAMLResponse, sid, session, signature, sig, api_key and the like, and code, key, pin and ticket. */
  redactQuery?: readonly string[]
  /** Request headers to log, in lower case. Default: none. */
  headers?: readonly string[]
  /** Headers of `headers` whose values are logged as ***, beside those that usually hold secrets, by the same endings as the keys of `redactQuery`: authorization, cookie, x-auth-token, x-api-key and the like. In other headers, values of such keys in the queries of URLs are *** too. */
  redactHeaders?: readonly string[]
  /** Lines waiting for a slow destination, from 16KiB. Default 1MiB. Exceeded: lines are dropped and counted; a request never waits. */
  maxBuffer?: Size
}
