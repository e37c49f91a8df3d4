import type { VariableKind } from './variable.js'

/**
 * Where a template's value goes. `field`: into a header field. `parameter`: into a query, a cookie or a URL, where it must
 * stay one value, so that it is percent-encoded. `json`: into a JSON string, as text.
 */
export type Target = 'field' | 'parameter' | 'json'

/** Makes what a variable has said fit to stand where it goes; `''` for what cannot. */
export type Encode = (value: string) => string

/** How a variable of this kind is encoded; `null` for as it is. */
export function encodingOf(kind: VariableKind, target: Target): Encode | null {
  if (kind === 'safe') return null
  if (target === 'json') return kind === 'wire' ? utf8Of : null
  if (target === 'parameter') return kind === 'wire' ? (value) => encodeText(utf8Of(value)) : encodeText
  return kind === 'wire' ? null : fieldText
}

/**
 * Text as the bytes of a header field, a character each: UTF-8 beyond ASCII. `''` where it has a control character, such as
 * the CR and LF that would begin another field (RFC 9110, section 5.5).
 */
export function fieldText(value: string): string {
  let ascii = true
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return ''
    if (code > 0x7f) ascii = false
  }
  return ascii ? value : Buffer.from(value, 'utf8').toString('latin1')
}

// Half a surrogate pair is no character.
function encodeText(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    return ''
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

// Bytes that are UTF-8, as nearly all are, are that text.
function utf8Of(value: string): string {
  try {
    return UTF8.decode(Buffer.from(value, 'latin1'))
  } catch {
    return value
  }
}
