import type { ByteReader } from './byte-reader.js'
import { type Field, MalformedMessageError, readFields, valuesOf } from './fields.js'

/** How the end of a body is known: there is none, `Content-Length`, chunked coding, or the end of the connection. */
export type Framing = 'none' | 'sized' | 'chunked' | 'close'

/** What the framing fields of a message say; `length` is meaningful for `sized` alone. */
export interface Framed {
  readonly framing: 'none' | 'sized' | 'chunked'
  readonly length: number
}

/** Reads `Content-Length` and `Transfer-Encoding` strictly: at most one of them, once, and in its plainest form. */
export function framingOf(fields: readonly Field[]): Framed {
  const lengths = valuesOf(fields, 'content-length')
  const codings = valuesOf(fields, 'transfer-encoding')
  const found = [...lengths, ...codings].join(', ')
  if (lengths.length + codings.length > 1)
    throw new MalformedMessageError('the body must be framed once', found)
  if (codings.length === 1) {
    if (codings[0]?.toLowerCase() !== 'chunked')
      throw new MalformedMessageError("Transfer-Encoding must be 'chunked'", found)
    return { framing: 'chunked', length: 0 }
  }
  if (lengths.length === 0) return { framing: 'none', length: 0 }
  if (!/^\d{1,15}$/.test(found)) throw new MalformedMessageError('Content-Length must be a number', found)
  return { framing: 'sized', length: Number(found) }
}

/** Reads `length` bytes. */
export async function readSized(
  reader: ByteReader,
  length: number,
  onPiece: (piece: Buffer) => void
): Promise<void> {
  for (let left = length; left > 0; ) {
    const piece = await reader.some(left)
    left -= piece.length
    onPiece(piece)
  }
}

/** Reads a chunked body without extensions (RFC 9112, section 7.1) and returns its trailers. */
export async function readChunked(
  reader: ByteReader,
  onPiece: (piece: Buffer) => void
): Promise<readonly Field[]> {
  for (;;) {
    const line = await reader.line()
    if (!/^[0-9A-Fa-f]{1,12}\r\n$/.test(line))
      throw new MalformedMessageError('a chunk must begin with its size in hexadecimal and CRLF', line)
    const size = Number.parseInt(line, 16)
    if (size === 0) return (await readFields(reader)).fields
    await readSized(reader, size, onPiece)
    const end = await reader.line()
    if (end !== '\r\n') throw new MalformedMessageError('a chunk must end with CRLF', end)
  }
}
