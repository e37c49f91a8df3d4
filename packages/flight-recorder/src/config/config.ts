// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Keeps how the last requests went, for `why(requestId)`. No bodies, no header values. Default false. */
    flightRecorder?: FlightRecorderConfig
  }
}

/** Keeps how the last requests went, for `why(requestId)`. No bodies, no header values. Default false. */
export type FlightRecorderConfig = boolean | FlightRecorderOptions

/** What is kept. */
export interface FlightRecorderOptions {
  /** How many of the last requests are kept, up to 1000000. Default 500. A whole number, 1 to 1000000. */
  recent?: number
  /** How many of the last requests are kept beside them that failed (a status of 500 and above, a reason or a fallback) or saw a breaker trip. Default 500. A whole number, 1 to 1000000. */
  failures?: number
}
