import type { Counted } from './counted.js'
import type { RateLimit } from './rate-limit.js'

/**
 * `RateLimit-Policy` of limits (draft-ietf-httpapi-ratelimit-headers-10): a List of Strings with parameters. Names have no
 * character that a String would have to escape. `''` where none shows itself so.
 */
export function policyField(limits: readonly RateLimit[]): string {
  return limits
    .filter((limit) => shows(limit, 'draft'))
    .map(({ settings: { name, quota, seconds, concurrent, unit } }) => {
      const window = concurrent ? '' : `;w=${whole(seconds)}`
      return `"${name}";q=${quota}${window}${unit === 'requests' ? '' : `;qu="${unit}"`}`
    })
    .join(', ')
}

/** `RateLimit`, what is left of those limits; `''` for none. */
export function stateField(counted: readonly Counted[]): string {
  let field = ''
  for (const { limit, left, reset } of counted) {
    if (!shows(limit, 'draft')) continue
    const { name, concurrent } = limit.settings
    if (field !== '') field += ', '
    field += concurrent ? `"${name}";r=${left}` : `"${name}";r=${left};t=${whole(reset / 1_000)}`
  }
  return field
}

/** The fields that came before the draft; of several limits those of the one with the least left. */
export function legacyFields(counted: readonly Counted[]): [name: string, value: string][] {
  const [first] = counted
    .filter(({ limit }) => shows(limit, 'legacy'))
    .toSorted((one, other) => one.left - other.left)
  if (first === undefined) return []
  return [
    ['x-ratelimit-limit', String(first.limit.settings.quota)],
    ['x-ratelimit-remaining', String(first.left)],
    ['x-ratelimit-reset', String(whole(first.reset / 1_000))]
  ]
}

/** Whether responses tell a limit in this way. */
export function shows({ settings: { headers, observe } }: RateLimit, how: 'draft' | 'legacy'): boolean {
  return headers === how && !observe
}

function whole(seconds: number): number {
  return seconds > 0 ? Math.max(1, Math.ceil(seconds - 1e-6)) : 0
}
