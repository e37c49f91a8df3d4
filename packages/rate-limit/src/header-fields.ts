import type { RateLimitSettings } from './settings.js'

/** What a response tells of one limit. */
export interface LimitState {
  readonly settings: RateLimitSettings
  readonly left: number
  /** Milliseconds until all of it is there again. */
  readonly reset: number
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): Lists of Strings with parameters. Names have
 * no character that a String would have to escape.
 */
export function draftFields(limits: readonly LimitState[]): [name: string, value: string][] {
  const policies = limits.map(
    ({ settings: { name, quota, seconds } }) => `"${name}";q=${quota};w=${whole(seconds)}`
  )
  const states = limits.map(
    ({ settings: { name }, left, reset }) => `"${name}";r=${left};t=${whole(reset / 1_000)}`
  )
  return [
    ['ratelimit-policy', policies.join(', ')],
    ['ratelimit', states.join(', ')]
  ]
}

/** The fields that came before the draft; of several limits those of the one with the least left. */
export function legacyFields(limits: readonly LimitState[]): [name: string, value: string][] {
  const [first] = limits.toSorted((one, other) => one.left - other.left)
  if (first === undefined) return []
  return [
    ['x-ratelimit-limit', String(first.settings.quota)],
    ['x-ratelimit-remaining', String(first.left)],
    ['x-ratelimit-reset', String(whole(first.reset / 1_000))]
  ]
}

function whole(seconds: number): number {
  return Math.max(seconds > 0 ? 1 : 0, Math.ceil(seconds - 1e-6))
}
