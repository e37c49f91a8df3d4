import { isFor, timeOf } from '../jwt/claim-checks.js'
import type { Json, JsonObject } from '../tokens/strict-json.js'
import { TokenProblem } from '../tokens/token-problem.js'

/** What an active token must say beside that. */
export interface IntrospectionRules {
  /** `null`: any. */
  readonly issuers: ReadonlySet<string> | null
  /** `null`: any. */
  readonly audiences: ReadonlySet<string> | null
}

/** An active token. */
export interface ActiveToken {
  readonly claims: JsonObject
  /** When it expires, in milliseconds since the epoch; infinite where the response does not say. */
  readonly expiresMs: number
}

/**
 * Reads a response (RFC 7662, section 2.2): the claims of an active token. Throws a {@link TokenProblem} for one that is not, or
 * not for this service, and an Error where the response is none.
 */
export function readResponse(
  response: Json,
  { issuers, audiences }: IntrospectionRules,
  nowMs: number
): ActiveToken {
  const claims = response as JsonObject
  if (
    typeof response !== 'object' ||
    response === null ||
    Array.isArray(response) ||
    typeof claims.active !== 'boolean'
  )
    throw new Error("the response does not say whether the token is 'active'")
  if (!claims.active) throw new TokenProblem('it is not active')
  if (issuers !== null && !(typeof claims.iss === 'string' && issuers.has(claims.iss)))
    throw new TokenProblem('its issuer is another one')
  if (audiences !== null && !isFor(claims.aud, audiences))
    throw new TokenProblem('it is for another audience')
  const expiresMs = timeOf(claims, 'exp') ?? Number.POSITIVE_INFINITY
  if (nowMs >= expiresMs) throw new TokenProblem('it has expired')
  return { claims, expiresMs }
}
