/** What one limit is asked for. */
export interface RateLimitRequest {
  /** What is counted together: the limit, and whom it counts. */
  readonly key: string
  readonly algorithm: 'token-bucket' | 'fixed-window' | 'sliding-window'
  /** What the bucket holds, or what a window admits. */
  readonly capacity: number
  /** Milliseconds in which a token comes back, or the length of a window. */
  readonly intervalMs: number
  /** What is taken when the request is admitted; from 0. */
  readonly cost: number
  /** What must be there for it to be admitted; at least the cost. */
  readonly asks: number
  /** Whether it refuses; one that only observes does not stand in the others' way. */
  readonly enforces: boolean
}

/** How a limit answers. */
export interface RateLimitState {
  /** Milliseconds until it would admit; 0 where it does, `Infinity` for never. */
  readonly waitMs: number
  /** What is left afterwards, a whole number from 0. */
  readonly left: number
  /** Milliseconds until all of the limit is there again. */
  readonly resetMs: number
}

/**
 * Counts for several processes. Both calls must be atomic: requests of all processes are counted one after another. The
 * limiter bounds how long it waits for them, and answers without the store while it fails.
 */
export interface RateLimitStore {
  /**
   * Asks all limits of a request, in order. If one that enforces refuses, nothing is taken; else every limit that admits the
   * request takes its cost. Rejects when the store cannot be reached.
   */
  take(requests: readonly RateLimitRequest[]): Promise<readonly RateLimitState[]>
  /** Takes the costs whatever is left: what a request turned out to cost. */
  charge(requests: readonly RateLimitRequest[]): Promise<void>
}
