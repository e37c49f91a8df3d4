import { jsonStringEnd, jsonStringOf } from './json-string.js'

const QUOTE = 0x22

/**
 * The first name that stands twice in one object of a JSON text; `null` for none. Of such a name some readers take the first
 * value and some the last (RFC 8259, section 4). `text` is valid JSON, nested as deeply as it likes.
 */
export function repeatedName(text: string): string | null {
  /** The names of the objects that are open; `null` for an array. */
  const open: (Set<string> | null)[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = jsonStringEnd(text, at)
      const names = open.at(-1)
      if (names && isName(text, end)) {
        const name = jsonStringOf(text.slice(at, end))
        if (names.has(name)) return name
        names.add(name)
      }
      at = end - 1
    } else if (code === 0x7b) open.push(new Set())
    else if (code === 0x5b) open.push(null)
    else if (code === 0x7d || code === 0x5d) open.pop()
  }
  return null
}

// Behind a name comes a colon.
function isName(text: string, end: number): boolean {
  let at = end
  while (text.charCodeAt(at) <= 0x20) at++
  return text.charCodeAt(at) === 0x3a
}
