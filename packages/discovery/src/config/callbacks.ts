/** What a source of a user's own yields: the whole list of endpoints, each time it has changed. */
export type DiscoveredEndpoints = readonly (
  | string
  | { readonly url: string; readonly weight?: number; readonly authority?: string }
)[]

/** A source of a user's own. It ends when `signal` is aborted. Throwing keeps what there is; it is then asked again. */
export type DiscoverySource = (signal: AbortSignal) => AsyncIterable<DiscoveredEndpoints>
