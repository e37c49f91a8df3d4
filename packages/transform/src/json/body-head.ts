import { codingsOf, isUtf8Charset, type JsonKind, jsonKindOf, mediaTypeOf } from '@gatewright/core'
import type { Direction } from '../template/variables.js'
import { broken } from './problem.js'

/** What the fields say of a body of JSON. */
export interface BodyHead {
  readonly kind: JsonKind
  /** Content codings, in the order in which they were applied. */
  readonly codings: readonly string[]
}

/**
 * What the fields say of a body; `null` for one that holds no JSON. Throws a `GatewayError` for JSON that is not in UTF-8, or is one of several media types, and
 * `CodingError` for a coding that cannot be taken off.
 */
export function bodyHead(
  contentType: string,
  contentEncoding: string,
  direction: Direction
): BodyHead | null {
  const kind = jsonKindOf(contentType)
  if (kind === null) {
    if (hasSeveral(contentType)) throw broken(direction, 'several media types, one of them that of JSON')
    return null
  }
  const media = mediaTypeOf(contentType)
  if (!isUtf8Charset(media)) throw broken(direction, `JSON in the charset '${media.charset}'`)
  return { kind, codings: contentEncoding === '' ? [] : codingsOf(contentEncoding) }
}

// Some readers take the first, some the last, and some none.
function hasSeveral(contentType: string): boolean {
  return contentType.includes(',') && contentType.split(',').some((one) => jsonKindOf(one) !== null)
}
