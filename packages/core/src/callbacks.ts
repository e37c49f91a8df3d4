/** What a checker of a user's own finds. */
export type ProbeResult = 'healthy' | 'degraded' | 'unhealthy'

/** A checker of a user's own. Throwing, or taking longer than `timeout`, counts as unhealthy. */
export type HealthCheck = (endpoint: { readonly url: string }, signal: AbortSignal) => Promise<ProbeResult>

/** Looks at the body of a probe's answer, at most its first 64 KiB. */
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
