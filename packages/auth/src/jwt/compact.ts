import { type Json, type JsonObject, parseStrictJson } from '../tokens/strict-json.js'
import { TokenProblem } from '../tokens/token-problem.js'

/** A token that has been taken apart; nothing of it is verified. */
export interface ReadToken {
  readonly header: JsonObject
  readonly claims: JsonObject
}

/** Three parts of the alphabet of base64url without padding (RFC 7515, section 7.1). */
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Takes a signed token in compact form apart (RFC 7515), strictly: three parts that are not empty, in the one spelling
 * that base64url has for their bytes, header and claims UTF-8 and objects of {@link parseStrictJson}. Throws a {@link TokenProblem}.
 */
export function readToken(token: string, maxBytes: number): ReadToken {
  if (token.length > maxBytes) throw new TokenProblem(`it is longer than ${maxBytes} bytes`)
  const [, header, claims, signature] = COMPACT.exec(token) ?? []
  if (header === undefined || claims === undefined || signature === undefined)
    throw new TokenProblem('it is no signed token in compact form')
  bytesOf(signature, 'signature')
  return { header: objectOf(header, 'header'), claims: objectOf(claims, 'payload') }
}

function bytesOf(part: string, what: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  // The same bytes spelled otherwise would be another token to whoever compares tokens.
  if (bytes.toString('base64url') !== part) throw new TokenProblem(`its ${what} is no canonical base64url`)
  return bytes
}

function objectOf(part: string, what: string): JsonObject {
  const bytes = bytesOf(part, what)
  let text: string
  try {
    text = UTF8.decode(bytes)
  } catch {
    throw new TokenProblem(`its ${what} is no UTF-8`)
  }
  let value: Json
  try {
    value = parseStrictJson(text)
  } catch (error) {
    throw new TokenProblem(`its ${what} is no JSON object: ${(error as SyntaxError).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TokenProblem(`its ${what} is no JSON object`)
  return value as JsonObject
}
