/** The text of a file in UTF-8, without its byte order mark. Throws an error that goes on after its path: `is no UTF-8`. */
export function decodeText(content: Uint8Array): string {
  const [first = 0, second = 0] = content
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new Error('is UTF-16: save it as UTF-8')
  let text: string
  try {
    text = UTF_8.decode(content)
  } catch {
    throw new Error('is no UTF-8: save it as UTF-8')
  }
  // YAML and JSON have none; where every other byte is one, it is UTF-16 without a mark.
  if (text.includes('\0')) throw new Error('has NUL characters: it is no text, or UTF-16; save it as UTF-8')
  return text
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true })
