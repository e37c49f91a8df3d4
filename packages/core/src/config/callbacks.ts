/** What a checker of a user's own finds. */
export type ProbeResult = 'healthy' | 'degraded' | 'unhealthy'

/**
 * A checker of a user's own; `true` says healthy, `false` unhealthy. Throwing, taking longer than `timeout`, and
 * anything else that it returns count as unhealthy; the last is warned of once.
 */
export type HealthCheck = (
  endpoint: { readonly url: string },
  signal: AbortSignal
) => Promise<ProbeResult | boolean>

/** Looks at the body of a probe's answer, at most its first 64 KiB. Anything but `true` says unhealthy. */
export type BodyPredicate = (body: string) => boolean

/** What a source of a user's own yields: the whole list of endpoints, each time it has changed. */
export type DiscoveredEndpoints = readonly (
  | string
  | { readonly url: string; readonly weight?: number; readonly authority?: string }
)[]

/** A source of a user's own. It ends when `signal` is aborted. Throwing keeps what there is; it is then asked again. */
export type DiscoverySource = (signal: AbortSignal) => AsyncIterable<DiscoveredEndpoints>

/** Where access-log lines go: anything with `write`, such as a Writable or `process.stdout`. */
export interface LogSink {
  write(line: string): unknown
}
