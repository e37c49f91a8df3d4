import type { ByteReader } from './byte-reader.js'

/** A header or trailer field, name and value as they stand on the wire, without the white space around the value. */
export type Field = readonly [name: string, value: string]

/** A message breaks the grammar of HTTP/1.1 (RFC 9112). */
export class MalformedMessageError extends Error {
  constructor(rule: string, found: string) {
    super(`${rule}, but found ${JSON.stringify(found)}`)
    this.name = 'MalformedMessageError'
  }
}

/** Lines up to an empty one, and the fields in them. */
export interface FieldSection {
  /** Each line as received, with its line end, the empty line included. */
  readonly raw: string
  readonly fields: readonly Field[]
}

// RFC 9110, section 5.5: visible characters, spaces, tabs and bytes above 127.
const FIELD = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\r\n$/

/** Reads a field section strictly: CRLF only, no folded lines, no space before the colon. */
export async function readFields(reader: ByteReader): Promise<FieldSection> {
  const fields: Field[] = []
  let raw = ''
  for (;;) {
    const line = await reader.line()
    raw += line
    if (line === '\r\n') return { raw, fields }
    const match = FIELD.exec(line)
    if (match === null) throw new MalformedMessageError('a field must be "name: value" and CRLF', line)
    fields.push([match[1] as string, match[2] as string])
  }
}

/** All values of a field, in order; the name in any case. */
export function valuesOf(fields: readonly Field[], name: string): string[] {
  const wanted = name.toLowerCase()
  return fields.filter(([other]) => other.toLowerCase() === wanted).map(([, value]) => value)
}
