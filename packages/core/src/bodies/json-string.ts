const BACKSLASH = 0x5c

/** Behind the string that begins at `at` of a valid JSON text. */
export function jsonStringEnd(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end + 1
}

// An odd number of backslashes stands before it.
function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === BACKSLASH) before--
  return (at - before) % 2 === 1
}

/** What a valid JSON string, with its quotes, stands for. */
export function jsonStringOf(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
}
