const BEYOND_ASCII = /[\x80-\xff]/
const BEYOND_BYTES = /[^\x00-\xff]/
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/**
 * A received header value, decoded for people. Node reads its bytes as Latin-1; those that are UTF-8, as nearly all
 * beyond ASCII are, are read as such. Not made printable.
 */
export function wireText(value: string): string {
  if (!BEYOND_ASCII.test(value) || BEYOND_BYTES.test(value)) return value
  const bytes = Buffer.from(value, 'latin1')
  try {
    return UTF8.decode(bytes)
  } catch {
    return value
  }
}
