import {
  CodingError,
  codingsOf,
  decodeBody,
  isUtf8Charset,
  JsonTextError,
  jsonKindOf,
  jsonText,
  mediaTypeOf,
  parseJsonText,
  repeatedName
} from '@gatewright/core'
import type { CompiledSchema } from './compiler.js'
import { type Invalid, type Part, problemsOf } from './invalid.js'

/** Most bytes that a decoder may make of one: beyond that it is an attack. */
const MOST_RATIO = 100

/** A body as it was sent. */
export interface SentBody {
  readonly part: Part
  readonly contentType: string
  readonly contentEncoding: string
  readonly bytes: Buffer
}

/** What a body is held against. */
export interface BodyRules {
  readonly schema: CompiledSchema
  readonly maxBytes: number
  readonly maxErrors: number
}

/** Why the media type of a body is not that of JSON; `null` when it is. */
export function mediaProblem(part: Part, contentType: string): Invalid | null {
  if (jsonKindOf(contentType) !== 'json')
    return { in: part, pointer: '', detail: 'must have the media type application/json' }
  return isUtf8Charset(mediaTypeOf(contentType)) ? null : { in: part, pointer: '', detail: 'must be UTF-8' }
}

/**
 * What is wrong with a body whose media type is that of JSON; empty for nothing, and `'too-large'` for one that is larger
 * than it may be, once decoded.
 */
export async function problemsOfBody(
  { part, contentEncoding, bytes }: SentBody,
  { schema, maxBytes, maxErrors }: BodyRules
): Promise<readonly Invalid[] | 'too-large'> {
  if (bytes.length > maxBytes) return 'too-large'
  try {
    const codings = contentEncoding === '' ? [] : codingsOf(contentEncoding)
    const plain =
      codings.length === 0 ? bytes : await decodeBody(bytes, codings, { maxBytes, maxRatio: MOST_RATIO })
    const text = jsonText(plain)
    const value = parseJsonText(text)
    // Whoever reads the other one sees a value that was not checked.
    if (part === 'body' && repeatedName(text) !== null)
      return [{ in: part, pointer: '', detail: 'has an object in which a name stands twice' }]
    return problemsOf(part, schema, value, plain.length, maxErrors)
  } catch (error) {
    if (error instanceof JsonTextError)
      return [{ in: part, pointer: '', detail: error.message.replace(/^it /, '') }]
    if (!(error instanceof CodingError)) throw error
    if (error.problem === 'too-large') return 'too-large'
    const detail =
      error.problem === 'unknown' ? 'has a content coding that is not known' : 'is not in its content coding'
    return [{ in: part, pointer: '', detail }]
  }
}
