import type { Json, JsonObject } from '../tokens/strict-json.js'
import type { Validity } from '../tokens/token-cache.js'
import { TokenProblem } from '../tokens/token-problem.js'

/** What a token's claims must say. Times are in milliseconds. */
export interface ClaimRules {
  readonly issuers: ReadonlySet<string>
  /** `null`: whoever it is for. */
  readonly audiences: ReadonlySet<string> | null
  readonly clockSkewMs: number
  /** Claims that must be there beside `exp`. */
  readonly requiredClaims: readonly string[]
  /** Infinite for any. */
  readonly maxLifetimeMs: number
}

/** The last second of the year 9999, which some issuers write for "never"; times in milliseconds are beyond it. */
const LAST_SECOND = 253_402_300_799

/**
 * When a token may be used, the clock skew taken into account. Checks the registered claims (RFC 7519, section 4.1; RFC 8725): issuer, audience and expiry must be there. `nowMs`: milliseconds
 * since the epoch. A token is good until, not at, its expiry and the skew. Throws a {@link TokenProblem}.
 */
export function checkClaims(claims: JsonObject, rules: ClaimRules, nowMs: number): Validity {
  const { clockSkewMs: skew } = rules
  if (typeof claims.iss !== 'string' || !rules.issuers.has(claims.iss))
    throw new TokenProblem('its issuer is another one')
  if (rules.audiences !== null && !isFor(claims.aud, rules.audiences))
    throw new TokenProblem('it is for another audience')
  const exp = timeOf(claims, 'exp')
  if (exp === null) throw new TokenProblem("it has no claim 'exp'")
  for (const name of rules.requiredClaims)
    if (claims[name] === undefined || claims[name] === null)
      throw new TokenProblem(`it has no claim '${name}'`)
  const iat = timeOf(claims, 'iat')
  const fromMs = Math.max(timeOf(claims, 'nbf') ?? 0, iat ?? 0) - skew
  if (exp - (iat ?? nowMs) > rules.maxLifetimeMs) throw new TokenProblem('it is good for too long')
  if (nowMs >= exp + skew) throw new TokenProblem(`it has expired ${seconds(nowMs - exp)} ago`)
  if (nowMs < fromMs) throw new TokenProblem(`it is good only in ${seconds(fromMs + skew - nowMs)}`)
  return { fromMs, untilMs: exp + skew }
}

/** Whether an `aud` (RFC 7519, section 4.1.3) names one of these. */
export function isFor(audience: Json | undefined, audiences: ReadonlySet<string>): boolean {
  if (typeof audience === 'string') return audiences.has(audience)
  if (!Array.isArray(audience)) return false
  const all = audience as readonly Json[]
  return all.every((one) => typeof one === 'string') && all.some((one) => audiences.has(one as string))
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`
}

/** A NumericDate in milliseconds: a number of seconds, never a text (RFC 7519, section 2); `null` for none. Throws a {@link TokenProblem}. */
export function timeOf(claims: JsonObject, name: string): number | null {
  const value = claims[name]
  if (value === undefined) return null
  if (typeof value !== 'number' || value < 0 || value > LAST_SECOND)
    throw new TokenProblem(`its claim '${name}' is no time`)
  return value * 1_000
}
