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
