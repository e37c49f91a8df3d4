import type { JsonObject } from '../tokens/strict-json.js'
import { TokenProblem } from '../tokens/token-problem.js'
import type { JwtAlgorithm } from './algorithms.js'

/** What a token's header must say. */
export interface HeaderRules {
  readonly algorithms: ReadonlySet<string>
  /** Values of `typ` in lower case, without `application/`; `''` for none. */
  readonly types: ReadonlySet<string>
}

/** What is taken from a token's header: nothing else in it has an effect. */
export interface HeaderFacts {
  readonly algorithm: JwtAlgorithm
  /** Which key it says it is signed with; `null` when it does not say. */
  readonly kid: string | null
}

/** Longest `kid` that is looked up. */
const MOST_KID = 1_024

/**
 * Checks the header of a token (RFC 7515, section 4.1; RFC 8725). Extensions that must be understood (`crit`) are refused, as
 * none is; keys that a token brings or points to (`jwk`, `jku`, `x5u`, `x5c`) are not looked at. Throws a {@link TokenProblem}.
 */
export function checkHeader(header: JsonObject, { algorithms, types }: HeaderRules): HeaderFacts {
  const { alg, kid = null, typ = '', cty } = header
  if (typeof alg !== 'string' || !algorithms.has(alg))
    throw new TokenProblem('its algorithm is none of those allowed')
  if (header.crit !== undefined) throw new TokenProblem('its header has an extension that must be understood')
  if (header.b64 !== undefined) throw new TokenProblem("its header has 'b64', which tokens must not have")
  if (typeof typ !== 'string' || !types.has(mediaType(typ)))
    throw new TokenProblem('its type is none of those allowed')
  if (cty !== undefined && (typeof cty !== 'string' || mediaType(cty) === 'jwt'))
    throw new TokenProblem('it is a token within a token')
  if (kid !== null && (typeof kid !== 'string' || kid.length > MOST_KID))
    throw new TokenProblem('its key id is no text of usual length')
  return { algorithm: alg as JwtAlgorithm, kid }
}

/** A media type as it is compared: in lower case, `application/` left out (RFC 7515, section 4.1.9). */
export function mediaType(name: string): string {
  return name.toLowerCase().replace(/^application\/(?=[^/]+$)/, '')
}
