import type { Bucket } from './algorithms.js'
import type { RateLimit } from './rate-limit.js'

/** A limit that a request was counted by. */
export interface Counted {
  readonly limit: RateLimit
  readonly bucket: Bucket
}

/**
 * `RateLimit-Policy` of limits (draft-ietf-httpapi-ratelimit-headers-10): a List of Strings with parameters. Names have no
 * character that a String would have to escape. `''` where none shows itself so.
 */
export function policyField(limits: readonly RateLimit[]): string {
  return limits
    .filter((limit) => shows(limit, 'draft'))
    .map(({ settings: { name, quota, seconds } }) => `"${name}";q=${quota};w=${whole(seconds)}`)
    .join(', ')
}

/** `RateLimit`, what is left of those limits; `''` for none. */
export function stateField(counted: readonly Counted[], now: number): string {
  let field = ''
  for (const { limit, bucket } of counted) {
    if (!shows(limit, 'draft')) continue
    const { algorithm, settings } = limit
    if (field !== '') field += ', '
    field += `"${settings.name}";r=${algorithm.left(bucket, now)};t=${whole(algorithm.reset(bucket, now) / 1_000)}`
  }
  return field
}

/** The fields that came before the draft; of several limits those of the one with the least left. */
export function legacyFields(counted: readonly Counted[], now: number): [name: string, value: string][] {
  const [first] = counted
    .filter(({ limit }) => shows(limit, 'legacy'))
    .map(({ limit, bucket }) => ({ limit, bucket, left: limit.algorithm.left(bucket, now) }))
    .toSorted((one, other) => one.left - other.left)
  if (first === undefined) return []
  const { limit, bucket, left } = first
  return [
    ['x-ratelimit-limit', String(limit.settings.quota)],
    ['x-ratelimit-remaining', String(left)],
    ['x-ratelimit-reset', String(whole(limit.algorithm.reset(bucket, now) / 1_000))]
  ]
}

/** Whether responses tell a limit in this way. */
export function shows({ settings: { headers, observe } }: RateLimit, how: 'draft' | 'legacy'): boolean {
  return headers === how && !observe
}

function whole(seconds: number): number {
  return seconds > 0 ? Math.max(1, Math.ceil(seconds - 1e-6)) : 0
}
