import { isUtf8 } from 'node:buffer'

/** Why bytes are no JSON text. The message says what is wrong with them, and never shows any of them. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError'
}

/**
 * The text of JSON bytes, without a byte order mark (RFC 8259, section 8.1). Throws {@link JsonTextError} for what is not
 * UTF-8: bytes that are replaced in silence would be other values.
 */
export function jsonText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new JsonTextError('it is not UTF-8')
  return bytes.toString('utf8', hasMark(bytes) ? 3 : 0)
}

function hasMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

/**
 * The value of a JSON text. Throws {@link JsonTextError} without what V8 would quote from it: bodies hold secrets. A member
 * `__proto__` is a plain member of its object, and reaches no prototype.
 */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonTextError(text.trim() === '' ? 'it is empty' : 'it is not JSON')
  }
}
