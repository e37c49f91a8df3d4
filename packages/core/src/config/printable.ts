// What steers a terminal or a viewer: controls, line separators, changes of direction.
const STEERING = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * Text for logs and terminals, of at most `most` characters (default 2048): what would steer them (control
 * characters, line separators, changes of direction) is replaced by U+FFFD. Clean text is returned as it is.
 */
export function printable(text: string, most = 2_048): string {
  const short = text.length > most ? `${text.slice(0, most - 1)}…` : text
  return isPlain(short) ? short : short.replace(STEERING, '\ufffd')
}

// Nearly all text is, and looking costs a tenth of replacing nothing.
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}
